"""Pull requests: made from a branch, commented line by line, merged by a squash."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.core.simulation import Simulation
from sandbox.github.access import NOT_FOUND, Call, GitHubError, invalid, stamp
from sandbox.github.code import WEB, file_json, pushed
from sandbox.github.issues import found, issue_json, person, publish
from sandbox.github.repository import FileChange
from sandbox.github.seed import MAIN, author_of
from sandbox.github.state import Comment, Issue, Place
from sandbox.gitrepo import branches as bare_branches
from sandbox.gitrepo import changed as bare_changed


async def create(call: Call) -> Response:
    place = call.place
    head, base = call.need("PullRequest", "head"), call.need("PullRequest", "base")
    head = head.removeprefix(place.name.partition("/")[0] + ":")
    known = branches(call.sim, place)
    if head not in known:
        raise invalid("PullRequest", "head")
    if base not in known:
        raise invalid("PullRequest", "base")
    if any(_same(one, head, base) for one in place.issues.values()):
        text = f"A pull request already exists for {place.name.partition('/')[0]}:{head}."
        raise GitHubError(
            422,
            "Validation GitHubError",
            {"resource": "PullRequest", "code": "custom", "message": text},
        )
    if not files_of(call.sim, place, base, head):
        text = f"No commits between {base} and {head}"
        raise GitHubError(
            422,
            "Validation GitHubError",
            {"resource": "PullRequest", "code": "custom", "message": text},
        )
    pull = Issue(
        number=place.take_number(),
        id=call.sim.serial("github.issue") + 9100,
        title=call.need("PullRequest", "title"),
        body=call.body.get("body") or "",
        author=call.state.login,
        at=call.now,
        head=head,
        base=base,
        draft=call.body.get("draft") is True,
    )
    place.issues[pull.number] = pull
    publish(call, place, pull)
    return JSONResponse(pull_json(call.sim, place, pull), status_code=201)


def _same(pull: Issue, head: str, base: str) -> bool:
    return pull.state == "open" and pull.head == head and pull.base == base


async def listed(call: Call) -> Response:
    place, state = call.place, call.asked("state", "open")
    owner = place.name.partition("/")[0]
    head, base = call.asked("head"), call.asked("base")
    rows = [
        pull_json(call.sim, place, one)
        for one in reversed(place.issues.values())
        if one.head
        and state in (one.state, "all")
        and head in ("", one.head, f"{owner}:{one.head}")
        and base in ("", one.base)
    ]
    return JSONResponse(call.page(rows))


async def one(call: Call) -> Response:
    return JSONResponse(pull_json(call.sim, call.place, _pull(call)))


async def edit(call: Call) -> Response:
    place, pull = call.place, _pull(call)
    body = call.body
    if body.get("state", "open") not in ("open", "closed"):
        raise invalid("PullRequest", "state")
    if pull.merged and body.get("state") == "open":
        raise invalid("PullRequest", "state")
    pull.title, pull.body = body.get("title", pull.title), body.get("body", pull.body) or ""
    if body.get("state", pull.state) != pull.state:
        pull.state = body["state"]
        pull.closed = call.now if pull.state == "closed" else None
    pull.updated = call.now
    publish(call, place, pull)
    return JSONResponse(pull_json(call.sim, place, pull))


async def files(call: Call) -> Response:
    place, pull = call.place, _pull(call)
    changed = _changes(call.sim, place, pull)
    return JSONResponse(call.page([_file_json(place, pull, one) for one in changed]))


def _file_json(place: Place, pull: Issue, change: FileChange) -> dict[str, Any]:
    if place.code is not None:
        return file_json(place.code, change, pull.head or "")
    added, deleted = change.counts
    return {
        "filename": change.path,
        "status": str(change.status),
        "additions": added,
        "deletions": deleted,
        "changes": added + deleted,
        "patch": change.patch,
    }


async def review_comments(call: Call) -> Response:
    place, pull = call.place, _pull(call)
    return JSONResponse(call.page([_review_json(place, pull, one) for one in pull.reviews]))


async def review_comment(call: Call) -> Response:
    place, pull = call.place, _pull(call)
    body = call.need("PullRequestReviewComment", "body")
    made = _line_comment(call, pull, {**call.body, "body": body})
    pull.reviews.append(made)
    publish(call, place, pull)
    return JSONResponse(_review_json(place, pull, made), status_code=201)


async def review(call: Call) -> Response:
    """One request with many line comments; all of them are good or none is taken."""
    place, pull = call.place, _pull(call)
    if call.body.get("event", "COMMENT") not in ("COMMENT", "APPROVE", "REQUEST_CHANGES"):
        raise invalid("PullRequestReview", "event")
    number = call.sim.serial("github.review") + 80000
    made = [_line_comment(call, pull, each) for each in call.body.get("comments") or []]
    for each in made:
        each.review = number
    pull.reviews.extend(made)
    publish(call, place, pull)
    shown = {
        "id": number,
        "state": "COMMENTED",
        "body": call.body.get("body") or "",
        "user": person(call.state.login),
        "html_url": f"{WEB}/{place.name}/pull/{pull.number}#pullrequestreview-{number}",
    }
    return JSONResponse(shown)


def _line_comment(call: Call, pull: Issue, said: dict[str, Any]) -> Comment:
    change = next(
        (f for f in _changes(call.sim, call.place, pull) if f.path == said.get("path")), None
    )
    if change is None:
        raise invalid("PullRequestReviewComment", "path")
    line, side = said.get("line"), said.get("side", "RIGHT")
    text = change.after if side == "RIGHT" else change.before
    whole_file = said.get("subject_type") == "file"
    inside = isinstance(line, int) and 0 < line <= len((text or "").splitlines())
    if not (whole_file or inside):
        raise invalid("PullRequestReviewComment", "line", message="line must be part of the diff")
    return Comment(
        id=call.sim.serial("github.comment") + 70000,
        body=str(said.get("body", "")),
        author=call.state.login,
        at=call.now,
        path=change.path,
        line=line if isinstance(line, int) else None,
        side=side,
        commit=str(said.get("commit_id", "")),
    )


async def merge(call: Call) -> Response:
    place, pull = call.place, _pull(call)
    if pull.state != "open" or place.code is None:
        raise GitHubError(405, "Pull Request is not mergeable")
    squash(call.sim, place, pull, author=call.state.login)
    return JSONResponse({"sha": pull.merge_sha, "merged": True, "message": "Merged"})


def squash(sim: Simulation, place: Place, pull: Issue, *, author: str) -> None:
    """Puts a pull request's changes on its base as one commit; Argo CD looks at main later."""
    code, now = place.code, sim.clock.now()
    assert code is not None
    assert pull.head is not None
    pull.frozen = (code.branches[pull.base], code.branches[pull.head])
    changes = {one.path: one.after for one in _changes(sim, place, pull)}
    message = f"{pull.title} (#{pull.number})"
    by = author_of(author)
    made = code.commit(pull.base, changes, message=message, author=by, at=now)
    pull.merge_sha, pull.merged, pull.state = made.sha, now, "closed"
    pull.closed = pull.updated = now
    pushed(sim, code, pull.base)
    sim.changes.publish("github", {"repository": place.name, **pull.shown()})


