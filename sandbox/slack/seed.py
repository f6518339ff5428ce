"""The workspace as it is at the start: its people, channels and user groups."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.slack.state import (
    BOT_USER,
    PARTNER_TEAM,
    SEEDED_AT,
    TEAM,
    Channel,
    Person,
    SlackState,
    Team,
    UserGroup,
)


def seed() -> SlackState:
    """A fresh workspace with the demo people and channels."""
    fresh = SlackState()
    fresh.teams = {t.id: t for t in _teams()}
    fresh.people = {p.id: p for p in _people()}
    fresh.channels = {c.id: c for c in _channels(fresh.people)}
    fresh.usergroups = {g.id: g for g in _usergroups()}
    fresh.last_micros = int(datetime.fromtimestamp(SEEDED_AT, UTC).timestamp() * 1_000_000)
    return fresh


def _teams() -> list[Team]:
    return [
        Team(id=TEAM, name="Demo Learning", domain="demo-learning"),
        Team(id=PARTNER_TEAM, name="Partner Schools", domain="partner-schools"),
    ]


def _people() -> list[Person]:
    rows = [
        ("U01ANA", "ana", "Ana Lima", "LMS on-call", "c2410c"),
        ("U02BEN", "ben", "Ben Okafor", "Platform SRE", "0f766e"),
        ("U03KENJI", "kenji", "Kenji Mori", "LMS developer", "1d4ed8"),
        ("U04MAYA", "maya", "Maya Singh", "Support and communications", "a21caf"),
        ("U05TOM", "tom", "Tom Weber", "Engineering manager", "4d7c0f"),
        ("U06RITA", "rita", "Rita Costa", "Database engineer", "be123c"),
        ("U07GUS", "gus", "Gus Hale", "Guest", "57534e"),
        ("U08OLA", "ola", "Ola Nord", "Partner contact", "7c3aed"),
    ]
    people = [
        Person(id=i, handle=h, name=n, email=f"{h}@demo.example", title=t, colour=c)
        for i, h, n, t, c in rows
    ]
    people[6].is_restricted = True
    people[7].email = "ola@partner.example"
    people[7].team_id = PARTNER_TEAM
    people[7].is_stranger = True
    bot = Person(id=BOT_USER, handle="tocsin", name="Tocsin", email=None, is_bot=True)
    return [*people, bot]


def _channels(people: dict[str, Person]) -> list[Channel]:
    colleagues = [p.id for p in people.values() if not (p.is_bot or p.is_stranger)]
    staff = [i for i in colleagues if not people[i].is_restricted]
    rows = [
        ("C0GENERAL", "general", [*colleagues, "U08OLA"], "Everything that concerns everybody"),
        ("C0INCIDENTS", "incidents", [*colleagues, BOT_USER], "Every incident has one line here"),
        ("C0LMS", "lms-oncall", [*staff, BOT_USER], "The people who keep the LMS up"),
    ]
    channels = [
        Channel(id=i, name=n, creator="U05TOM", created=SEEDED_AT, members=m, purpose=p)
        for i, n, m, p in rows
    ]
    channels[0].is_general = True
    channels[0].is_shared = True
    return channels


def _usergroups() -> list[UserGroup]:
    return [
        UserGroup(id="S0LMS", handle="lms-team", name="LMS team", users=["U01ANA", "U03KENJI"]),
        UserGroup(id="S0SRE", handle="sre", name="Platform SRE", users=["U02BEN"]),
    ]
