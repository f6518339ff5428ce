"""Issues, their comments and labels, and the search over them."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.github.access import NOT_FOUND, Call, GitHubError, invalid, stamp
from sandbox.github.code import WEB
from sandbox.github.state import Comment, Issue, Place

TERM = re.compile(r'([a-z-]+):"([^"]*)"|([a-z-]+):(\S+)|"([^"]*)"|(\S+)')


async def user(call: Call) -> Response:
    login = call.request.path_params.get("login", call.state.login)
    if login not in call.state.users:
        raise GitHubError(*NOT_FOUND)
    return JSONResponse({**person(login), "name": call.state.users[login]})


async def create(call: Call) -> Response:
    place = call.place
    issue = Issue(
        number=place.take_number(),
        id=call.sim.serial("github.issue") + 9100,
        title=call.need("Issue", "title"),
        body=call.body.get("body") or "",
        author=call.state.login,
        at=call.now,
        labels=_labels(place, call.body.get("labels") or []),
        assignees=_assignees(call, call.body.get("assignees") or []),
    )
    place.issues[issue.number] = issue
    publish(call, place, issue)
    return JSONResponse(issue_json(place, issue), status_code=201)


async def listed(call: Call) -> Response:
    place = call.place
    wanted = [label for label in call.asked("labels").split(",") if label]
    state = call.asked("state", "open")
    rows = [
        issue_json(place, one)
        for one in reversed(place.issues.values())
        if state in (one.state, "all") and all(label in one.labels for label in wanted)
    ]
    return JSONResponse(call.page(rows))


async def one(call: Call) -> Response:
    return JSONResponse(issue_json(call.place, found(call)))


async def edit(call: Call) -> Response:
    place, issue = call.place, found(call)
    body = call.body
    if body.get("state", "open") not in ("open", "closed"):
        raise invalid("Issue", "state")
    issue.title = body.get("title", issue.title)
    issue.body = body.get("body", issue.body) or ""
    if "labels" in body:
        issue.labels = _labels(place, body["labels"])
    if "assignees" in body:
        issue.assignees = _assignees(call, body["assignees"])
    if body.get("state", issue.state) != issue.state:
        issue.state = body["state"]
        issue.closed = call.now if issue.state == "closed" else None
    issue.updated = call.now
    publish(call, place, issue)
    return JSONResponse(issue_json(place, issue))


async def comments(call: Call) -> Response:
    place, issue = call.place, found(call)
    return JSONResponse(call.page([_comment_json(place, issue, c) for c in issue.comments]))


async def comment(call: Call) -> Response:
    place, issue = call.place, found(call)
    made = Comment(
        id=call.sim.serial("github.comment") + 70000,
        body=call.need("IssueComment", "body"),
        author=call.state.login,
        at=call.now,
    )
    issue.comments.append(made)
    publish(call, place, issue)
    return JSONResponse(_comment_json(place, issue, made), status_code=201)


async def add_labels(call: Call) -> Response:
    place, issue = call.place, found(call)
    issue.labels = list(
        dict.fromkeys([*issue.labels, *_labels(place, call.body.get("labels") or [])])
    )
    publish(call, place, issue)
    return JSONResponse([label_json(place, name) for name in issue.labels])


async def labels(call: Call) -> Response:
    place = call.place
    return JSONResponse(call.page([label_json(place, name) for name in place.labels]))


async def make_label(call: Call) -> Response:
    place, name = call.place, call.need("Label", "name")
    if name in place.labels:
        raise invalid("Label", "name", "already_exists")
    colour = str(call.body.get("color", "ededed"))
    place.labels[name] = (colour, str(call.body.get("description") or ""))
    return JSONResponse(label_json(place, name), status_code=201)


async def search(call: Call) -> Response:
    """The qualifiers that a look-up by marker needs; an unknown one is refused."""
    query = call.asked("q")
    if not query.strip():
        raise invalid("Search", "q", "missing")
    terms = [_term(match) for match in TERM.finditer(query)]
    rows = [
        issue_json(place, issue)
        for place in call.state.places.values()
        for issue in place.issues.values()
        if all(_meets(place, issue, key, value) for key, value in terms)
    ]
    body = {"total_count": len(rows), "incomplete_results": False, "items": call.page(rows)}
    return JSONResponse(body)


def _term(match: re.Match[str]) -> tuple[str, str]:
    quoted_key, quoted, key, value, phrase, word = match.groups()
    if quoted_key or key:
        return (quoted_key or key), (quoted if quoted_key else value)
    return "", phrase if phrase is not None else word


def _meets(place: Place, issue: Issue, key: str, value: str) -> bool:
    match key:
        case "":
            return value.lower() in f"{issue.title}\n{issue.body}".lower()
        case "repo":
            return place.name == value
        case "is" | "type" | "state" if value in ("issue", "pr", "open", "closed"):
            kind = "pr" if issue.head else "issue"
            return value in (kind, issue.state)
        case "label":
            return value in issue.labels
        case "author":
            return issue.author == value
        case "in":
            return True
        case _:
            raise invalid("Search", "q", "invalid", f"the demo world does not know {key}:")


def found(call: Call) -> Issue:
    """The issue or pull request that the path names."""
    number = int(call.request.path_params["number"])
    issue = call.place.issues.get(number)
    if issue is None:
        raise GitHubError(*NOT_FOUND)
    return issue


def publish(call: Call, place: Place, issue: Issue) -> None:
    """Shows a changed issue on the screens."""
    call.sim.changes.publish("github", {"repository": place.name, **issue.shown()})


def person(login: str) -> dict[str, Any]:
    kind = "Bot" if login.endswith("-bot") else "User"
    return {"login": login, "type": kind, "html_url": f"{WEB}/{login}"}


def label_json(place: Place, name: str) -> dict[str, Any]:
    colour, text = place.labels[name]
    return {"name": name, "color": colour, "description": text}


def issue_json(place: Place, issue: Issue) -> dict[str, Any]:
    """An issue, or a pull request seen as one."""
    kind = "pull" if issue.head else "issues"
    url = f"{WEB}/{place.name}/{kind}/{issue.number}"
    body: dict[str, Any] = {
        "id": issue.id,
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "user": person(issue.author),
        "labels": [label_json(place, name) for name in issue.labels],
        "assignees": [person(login) for login in issue.assignees],
        "comments": len(issue.comments),
        "html_url": url,
        "created_at": stamp(issue.at),
        "updated_at": stamp(issue.updated or issue.at),
        "closed_at": stamp(issue.closed) if issue.closed else None,
    }
    if issue.head:
        body["pull_request"] = {"html_url": url}
    return body


def _comment_json(place: Place, issue: Issue, made: Comment) -> dict[str, Any]:
    return {
        "id": made.id,
        "body": made.body,
        "user": person(made.author),
        "created_at": stamp(made.at),
        "html_url": f"{WEB}/{place.name}/issues/{issue.number}#issuecomment-{made.id}",
    }


def _labels(place: Place, wanted: Any) -> list[str]:
    """Names of labels; GitHub makes the ones that a new issue brings."""
    if not isinstance(wanted, list):
        raise invalid("Issue", "labels")
    names = [one["name"] if isinstance(one, dict) else str(one) for one in wanted]
    for name in names:
        place.labels.setdefault(name, ("ededed", ""))
    return names


def _assignees(call: Call, wanted: Any) -> list[str]:
    if not isinstance(wanted, list) or any(one not in call.state.users for one in wanted):
        raise invalid("Issue", "assignees")
    return [str(one) for one in wanted]
