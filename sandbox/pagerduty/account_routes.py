"""REST over the account: services, people, policies, who is on call, webhook subscriptions."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import shapes, webhooks
from sandbox.pagerduty.access import Call, invalid, not_found, page, route
from sandbox.pagerduty.changing import tell_change
from sandbox.pagerduty.record import new_id
from sandbox.pagerduty.state import ChangeEvent, Level, Policy, Subscription, Team, User

ABILITIES = ["coordinated_responding", "teams", "urgencies", "webhooks", "change_events"]


def routes(sim: Simulation) -> list[BaseRoute]:
    table: list[tuple[str, Callable[[Call], Any], str]] = [
        ("GET /services", services, "services.list"),
        ("GET /services/{id}", service, "services.get"),
        ("GET /services/{id}/change_events", service_changes, "services.change_events"),
        ("GET /users", users, "users.list"),
        ("GET /users/me", me, "users.me"),
        ("GET /users/{id}", user, "users.get"),
        ("GET /oncalls", oncalls, "oncalls.list"),
        ("GET /escalation_policies", policies, "escalation_policies.list"),
        ("GET /escalation_policies/{id}", policy, "escalation_policies.get"),
        ("GET /priorities", priorities, "priorities.list"),
        ("GET /abilities", abilities, "abilities.list"),
        ("GET /abilities/{id}", ability, "abilities.get"),
        ("GET /teams", teams, "teams.list"),
        ("GET /teams/{id}", team, "teams.get"),
        ("GET /teams/{id}/members", members, "teams.members"),
        ("GET /change_events", changes, "change_events.list"),
        ("POST /change_events", changed, "change_events.create"),
        ("GET /webhook_subscriptions", subscriptions, "webhook_subscriptions.list"),
        ("POST /webhook_subscriptions", subscribed, "webhook_subscriptions.create"),
        ("GET /webhook_subscriptions/{id}", subscription, "webhook_subscriptions.get"),
        ("DELETE /webhook_subscriptions/{id}", unsubscribed, "webhook_subscriptions.delete"),
        ("POST /webhook_subscriptions/{id}/enable", enabled, "webhook_subscriptions.enable"),
        ("POST /webhook_subscriptions/{id}/ping", pinged, "webhook_subscriptions.ping"),
    ]
    return [route(sim, path, endpoint, name) for path, endpoint, name in table]


def _found(place: dict[str, Any], key: str) -> Any:
    if key not in place:
        raise not_found()
    return place[key]


def _asked_for(call: Call, items: Iterable[Any], *fields: str) -> list[Any]:
    """Those whose fields contain the `query`."""
    query = call.word("query").lower()
    return [
        each
        for each in items
        if not query or any(query in str(getattr(each, name)).lower() for name in fields)
    ]


def services(call: Call) -> Any:
    found = _asked_for(call, call.state.services.values(), "name")
    if wanted := call.words("team_ids"):
        found = [each for each in found if set(each.teams) & set(wanted)]
    return page(call, "services", found, lambda each: shapes.service(call.sim, each))


def service(call: Call) -> Any:
    found = _found(call.state.services, call.path("id"))
    return {"service": shapes.service(call.sim, found)}


def users(call: Call) -> Any:
    found = _asked_for(call, call.state.users.values(), "name", "email")
    return page(call, "users", found, lambda each: shapes.user(call.sim, each))


def user(call: Call) -> Any:
    return {"user": shapes.user(call.sim, _found(call.state.users, call.path("id")))}


def me(call: Call) -> Any:
    # Only a person's own key has a "me"; the demo's key belongs to the account.
    raise invalid("A user-level API key is required for this endpoint")


def policies(call: Call) -> Any:
    found = _asked_for(call, call.state.policies.values(), "name")
    return page(call, "escalation_policies", found, lambda each: shapes.policy(call.sim, each))


def policy(call: Call) -> Any:
    found = _found(call.state.policies, call.path("id"))
    return {"escalation_policy": shapes.policy(call.sim, found)}


def oncalls(call: Call) -> Any:
    wanted, people = call.words("escalation_policy_ids"), call.words("user_ids")
    whole = "users" in call.words("include")
    found: list[tuple[Policy, int, Level, User]] = []
    for each in call.state.policies.values():
        if wanted and each.id not in wanted:
            continue
        for number, level in enumerate(each.levels, start=1):
            found += [(each, number, level, call.state.users[key]) for key in level.users]
    if people:
        found = [each for each in found if each[3].id in people]
    return page(call, "oncalls", found, lambda each: _oncall(call, each, whole))


def _oncall(call: Call, duty: tuple[Policy, int, Level, User], whole: bool) -> Any:
    one, number, _, person = duty
    named = shapes.user_ref(person)
    return {
        "escalation_policy": shapes.reference(call.sim, shapes.policy_ref(one)),
        "escalation_level": number,
        "schedule": None,
        "user": shapes.user(call.sim, person) if whole else shapes.reference(call.sim, named),
        "start": None,
        "end": None,
    }


def priorities(call: Call) -> Any:
    return page(
        call, "priorities", call.state.priorities, lambda each: shapes.priority(call.sim, each)
    )


def abilities(call: Call) -> Any:
    return {"abilities": ABILITIES}


def ability(call: Call) -> Any:
    return (None, 204) if call.path("id") in ABILITIES else (None, 402)


def _team(call: Call, one: Team) -> Any:
    return shapes.whole(call.sim, shapes.team_ref(one), {"name": one.name, "description": None})


def teams(call: Call) -> Any:
    found = _asked_for(call, call.state.teams.values(), "name")
    return page(call, "teams", found, lambda each: _team(call, each))


def team(call: Call) -> Any:
    return {"team": _team(call, _found(call.state.teams, call.path("id")))}


def members(call: Call) -> Any:
    found = _found(call.state.teams, call.path("id")).members
    people = [call.state.users[key] for key in found]

    def shape(one: User) -> Any:
        ref = shapes.reference(call.sim, shapes.user_ref(one))
        return {"user": ref, "role": "manager" if one.id == "PUTOM" else "responder"}

    return page(call, "members", people, shape)


def changes(call: Call) -> Any:
    return _changes(call, call.state.changes)


def service_changes(call: Call) -> Any:
    wanted = _found(call.state.services, call.path("id")).id
    return _changes(call, [each for each in call.state.changes if wanted in each.services])


def _changes(call: Call, known: Sequence[ChangeEvent]) -> Any:
    """Newest first, in the asked span of time."""
    since, until = _utc(call, "since"), _utc(call, "until")
    found = [
        each
        for each in sorted(known, key=lambda each: each.timestamp, reverse=True)
        if (since is None or each.timestamp >= since) and (until is None or each.timestamp < until)
    ]
    return page(call, "change_events", found, lambda each: shapes.change_event(call.sim, each))


def _utc(call: Call, name: str) -> datetime | None:
    """Here PagerDuty takes UTC only, written with a Z."""
    given = call.word(name)
    if given and not given.endswith("Z"):
        raise invalid(f"{name.capitalize()} must be a UTC datetime")
    try:
        return datetime.fromisoformat(given) if given else None
    except ValueError:
        raise invalid(f"{name.capitalize()} is not a datetime") from None


def changed(call: Call) -> Any:
    asked = call.wrapped("change_event")
    services = [str(each["id"]) for each in asked.get("services", ())]
    if not asked.get("summary") or any(key not in call.state.services for key in services):
        raise invalid("Summary and known services are required")
    given = asked.get("timestamp")
    made = tell_change(
        call.sim,
        summary=str(asked["summary"]),
        services=services,
        timestamp=datetime.fromisoformat(given) if given else None,
        source=str(asked.get("source", "")),
        links=asked.get("links", ()),
        details=asked.get("custom_details", {}),
    )
    return {"change_event": shapes.change_event(call.sim, made)}, 201


def _subscription(call: Call, one: Subscription) -> Any:
    filtered = {"type": one.filter_type} | ({"id": one.filter_id} if one.filter_id else {})
    return {
        "id": one.id,
        "type": "webhook_subscription",
        "active": one.active,
        "description": one.description,
        "delivery_method": {
            "id": f"{one.id}D",
            "type": "http_delivery_method",
            "url": one.url or call.sim.settings.bot_url + webhooks.PATH,
            "secret": None,
            "temporarily_disabled": one.disabled_until is not None,
            "custom_headers": [],
        },
        "events": list(one.events),
        "filter": filtered,
    }


def subscriptions(call: Call) -> Any:
    found = list(call.state.subscriptions.values())
    return page(call, "webhook_subscriptions", found, lambda each: _subscription(call, each))


def subscription(call: Call) -> Any:
    found = _found(call.state.subscriptions, call.path("id"))
    return {"webhook_subscription": _subscription(call, found)}


def subscribed(call: Call) -> Any:
    asked = call.wrapped("webhook_subscription")
    events = asked.get("events") or []
    url = (asked.get("delivery_method") or {}).get("url")
    if not events or len(set(events)) != len(events) or not url:
        raise invalid("Events must not be empty and must be unique; a url is required")
    chosen = asked.get("filter") or {}
    made = Subscription(
        id=new_id(call.sim, "subscription"),
        url=url,
        description=str(asked.get("description", "")),
        events=tuple(events),
        filter_type=chosen.get("type", "account_reference"),
        filter_id=chosen.get("id"),
    )
    call.state.subscriptions[made.id] = made
    shown = _subscription(call, made)
    # Only this answer ever holds the secret.
    shown["delivery_method"]["secret"] = call.sim.settings.pagerduty_webhook_secret
    return {"webhook_subscription": shown}, 201


def unsubscribed(call: Call) -> Any:
    del call.state.subscriptions[_found(call.state.subscriptions, call.path("id")).id]
    return None, 204


def enabled(call: Call) -> Any:
    found = _found(call.state.subscriptions, call.path("id"))
    webhooks.enable(call.sim, found)
    return {"webhook_subscription": _subscription(call, found)}


def pinged(call: Call) -> Any:
    found = _found(call.state.subscriptions, call.path("id"))
    first = next(iter(call.state.users.values()))
    webhooks.ping(call.sim, found, shapes.user_ref(first))
    return None, 202
