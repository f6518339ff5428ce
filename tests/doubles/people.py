"""The people, places and services that the tests of the flow talk about."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.catalog import (
    Catalog,
    Deployment,
    Environment,
    Journey,
    KnownPerson,
    PagingRule,
    Pattern,
    Service,
)
from bot.domain.people import Person, Standing

TEAM = "T0DEMO"


def person(user_id: str, name: str, standing: Standing = Standing.MEMBER) -> Person:
    return Person(user_id=user_id, team_id=TEAM, name=name, standing=standing)


ANA = person("U01ANA", "Ana Lima")
BEN = person("U02BEN", "Ben Okafor")
KENJI = person("U03KENJI", "Kenji Mori")
MAYA = person("U04MAYA", "Maya Singh")
RITA = person("U06RITA", "Rita Costa")
GUS = person("U07GUS", "Gus Hale", Standing.GUEST)
OLA = Person(user_id="U08OLA", team_id="T0PARTNER", name="Ola Nord", standing=Standing.OUTSIDER)

_TEAMS = {
    "U01ANA": "team-lms",
    "U02BEN": "team-platform",
    "U03KENJI": "team-lms",
    "U04MAYA": "team-support",
    "U06RITA": "team-data",
}


def email(one: Person) -> str:
    return f"{one.name.split()[0].lower()}@demo.example"


KNOWN = tuple(
    KnownPerson(
        slack=one.user_id,
        name=one.name,
        email=email(one),
        pagerduty=f"P{one.user_id[3:]}",
        team=_TEAMS[one.user_id],
    )
    for one in (ANA, BEN, KENJI, MAYA, RITA)
)


def _service(name: str, **more: object) -> Service:
    where = [("production", f"P{name.upper()}"), ("staging", f"P{name.upper()}STG")]
    deployments = tuple(
        Deployment(service=name, environment=environment, app=name, cluster=f"{environment}-eks")
        for environment, _pager in where
    )
    asked: dict[str, object] = {
        "name": name,
        "title": name.upper(),
        "tier": 1,
        "owner": "team-lms",
        "pagerduty": tuple(where),
        "deployments": deployments,
        "new_relic_app": f"{name}-production",
    }
    return Service(**{**asked, **more})  # type: ignore[arg-type]


CATALOG = Catalog(
    environments=(
        Environment(name="production", production=True, cluster="prod-eks-1", region="us-east-1"),
        Environment(name="staging", cluster="stage-eks-1", region="us-east-1"),
    ),
    services=(
        _service("lms", depends_on=("auth",), status_components=("Courses",)),
        _service("auth", owner="team-platform"),
        _service("forums", tier=3, owner="team-support"),
        _service("grading", tier=2, pagerduty=()),
    ),
    journeys=(Journey(name="login", title="Logging in", members=("auth",)),),
    people=KNOWN,
    paging=(
        PagingRule(
            name="grading by its alert",
            service="grading",
            environment="production",
            patterns=(Pattern(field="alert", expression="GradingQueue"),),
        ),
    ),
)


@dataclass(frozen=True)
class Directory:
    """By the catalog alone; who is not in it has no e-mail."""

    catalog: Catalog = CATALOG

    def email(self, one: Person) -> str:
        known = self.catalog.person_by_slack(one.user_id)
        return known.email if known else ""

    def by_email(self, email: str) -> Person | None:
        known = self.catalog.person_by_email(email)
        return person(known.slack, known.name) if known else None

    def by_id(self, user_id: str) -> Person:
        known = self.catalog.person_by_slack(user_id)
        return person(user_id, known.name if known else "")
