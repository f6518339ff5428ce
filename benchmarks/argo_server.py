"""An Argo CD of three hundred applications, as large in JSON as real ones; nothing in it moves."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MANY, RELEASES, RESOURCES = 300, 10, 20


def application(number: int) -> dict[str, Any]:
    name = f"service-{number:03}"
    source = {"repoURL": "https://git.example/platform", "path": f"charts/{name}"}
    return {
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": source,
            "syncPolicy": {"automated": {"selfHeal": True}},
        },
        "status": {
            "history": [
                {
                    "id": each,
                    "revision": f"{number:038x}{each:02x}",
                    "deployedAt": f"2026-03-{each + 1:02}T09:00:00Z",
                    "deployStartedAt": f"2026-03-{each + 1:02}T08:59:00Z",
                    "source": source,
                }
                for each in range(RELEASES)
            ],
            "sync": {"status": "Synced", "revision": f"{number:038x}{RELEASES - 1:02x}"},
            "health": {"status": "Healthy"},
            "summary": {"images": [f"registry.example/{name}:r{RELEASES}"]},
            "resources": [
                {
                    "kind": "ConfigMap",
                    "name": f"{name}-{each}",
                    "status": "Synced",
                    "version": "v1",
                }
                for each in range(RESOURCES)
            ],
        },
    }


APPLICATIONS = [application(each) for each in range(MANY)]


async def every(_request: Request) -> Response:
    return JSONResponse({"items": APPLICATIONS})


async def one(request: Request) -> Response:
    return JSONResponse(APPLICATIONS[int(request.path_params["name"].rpartition("-")[2])])


async def version(_request: Request) -> Response:
    return JSONResponse({"Version": "v3.1.0"})


async def metadata(_request: Request) -> Response:
    return JSONResponse({"author": "Ana <ana@example.com>", "message": "a change"})


async def manifests(_request: Request) -> Response:
    return JSONResponse({"manifests": []})


async def resources(_request: Request) -> Response:
    return JSONResponse({"items": []})


ROUTES = [
    Route("/api/version", version),
    Route("/api/v1/applications", every),
    Route("/api/v1/applications/{name}", one),
    Route("/api/v1/applications/{name}/revisions/{sha}/metadata", metadata),
    Route("/api/v1/applications/{name}/manifests", manifests),
    Route("/api/v1/applications/{name}/managed-resources", resources),
]

if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=ROUTES), port=int(sys.argv[1]), log_level="error", access_log=False
    )
