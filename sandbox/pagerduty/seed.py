"""The demo's PagerDuty account: who is on call for what."""

from sandbox.pagerduty.state import (
    Level,
    PagerDutyState,
    Policy,
    Priority,
    Service,
    Subscription,
    Team,
    User,
)

PEOPLE = {
    "PUANA": ("Ana Lima", "ana@demo.example", "LMS on-call"),
    "PUBEN": ("Ben Okafor", "ben@demo.example", "Platform SRE"),
    "PUKENJI": ("Kenji Mori", "kenji@demo.example", "LMS developer"),
    "PUMAYA": ("Maya Singh", "maya@demo.example", "Support and communications"),
    "PUTOM": ("Tom Weber", "tom@demo.example", "Engineering manager"),
    "PURITA": ("Rita Costa", "rita@demo.example", "Database engineer"),
    "PUTOCSIN": ("Tocsin", "tocsin@demo.example", "Incident bot"),
}
TEAMS = {
    "PTLMS": ("team-lms", ("PUANA", "PUKENJI", "PUTOM")),
    "PTPLATFORM": ("team-platform", ("PUBEN",)),
    "PTSUPPORT": ("team-support", ("PUMAYA",)),
    "PTDATA": ("team-data", ("PURITA",)),
}
POLICIES = {
    "EPLMS": ("LMS on-call", ("PUANA", "PUBEN", "PUTOM"), "PTLMS"),
    "EPPLATFORM": ("Platform on-call", ("PUBEN", "PUANA", "PUTOM"), "PTPLATFORM"),
    "EPDATA": ("Data on-call", ("PURITA", "PUBEN", "PUTOM"), "PTDATA"),
    "EPSUPPORT": ("Support on-call", ("PUMAYA", "PUTOM"), "PTSUPPORT"),
}
SERVICES = {
    "lms": "EPLMS",
    "cms": "EPLMS",
    "grading": "EPLMS",
    "ecommerce": "EPPLATFORM",
    "discovery": "EPPLATFORM",
    "credentials": "EPPLATFORM",
    "notes": "EPPLATFORM",
    "forums": "EPPLATFORM",
    "analytics": "EPDATA",
}
OTHERS = "EPPLATFORM"
"""Who is paged for a service that nobody listed here."""

PRIORITIES = (
    ("P1", "Critical: learners cannot learn", "a8171c"),
    ("P2", "High: an important journey is broken", "eb6016"),
    ("P3", "Moderate: degraded, with a way around", "f9b406"),
    ("P4", "Low", "555555"),
    ("P5", "Informational", "555555"),
)
EVENTS = (
    "incident.acknowledged", "incident.annotated", "incident.delegated", "incident.escalated",
    "incident.priority_updated", "incident.reassigned", "incident.reopened", "incident.resolved",
    "incident.responder.added", "incident.responder.replied", "incident.service_updated",
    "incident.status_update_published", "incident.triggered", "incident.unacknowledged",
    "service.created", "service.updated", "service.deleted",
)  # fmt: skip


def service_id(name: str, environment: str = "production") -> str:
    """The id convention of the demo: `lms` is PLMS, in staging PLMSSTG."""
    suffix = {"production": "", "staging": "STG"}.get(environment, environment[:3].upper())
    return "P" + "".join(each for each in name.upper() if each.isalnum()) + suffix


def service(name: str, environment: str = "production") -> Service:
    policy = SERVICES.get(name, OTHERS)
    shown = name if environment == "production" else f"{name} ({environment})"
    return Service(
        id=service_id(name, environment),
        name=shown,
        policy=policy,
        teams=(POLICIES[policy][2],),
        description=f"{name} of the demo platform, {environment}",
    )


def state() -> PagerDutyState:
    """A fresh account with no incident in it."""
    services = [service(name) for name in SERVICES] + [service("lms", "staging")]
    return PagerDutyState(
        users={
            key: User(id=key, name=name, email=email, job_title=title)
            for key, (name, email, title) in PEOPLE.items()
        },
        teams={
            key: Team(id=key, name=name, members=members) for key, (name, members) in TEAMS.items()
        },
        policies={
            key: Policy(
                id=key,
                name=name,
                levels=tuple(Level(users=(user,)) for user in users),
                teams=(team,),
            )
            for key, (name, users, team) in POLICIES.items()
        },
        services={each.id: each for each in services},
        priorities=[
            Priority(id=f"PP{index}", name=name, description=description, color=color)
            for index, (name, description, color) in enumerate(PRIORITIES, start=1)
        ],
        subscriptions={
            "PSUBDEMO": Subscription(
                id="PSUBDEMO", description="Sends incidents to the bot", events=EVENTS
            )
        },
    )
