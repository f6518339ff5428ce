"""Every call that the bot makes of a vendor, and the ways in which a call fails; each has to survive each."""

from __future__ import annotations

from typing import Any

from tests.living import Life, World

Calls = dict[str, tuple[str, ...]]

FAULTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "429": {"do": "429", "retry_after": 1},
    "500": {"do": "5xx", "status": 500},
    "drop_response": {"do": "drop_response"},
    "refuse": {"do": "refuse"},
    # Slack is waited for 10 s, everybody else 5 s: the work is done after we gave up.
    "latency": {"do": "latency"},
}
LATE = {"slack": 10_700}

MAIN: Calls = {
    "slack": (
        "auth.test", "conversations.create", "chat.postMessage", "chat.update",
        "chat.postEphemeral", "pins.add", "bookmarks.add", "conversations.setPurpose",
        "conversations.setTopic", "conversations.invite", "users.info", "views.open",
        "views.update", "response_url",
    ),
    "pagerduty": (
        "incidents.get", "incidents.update", "incidents.alerts.list", "incidents.list",
        "oncalls.list", "services.get", "change_events.list",
    ),
    "argocd": (
        "version", "applications.list", "applications.get", "applications.patch",
        "applications.rollback", "applications.managed", "applications.manifests",
        "revisions.metadata",
    ),
    "registry": ("manifests", "token"),
    "newrelic": ("nerdgraph",),
    "statuspage": (
        "components.list", "subscribers.count", "incidents.unresolved", "incidents.create",
        "incidents.update",
    ),
    "jira": ("search.jql", "issue.create", "issue.link"),
    "github": ("repos.compare", "repos.get", "pulls.list", "pulls.create"),
}  # fmt: skip
"""From the page to the ticket."""

ASIDE: Calls = {
    "slack": (
        "chat.getPermalink", "conversations.replies", "views.publish", "users.lookupByEmail",
    ),
    "pagerduty": ("priorities.list", "incidents.responder_requests", "users.get", "users.list"),
    "argocd": ("applications.terminate", "applicationsets.get"),
    "github": (
        "commits.list", "commits.get", "contents.get", "contents.put", "refs.get", "refs.create",
        "pulls.reviews.create", "pulls.comments.list", "issues.list", "issues.create",
        "issues.comments.list", "issues.comments.create",
    ),
}  # fmt: skip
"""What that way has no need of: a running sync, an owner, marks, a second person, a stranger on call, other tickets."""

LOOKS: Calls = {
    "slack": ("conversations.history", "bookmarks.list", "users.conversations"),
    "statuspage": ("incidents.get",),
}
"""Only called to see what became of an earlier call."""


def spoil(world: World, kind: str, *groups: Calls) -> None:
    """The next call of each of these names fails in this way."""
    for system, name in named(*groups) if FAULTS[kind] else ():
        rule = {"service": system, "match": name, "kind": "request", "when": {"times": 1}}
        late = {"ms": LATE.get(system, 5_700)} if kind == "latency" else {}
        world.fault(**rule, **FAULTS[kind], **late)


def named(*groups: Calls) -> set[tuple[str, str]]:
    return {(system, n) for group in groups for system, names in group.items() for n in names}


def spared(life: Life) -> set[str]:
    """Rules that nothing ran into: what they cover was not proven."""
    rules = life.world.get("/faults")["faults"]
    return {f"{rule['service']} {rule['match']}" for rule in rules if not rule["used"]}


def unforeseen(life: Life) -> set[str]:
    """Calls that no walk of the failing vendors makes."""
    made = {(r["system"], r["name"]) for r in life.world.log() if r["kind"] == "request"}
    return {f"{system} {name}" for system, name in made - named(MAIN, ASIDE, LOOKS)}