def branches(sim: Simulation, place: Place) -> dict[str, str]:
    """Branch to sha, from memory or from the bare git repository."""
    return dict(place.code.branches) if place.code is not None else bare_branches(sim)


def files_of(sim: Simulation, place: Place, base: str, head: str) -> list[FileChange]:
    """What a branch would bring, measured from where it left its base."""
    if place.code is None:
        return [
            FileChange(path=path, before=before, after=after)
            for path, before, after in bare_changed(sim, base, head)
        ]
    one, two = place.code.resolve(base), place.code.resolve(head)
    fork = place.code.merge_base(one, two) if one and two else None
    return place.code.changed(fork, two) if fork and two else []


def _changes(sim: Simulation, place: Place, pull: Issue) -> list[FileChange]:
    base, head = pull.frozen or (pull.base, pull.head or MAIN)
    return files_of(sim, place, base, head)


def _pull(call: Call) -> Issue:
    pull = found(call)
    if pull.head is None:
        raise GitHubError(*NOT_FOUND)
    return pull


def pull_json(sim: Simulation, place: Place, pull: Issue) -> dict[str, Any]:
    """A pull request in full."""
    owner, known = place.name.partition("/")[0], branches(sim, place)
    head = pull.frozen[1] if pull.frozen else known.get(pull.head or "")
    body = issue_json(place, pull)
    body.pop("pull_request")
    body |= {
        "draft": pull.draft,
        "merged": pull.merged is not None,
        "merged_at": stamp(pull.merged) if pull.merged else None,
        "merge_commit_sha": pull.merge_sha,
        "mergeable": pull.state == "open",
        "head": {"ref": pull.head, "sha": head, "label": f"{owner}:{pull.head}"},
        "base": {"ref": pull.base, "sha": known.get(pull.base), "label": f"{owner}:{pull.base}"},
        "review_comments": len(pull.reviews),
    }
    return body


def _review_json(place: Place, pull: Issue, made: Comment) -> dict[str, Any]:
    return {
        "id": made.id,
        "pull_request_review_id": made.review,
        "body": made.body,
        "path": made.path,
        "line": made.line,
        "side": made.side,
        "commit_id": made.commit,
        "user": person(made.author),
        "created_at": stamp(made.at),
        "html_url": f"{WEB}/{place.name}/pull/{pull.number}#discussion_r{made.id}",
    }
