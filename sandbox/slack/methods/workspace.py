"""auth, team, bots, emoji, users and user groups."""

from __future__ import annotations

from typing import Any

from sandbox.slack import shown
from sandbox.slack.methods.finding import Function, page, paged
from sandbox.slack.scopes import workspace_grant
from sandbox.slack.state import APP, BOT, BOT_USER, TEAM, Person
from sandbox.slack.wire import Call, SlackError


def api_test(call: Call) -> dict[str, Any]:
    return {"args": {k: v for k, v in call.args.items() if k != "token"}}


def auth_test(call: Call) -> dict[str, Any]:
    team = call.state.teams[TEAM]
    return {
        "url": f"{call.sim.settings.url}/",
        "team": team.name,
        "user": call.state.people[BOT_USER].handle,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "app_id": APP,
        "is_enterprise_install": False,
    }


def team_info(call: Call) -> dict[str, Any]:
    found = call.state.teams.get(call.text("team", TEAM))
    if found is None:
        raise SlackError("team_not_found")
    body = {"id": found.id, "name": found.name, "domain": found.domain, "email_domain": ""}
    return {"team": {**body, "icon": {"image_default": True}}}


def bots_info(call: Call) -> dict[str, Any]:
    if call.text("bot") != BOT:
        raise SlackError("bot_not_found")
    body = {"id": BOT, "deleted": False, "name": "Tocsin", "updated": 0, "app_id": APP}
    return {"bot": {**body, "user_id": BOT_USER, "icons": {}}}


def emoji_list(call: Call) -> dict[str, Any]:
    return {"emoji": {}, "cache_ts": "1700000000.000000"}


def users_info(call: Call) -> dict[str, Any]:
    return {"user": _shown(call, _person(call))}


def users_list(call: Call) -> dict[str, Any]:
    people = list(call.state.people.values())
    shown_now, cursor = page(call, people, default=1000)
    return {"members": [_shown(call, p) for p in shown_now], "cache_ts": 0, **paged(cursor)}


def users_by_email(call: Call) -> dict[str, Any]:
    wanted = call.text("email").lower()
    for person in call.state.people.values():
        # Slack finds neither strangers nor the deactivated by e-mail.
        if person.email == wanted and not (person.is_stranger or person.deleted):
            return {"user": _shown(call, person)}
    raise SlackError("users_not_found")


def users_profile(call: Call) -> dict[str, Any]:
    return {"profile": _shown(call, _person(call))["profile"]}


def _person(call: Call) -> Person:
    found = call.state.people.get(call.text("user", BOT_USER))
    if found is None:
        raise SlackError("user_not_found")
    return found


def _shown(call: Call, person: Person) -> dict[str, Any]:
    return shown.person(person, email=workspace_grant(call.sim).holds("users:read.email"))


def usergroups_list(call: Call) -> dict[str, Any]:
    users = call.flag("include_users")
    groups = [shown.usergroup(g, users=users) for g in call.state.usergroups.values()]
    return {"usergroups": groups}


def usergroup_users(call: Call) -> dict[str, Any]:
    found = call.state.usergroups.get(call.text("usergroup"))
    if found is None:
        raise SlackError("no_such_subteam")
    return {"users": found.users}


def usergroup_users_update(call: Call) -> dict[str, Any]:
    """Replaces the whole list, as Slack does."""
    found = call.state.usergroups.get(call.text("usergroup"))
    if found is None:
        raise SlackError("permission_denied")
    wanted = call.names("users")
    if not wanted:
        raise SlackError("no_users_provided")
    if any(u not in call.state.people for u in wanted):
        raise SlackError("invalid_users")
    found.users = wanted
    found.updated = int(call.sim.clock.now().timestamp())
    call.sim.changes.publish("slack.usergroup", {"usergroup": found.id})
    return {"usergroup": shown.usergroup(found, users=True)}


METHODS: dict[str, Function] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "team.info": team_info,
    "bots.info": bots_info,
    "emoji.list": emoji_list,
    "users.info": users_info,
    "users.list": users_list,
    "users.lookupByEmail": users_by_email,
    "users.profile.get": users_profile,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroup_users,
    "usergroups.users.update": usergroup_users_update,
}
