"""Keeps a real bare git repository for the postmortems, and reads its branches and files."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation

FOLDER = "postmortems.git"
MAIN = "main"
README = "# Postmortems\n\nOne file for each incident, under `postmortems/<year>/`.\n"

_PICTURES = (".png",)


@dataclass(kw_only=True)
class GitState:
    """Where the repository is; None until the world has started."""

    path: str | None = None

    def view(self) -> dict[str, Any]:
        """Branches and their files, for the control API and the screens."""
        if self.path is None or not Path(self.path).exists():
            return {"path": self.path, "branches": {}}
        git = Bare(path=Path(self.path))
        return {
            "path": self.path,
            "branches": {
                name: {"sha": sha, "subject": git.subject(sha), "files": git.files(sha)}
                for name, sha in git.branches().items()
            },
        }


@dataclass(frozen=True, kw_only=True)
class Bare:
    """A bare repository, read and written with the real git."""

    path: Path

    def run(self, *arguments: str, said: str | None = None) -> str:
        """One git command; a failure raises with what git printed."""
        return self._ran(arguments, said).decode(errors="replace")

    def _ran(self, arguments: tuple[str, ...], said: str | None = None) -> bytes:
        done = subprocess.run(
            ["git", "-c", "core.quotePath=off", "--git-dir", str(self.path), *arguments],
            input=None if said is None else said.encode(),
            capture_output=True,
            check=True,
            env=_environment(),
        )
        return done.stdout

    def branches(self) -> dict[str, str]:
        listed = self.run("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
        return dict(line.split(" ", 1) for line in listed.splitlines())

    def files(self, ref: str) -> list[str]:
        return self.run("ls-tree", "-r", "--name-only", ref).splitlines()

    def subject(self, ref: str) -> str:
        return self.run("log", "-1", "--format=%s", ref).strip()

    def text(self, ref: str, path: str) -> str | None:
        """A file's content, or None where the tree does not have it."""
        if path not in self.files(ref):
            return None
        return self.run("show", f"{ref}:{path}")

    def content(self, ref: str, path: str) -> bytes | None:
        """A picture's bytes, or None where the tree does not have it."""
        return self._ran(("show", f"{ref}:{path}")) if path in self.files(ref) else None

    def changed(self, base: str, head: str) -> Iterator[tuple[str, str | None, str | None]]:
        """Path, before and after of each text that a branch changed since it left `base`."""
        fork = self.run("merge-base", base, head).strip()
        for path in self.run("diff", "--name-only", fork, head).splitlines():
            if not path.endswith(_PICTURES):
                yield path, self.text(fork, path), self.text(head, path)

    def begin(self) -> None:
        """An empty repository with one commit on main."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.run("init", "--quiet", "--bare", "--initial-branch", MAIN)
        blob = self.run("hash-object", "-w", "--stdin", said=README).strip()
        tree = self.run("mktree", said=f"100644 blob {blob}\tREADME.md\n").strip()
        commit = self.run("commit-tree", tree, "-m", "Begin the postmortems").strip()
        self.run("update-ref", f"refs/heads/{MAIN}", commit)


def _environment() -> dict[str, str]:
    # A fixed identity, and nothing from the git configuration of whoever runs the demo.
    identity = {"NAME": "Demo Learning", "EMAIL": "postmortems@demo.example"}
    who = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in identity.items()}
    isolated = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **isolated, **who}


def state() -> GitState:
    """Knows no repository until `start` makes or finds one."""
    return GitState()


def start(sim: Simulation) -> None:
    """Makes the repository of a fresh world, or takes up the one of a resumed world."""
    if sim.git.path is None:
        folder = sim.settings.data_dir or Path(tempfile.mkdtemp(prefix="demo-world-"))
        # Whatever lies there belongs to a world that is gone.
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        sim.git.path = str((folder / FOLDER).absolute())
    bare = Bare(path=Path(sim.git.path))
    if not (bare.path / "HEAD").exists():
        bare.begin()


def branches(sim: Simulation) -> dict[str, str]:
    """Branch to sha of the postmortem repository."""
    return Bare(path=Path(sim.git.path)).branches() if sim.git.path else {}


def changed(sim: Simulation, base: str, head: str) -> list[tuple[str, str | None, str | None]]:
    """What a branch of the postmortem repository changed since it left its base."""
    return list(Bare(path=Path(sim.git.path)).changed(base, head))


def routes(sim: Simulation) -> list[BaseRoute]:
    """Reading for the screens; the bot uses the repository through git itself."""

    async def shown(request: Request) -> JSONResponse:
        return JSONResponse(sim.git.view())

    async def file(request: Request) -> JSONResponse:
        ref, path = request.query_params.get("ref", MAIN), request.query_params.get("path", "")
        git = Bare(path=Path(sim.git.path))
        text = git.text(ref, path) if ref in git.branches() else None
        if text is None:
            return JSONResponse({"error": "no such file on that branch"}, status_code=404)
        return JSONResponse({"ref": ref, "path": path, "text": text})

    return [Route("/branches", shown, name="branches"), Route("/file", file, name="file")]
