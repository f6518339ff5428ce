"""Jira's endpoints: issues, search by label, comments, links, transitions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.jira.access import Call, Endpoint, JiraError, route
from sandbox.jira.document import is_document
from sandbox.jira.fields import TYPES, check
from sandbox.jira.state import STATUSES, Ticket

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guide is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
CLAUSE = re.compile(r'\s*(\w+)\s*(=|in|IN|~)\s*("[^"]*"|\([^)]*\)|[\w-]+)\s*')


def routes(sim: Simulation) -> list[BaseRoute]:
    """The endpoints of REST API 3 that a ticketing bot uses."""
    api, issue = "/rest/api/3", "/rest/api/3/issue/{key}"
    table: list[tuple[str, str, str, Endpoint]] = [
        ("GET", api + "/myself", "myself", myself),
        ("GET", api + "/project/{project}", "project.get", project),
        ("GET", api + "/user/search", "users.search", people),
        ("GET", api + "/search", "search.removed", removed),
        ("POST", api + "/search", "search.removed", removed),
        ("POST", api + "/search/jql", "search.jql", search),
        ("GET", api + "/search/jql", "search.jql", search),
        ("POST", api + "/issue", "issue.create", create),
        ("GET", issue, "issue.get", one),
        ("PUT", issue, "issue.edit", edit),
        ("POST", issue + "/comment", "issue.comment", comment),
        ("GET", issue + "/comment", "issue.comments", comments),
        ("POST", issue + "/remotelink", "issue.link", link),
        ("GET", issue + "/remotelink", "issue.links", links),
        ("GET", issue + "/transitions", "issue.transitions", transitions),
        ("POST", issue + "/transitions", "issue.transition", transition),
    ]
    return [route(sim, path, name, method=m, endpoint=e) for m, path, name, e in table]


async def myself(call: Call) -> Response:
    return JSONResponse(_person(call, call.sim.settings.jira_email))


async def project(call: Call) -> Response:
    key = call.sim.settings.jira_project
    if call.request.path_params["project"] != key:
        text = f"No project could be found with key '{call.request.path_params['project']}'."
        raise JiraError(404, text)
    types = [{"id": str(10001 + i), "name": name} for i, name in enumerate(TYPES)]
    return JSONResponse({"id": "10000", "key": key, "name": "Operations", "issueTypes": types})


async def people(call: Call) -> Response:
    wanted = call.request.query_params.get("query", "").lower()
    found = [email for email in call.state.accounts if wanted and wanted in email]
    return JSONResponse([_person(call, email) for email in found])


def _person(call: Call, email: str) -> dict[str, Any]:
    account, name = call.state.accounts[email], email.partition("@")[0].title()
    facts = {"accountId": account, "emailAddress": email, "displayName": name}
    return {**facts, "active": True, "accountType": "atlassian"}


async def removed(call: Call) -> Response:
    raise JiraError(410, GONE)


async def create(call: Call) -> Response:
    fields = call.body.get("fields")
    if not isinstance(fields, dict):
        raise JiraError(400, "Field 'fields' is required")
    check(call, fields, new=True)
    number = call.sim.serial("jira.issue")
    key, now = f"{call.sim.settings.jira_project}-{100 + number}", call.sim.clock.now()
    made = Ticket(id=str(20000 + number), key=key, fields=fields, at=now, updated=now)
    for each in call.body.get("properties") or []:
        made.properties[each["key"]] = each["value"]
    call.state.tickets[key] = made
    call.changed(made)
    body = {"id": made.id, "key": key, "self": _self(call, made)}
    return JSONResponse(body, status_code=201)


async def one(call: Call) -> Response:
    return JSONResponse(_ticket_json(call, call.ticket))


async def edit(call: Call) -> Response:
    ticket, fields = call.ticket, call.body.get("fields") or {}
    check(call, fields, new=False)
    ticket.fields |= fields
    call.changed(ticket)
    return Response(status_code=204)


async def search(call: Call) -> Response:
    jql = str(call.body.get("jql") or call.request.query_params.get("jql") or "")
    clauses = _clauses(jql)
    if not clauses:
        raise JiraError(400, "Unbounded JQL queries are not allowed here.")
    found = [t for t in call.state.tickets.values() if all(_meets(call, t, c) for c in clauses)]
    limit = int(call.body.get("maxResults") or 50)
    asked = call.body.get("fields") or (call.request.query_params.get("fields") or "id").split(",")
    rows = [_ticket_json(call, t, asked) for t in list(reversed(found))[:limit]]
    return JSONResponse({"issues": rows, "isLast": True})


def _clauses(jql: str) -> list[tuple[str, list[str]]]:
    """`field = value`, `field in (…)`, joined by AND; anything else is refused."""
    text = re.split(r"\border by\b", jql, flags=re.IGNORECASE)[0].strip()
    if not text:
        return []
    found = []
    for part in re.split(r"\band\b", text, flags=re.IGNORECASE):
        match = CLAUSE.fullmatch(part)
        if match is None:
            raise JiraError(400, f"Error in the JQL Query: cannot read '{part.strip()}'.")
        values = [v.strip().strip('"') for v in match.group(3).strip("()").split(",")]
        found.append((match.group(1).lower(), values))
    return found


def _meets(call: Call, ticket: Ticket, clause: tuple[str, list[str]]) -> bool:
    name, values = clause
    match name:
        case "project":
            return call.sim.settings.jira_project in values
        case "labels":
            return any(value in (ticket.fields.get("labels") or []) for value in values)
        case "status":
            return ticket.status in values
        case "key" | "issuekey":
            return ticket.key in values
        case "summary":
            return any(value in ticket.fields["summary"] for value in values)
        case _:
            text = f"Field '{name}' does not exist or you do not have permission to view it."
            raise JiraError(400, text)


async def comment(call: Call) -> Response:
    ticket, body = call.ticket, call.body.get("body")
    if not is_document(body):
        raise JiraError(400, comment="Comment body is not valid!")
    made = {
        "id": str(30000 + call.sim.serial("jira.comment")),
        "author": _person(call, call.sim.settings.jira_email),
        "body": body,
        "created": _stamp(call.sim.clock.now()),
    }
    ticket.comments.append(made)
    call.changed(ticket)
    return JSONResponse(made, status_code=201)


async def comments(call: Call) -> Response:
    found = call.ticket.comments
    return JSONResponse({"comments": found, "total": len(found), "startAt": 0})


async def link(call: Call) -> Response:
    """A link with a known globalId is updated, not added again."""
    ticket, said = call.ticket, call.body.get("object") or {}
    if not said.get("url") or not said.get("title"):
        raise JiraError(400, object="'url' and 'title' are required.")
    key = call.body.get("globalId")
    known = next((one for one in ticket.links if key and one["globalId"] == key), None)
    if known is not None:
        known["object"] = said
    else:
        number = 40000 + call.sim.serial("jira.link")
        ticket.links.append({"id": number, "globalId": key, "object": said})
    call.changed(ticket)
    shown = known or ticket.links[-1]
    body = {"id": shown["id"], "self": f"{_self(call, ticket)}/remotelink/{shown['id']}"}
    return JSONResponse(body, status_code=201 if known is None else 200)


async def links(call: Call) -> Response:
    return JSONResponse(call.ticket.links)


async def transitions(call: Call) -> Response:
    assert call.ticket
    rows = [{"id": i, "name": name, "to": {"name": name}} for i, name in STATUSES.items()]
    return JSONResponse({"transitions": rows})


async def transition(call: Call) -> Response:
    ticket = call.ticket
    wanted = str((call.body.get("transition") or {}).get("id", ""))
    if wanted not in STATUSES:
        raise JiraError(400, "It seems that you have tried to perform an illegal operation.")
    ticket.status = STATUSES[wanted]
    call.changed(ticket)
    return Response(status_code=204)


def _self(call: Call, ticket: Ticket) -> str:
    return f"{call.sim.settings.url}/jira/rest/api/3/issue/{ticket.id}"


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _ticket_json(call: Call, ticket: Ticket, asked: list[str] | None = None) -> dict[str, Any]:
    fields = {
        **ticket.fields,
        "status": {"name": ticket.status},
        "created": _stamp(ticket.at),
        "updated": _stamp(ticket.updated),
    }
    if asked is not None and not {"*all", "*navigable"} & set(asked):
        fields = {name: value for name, value in fields.items() if name in asked}
    return {"id": ticket.id, "key": ticket.key, "self": _self(call, ticket), "fields": fields}
