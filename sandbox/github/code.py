"""Commits, comparisons, file contents and branches of the platform repository."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.core.simulation import Simulation
from sandbox.github.access import NOT_FOUND, Call, GitHubError, invalid, stamp
from sandbox.github.repository import Author, Commit, FileChange, Repository
from sandbox.github.seed import MAIN, PLATFORM, author_of

WEB = "https://github.example"


async def repository(call: Call) -> Response:
    place = call.place
    owner, _, name = place.name.partition("/")
    return JSONResponse(
        {
            "id": 1 + list(call.state.places).index(place.name),
            "name": name,
            "full_name": place.name,
            "private": True,
            "owner": {"login": owner, "type": "Organization"},
            "default_branch": MAIN,
            "html_url": f"{WEB}/{place.name}",
            "permissions": {"admin": False, "push": True, "pull": True},
        }
    )


async def compare(call: Call) -> Response:
    code = _code(call)
    base, dots, head = call.request.path_params["basehead"].partition("...")
    if not dots:
        raise GitHubError(*NOT_FOUND)
    one, two = _resolved(code, base), _resolved(code, head)
    fork = code.merge_base(one, two)
    if fork is None:
        raise GitHubError(404, f"No common ancestor between {base} and {head}.")
    ahead, behind = _between(code, fork, two), _between(code, fork, one)
    word = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    return JSONResponse(
        {
            "url": str(call.request.url),
            "html_url": f"{WEB}/{code.name}/compare/{base}...{head}",
            "base_commit": commit_json(code, code.commits[one]),
            "merge_base_commit": commit_json(code, code.commits[fork]),
            "status": word.get((bool(ahead), bool(behind)), "identical"),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [commit_json(code, c) for c in call.page(ahead)],
            "files": [file_json(code, f, two) for f in code.changed(fork, two)],
        }
    )


def _between(code: Repository, fork: str, head: str) -> list[Commit]:
    """Commits after the fork up to head, oldest first."""
    found: list[Commit] = []
    for commit in code.lineage(head):
        if commit.sha == fork:
            break
        found.append(commit)
    return found[::-1]


async def commits(call: Call) -> Response:
    code = _code(call)
    path = call.asked("path").rstrip("/")
    rows = [
        commit_json(code, c)
        for c in code.lineage(_resolved(code, call.asked("sha", MAIN)))
        if not path or any(p == path or p.startswith(path + "/") for p in c.changes)
    ]
    return JSONResponse(call.page(rows))


async def commit(call: Call) -> Response:
    code = _code(call)
    found = code.commits[_resolved(code, call.request.path_params["ref"], status=422)]
    files = code.changed(found.parent, found.sha) if found.parent else []
    body = commit_json(code, found)
    body["files"] = [file_json(code, f, found.sha) for f in files]
    return JSONResponse(body)


async def content(call: Call) -> Response:
    code = _code(call)
    sha = _resolved(code, call.asked("ref", MAIN))
    path = call.request.path_params["path"].strip("/")
    tree = code.trees[sha]
    if path in tree:
        return JSONResponse(_content_json(code, path, tree[path], sha))
    inside = sorted(p for p in tree if not path or p.startswith(path + "/"))
    if not inside:
        raise GitHubError(*NOT_FOUND)
    depth = len(path) + 1 if path else 0
    names = dict.fromkeys(p[depth:].partition("/")[0] for p in inside)
    return JSONResponse([_entry(tree, f"{path}/{n}".strip("/"), n) for n in names])


async def tree(call: Call) -> Response:
    """All files of a commit, as `recursive` lists them; folders are left out."""
    code = _code(call)
    sha = _resolved(code, call.request.path_params["ref"])
    rows = [
        {"path": path, "mode": "100644", "type": "blob", "sha": blob(text)}
        for path, text in sorted(code.trees[sha].items())
    ]
    return JSONResponse({"sha": sha, "tree": rows, "truncated": False})


async def put_content(call: Call) -> Response:
    code = _code(call)
    path = call.request.path_params["path"].strip("/")
    branch = call.body.get("branch", MAIN)
    message = call.need("Content", "message")
    if branch not in code.branches:
        raise GitHubError(404, f"Branch {branch} not found")
    before = code.trees[code.branches[branch]].get(path)
    given = call.body.get("sha")
    if before is not None and given is None:
        raise GitHubError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if before is not None and given != blob(before):
        raise GitHubError(409, f"{path} does not match {given}")
    text = _decoded(call.need("Content", "content"))
    author = author_of(call.state.login)
    made = code.commit(branch, {path: text}, message=message, author=author, at=call.now)
    pushed(call.sim, code, branch)
    body = {
        "content": _content_json(code, path, text, made.sha),
        "commit": commit_json(code, made)["commit"] | {"sha": made.sha},
    }
    return JSONResponse(body, status_code=200 if before is not None else 201)


def pushed(sim: Simulation, code: Repository, branch: str) -> None:
    """Tells the world (Argo CD listens for main) and the screens that a branch moved."""
    if branch == MAIN and code.name == PLATFORM:
        sim.world.set("git.main", code.branches[branch])
    sim.changes.publish("github", {"repository": code.name, "branch": branch})


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise GitHubError(422, "content is not valid Base64") from None


async def branch(call: Call) -> Response:
    code = _code(call)
    name = call.request.path_params["branch"]
    if name not in code.branches:
        raise GitHubError(404, "Branch not found")
    found = code.commits[code.branches[name]]
    return JSONResponse({"name": name, "commit": commit_json(code, found), "protected": False})


async def ref(call: Call) -> Response:
    code = _code(call)
    name = call.request.path_params["ref"].removeprefix("heads/")
    if name not in code.branches:
        raise GitHubError(*NOT_FOUND)
    return JSONResponse(_ref_json(code, name))


async def make_ref(call: Call) -> Response:
    code = _code(call)
    name, sha = call.need("Reference", "ref"), call.need("Reference", "sha")
    if not name.startswith("refs/heads/"):
        raise GitHubError(422, "Reference name must start with 'refs/'")
    name = name.removeprefix("refs/heads/")
    if name in code.branches:
        raise GitHubError(422, "Reference already exists")
    if sha not in code.commits:
        raise GitHubError(422, "Object does not exist")
    code.branches[name] = sha
    return JSONResponse(_ref_json(code, name), status_code=201)


async def move_ref(call: Call) -> Response:
    code = _code(call)
    name = call.request.path_params["ref"].removeprefix("heads/")
    sha = call.need("Reference", "sha")
    if name not in code.branches or sha not in code.commits:
        raise GitHubError(422, "Reference does not exist")
    onward = any(c.sha == code.branches[name] for c in code.lineage(sha))
    if not onward and call.body.get("force") is not True:
        raise GitHubError(422, "Update is not a fast forward")
    code.branches[name] = sha
    pushed(call.sim, code, name)
    return JSONResponse(_ref_json(code, name))


async def delete_ref(call: Call) -> Response:
    code = _code(call)
    name = call.request.path_params["ref"].removeprefix("heads/")
    if name not in code.branches or name == MAIN:
        raise GitHubError(422, "Reference does not exist")
    del code.branches[name]
    return Response(status_code=204)


def commit_json(code: Repository, found: Commit) -> dict[str, Any]:
    """A commit as lists and comparisons show it, without its files."""
    return {
        "sha": found.sha,
        "commit": {
            "author": _signed(found),
            "committer": _signed(found),
            "message": found.message,
            "comment_count": 0,
        },
        "html_url": f"{WEB}/{code.name}/commit/{found.sha}",
        "author": user_json(found.author),
        "committer": user_json(found.author),
        "parents": [{"sha": found.parent}] if found.parent else [],
    }


def file_json(code: Repository, change: FileChange, sha: str) -> dict[str, Any]:
    """A file of a comparison, with its patch."""
    added, deleted = change.counts
    return {
        "sha": blob(change.after or change.before or ""),
        "filename": change.path,
        "status": str(change.status),
        "additions": added,
        "deletions": deleted,
        "changes": added + deleted,
        "blob_url": f"{WEB}/{code.name}/blob/{sha}/{change.path}",
        "patch": change.patch,
    }


def user_json(author: Author) -> dict[str, Any]:
    kind = "Bot" if author.login.endswith("-bot") else "User"
    return {"login": author.login, "type": kind, "html_url": f"{WEB}/{author.login}"}


def blob(text: str) -> str:
    """Git's own name for a file's content."""
    raw = text.encode()
    header = f"blob {len(raw)}\0".encode()
    return hashlib.sha1(header + raw, usedforsecurity=False).hexdigest()


def _signed(found: Commit) -> dict[str, str]:
    author = found.author
    return {"name": author.name, "email": author.email, "date": stamp(found.at)}


def _content_json(code: Repository, path: str, text: str, sha: str) -> dict[str, Any]:
    return {
        "type": "file",
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": blob(text),
        "size": len(text.encode()),
        "encoding": "base64",
        "content": base64.encodebytes(text.encode()).decode(),
        "html_url": f"{WEB}/{code.name}/blob/{sha}/{path}",
    }


def _entry(tree: dict[str, str], path: str, name: str) -> dict[str, Any]:
    kind = "file" if path in tree else "dir"
    return {"type": kind, "name": name, "path": path, "sha": blob(tree.get(path, path))}


def _ref_json(code: Repository, name: str) -> dict[str, Any]:
    return {
        "ref": f"refs/heads/{name}",
        "object": {"type": "commit", "sha": code.branches[name]},
    }


def _resolved(code: Repository, ref: str, *, status: int = 404) -> str:
    sha = code.resolve(ref)
    if sha is None:
        raise GitHubError(
            status, "Not Found" if status == 404 else f"No commit found for SHA: {ref}"
        )
    return sha


def _code(call: Call) -> Repository:
    code = call.place.code
    if code is None:
        raise invalid("Repository", "name", "unavailable", "read this repository with git")
    return code
