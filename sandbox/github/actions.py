"""GitHub Actions as far as a dispatch needs it: started, listed, and looked into."""

from __future__ import annotations

import re
from typing import Any

import yaml
from starlette.responses import JSONResponse, Response

from sandbox.github.access import NOT_FOUND, Call, GitHubError
from sandbox.github.runs import Run
from sandbox.github.seed import MAIN

_PUT = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.([\w-]+)\s*\}\}")
_FAILS = re.compile(r"\bexit [1-9]")


async def dispatch(call: Call) -> Response:
    """204 and no more: which run it became has to be found out."""
    ref = call.need("WorkflowDispatch", "ref")
    asked = _declared(call, ref)
    given = {name: str(value) for name, value in (call.body.get("inputs") or {}).items()}
    known = _inputs(asked)
    if strange := sorted(set(given) - set(known)):
        raise GitHubError(422, f'Unexpected inputs provided: ["{strange[0]}"]')
    for name, said in known.items():
        if (said or {}).get("required") and name not in given:
            raise GitHubError(422, f"Required input '{name}' not provided")
    made = Run(
        id=7000 + len(call.state.actions.runs),
        repository=call.place.name,
        workflow=call.request.path_params["workflow"],
        title=_title(asked, given),
        inputs=given,
        at=call.now,
        steps=tuple(_steps(asked)),
    )
    call.state.actions.runs.append(made)
    return Response(status_code=204)


async def runs(call: Call) -> Response:
    """Newest first."""
    workflow = call.request.path_params["workflow"]
    found = [
        each.shown(call.now)
        for each in reversed(call.state.actions.runs)
        if (each.repository, each.workflow) == (call.place.name, workflow)
    ]
    return JSONResponse({"total_count": len(found), "workflow_runs": call.page(found)})


async def jobs(call: Call) -> Response:
    wanted = call.request.path_params["run"]
    for each in call.state.actions.runs:
        if each.id == wanted:
            status, conclusion = each.state(call.now)
            steps = [
                {
                    "name": name,
                    "status": status,
                    "conclusion": conclusion and ("failure" if fails else "success"),
                }
                for name, fails in each.steps
            ]
            job = {"name": "run", "status": status, "conclusion": conclusion, "steps": steps}
            return JSONResponse({"total_count": 1, "jobs": [job]})
    raise GitHubError(*NOT_FOUND)


def _declared(call: Call, ref: str) -> dict[Any, Any]:
    code, workflow = call.place.code, call.request.path_params["workflow"]
    sha = code.resolve(ref or MAIN) if code else None
    if code is None:
        raise GitHubError(*NOT_FOUND)
    if sha is None:
        raise GitHubError(422, f"No ref found for: {ref}")
    text = code.trees[sha].get(f".github/workflows/{workflow}")
    if text is None:
        raise GitHubError(*NOT_FOUND)
    found = yaml.safe_load(text)
    if "workflow_dispatch" not in _on(found):
        raise GitHubError(422, "Workflow does not have 'workflow_dispatch' trigger")
    return dict(found)


def _on(found: dict[Any, Any]) -> dict[str, Any]:
    # YAML 1.1 reads the bare word `on` as true.
    return found.get("on") or found.get(True) or {}


def _inputs(found: dict[Any, Any]) -> dict[str, dict[str, Any]]:
    return (_on(found).get("workflow_dispatch") or {}).get("inputs") or {}


def _title(found: dict[Any, Any], given: dict[str, str]) -> str:
    said = str(found.get("run-name") or found.get("name") or "run")
    return _PUT.sub(lambda put: given.get(put[1], ""), said)


def _steps(found: dict[Any, Any]) -> list[tuple[str, bool]]:
    return [
        (str(step.get("name", "step")), bool(_FAILS.search(str(step.get("run", "")))))
        for job in (found.get("jobs") or {}).values()
        for step in job.get("steps") or ()
    ]
