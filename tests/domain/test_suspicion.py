"""Which change is suspected first, and with which reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Resource, Service
from bot.domain.change import Change, ChangeKind, ChangeStatus, Nearness
from bot.domain.suspicion import Trouble, placed, rank
from tests.timeline.ledgers import NOON

MINUTE = timedelta(minutes=1)


def change(id_: str = "c", *, minutes: float = 5, **more: object) -> Change:
    made = Change(
        id=id_,
        source="Argo CD",
        service="lms",
        environment="production",
        at=NOON - timedelta(minutes=minutes),
        after="r142",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def trouble(**more: object) -> Trouble:
    return replace(Trouble(environment="production", start=NOON), **more)  # type: ignore[arg-type]


def score(one: Change, **more: object) -> float:
    found = rank([one], trouble(**more))
    return found[0].score if found else 0.0


def reasons(one: Change, **more: object) -> tuple[str, ...]:
    (suspect,) = rank([one], trouble(**more))
    return suspect.reasons


def order(*changes: Change, title: str = "") -> list[str]:
    return [s.change.id for s in rank(changes, trouble(title=title))]


RUNNING, DEGRADED = ChangeStatus.RUNNING, ChangeStatus.DEGRADED
FIGURES = [
    ("a deploy five minutes before, unwell since", change(status=DEGRADED), 1.0),
    ("weights of a balancer a minute before", change(minutes=1, kind=ChangeKind.WEIGHT), 0.88),
    ("a dependency's deploy in progress", change(status=RUNNING, distance=1), 0.6),
    (
        "a firewall rule",
        change(minutes=7, kind=ChangeKind.WAF, nearness=Nearness.SHARED),
        0.06,
    ),
    ("yesterday", change(minutes=24 * 60), 0.0),
    ("a rollback after the fact", change(minutes=-20), 0.0),
    ("staging", change(environment="staging"), 0.0),
]


@pytest.mark.parametrize(("what", "one", "wanted"), FIGURES, ids=[f[0] for f in FIGURES])
def test_the_figures_are_those_that_were_worked_out(what: str, one: Change, wanted: float) -> None:
    assert round(score(one), 2) == wanted


@pytest.mark.parametrize(
    ("distance", "weight"), [(0, 1.0), (1, 0.6), (2, 0.35), (3, 0.2), (7, 0.2)]
)
def test_each_step_away_weighs_less(distance: int, weight: float) -> None:
    assert score(change(status=RUNNING, distance=distance)) == weight


def test_what_is_shared_weighs_more_when_more_than_one_service_fails() -> None:
    shared = change(status=RUNNING, nearness=Nearness.SHARED)
    assert score(shared) == 0.1
    assert score(shared, several=True) == 0.6


def test_what_is_not_related_weighs_least() -> None:
    assert score(change(status=RUNNING, nearness=Nearness.UNRELATED)) == 0.03


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        ("deploy", 1.0),
        ("ami", 1.0),
        ("config", 0.9),
        ("flag", 0.9),
        ("weight", 0.9),
        ("migration", 0.9),
        ("infra", 0.8),
        ("waf", 0.7),
        ("failover", 0.6),
        ("scale", 0.4),
        ("restart", 0.4),
    ],
)
def test_each_kind_has_its_own_weight(kind: str, weight: float) -> None:
    assert score(change(status=RUNNING, kind=ChangeKind(kind))) == weight


def test_a_flag_changed_after_a_deploy_is_taken_back_before_it() -> None:
    deploy = change(minutes=10, id="deploy")
    flag = change(minutes=7, id="flag", kind=ChangeKind.FLAG, reversible_by="set_flag")
    first, second = rank([deploy, flag], trouble())
    assert [first.change.id, second.change.id] == ["flag", "deploy"]
    assert first.score < second.score
    assert "changed after the deploy" in first.reasons[-1]


@pytest.mark.parametrize(
    "flag",
    [
        {"minutes": 12, "reversible_by": "set_flag"},
        {"minutes": -1, "reversible_by": "set_flag"},
        {"minutes": 7, "reversible_by": ""},
        {"minutes": 7, "reversible_by": "set_flag", "distance": 1},
    ],
    ids=["before it", "after it went bad", "that nobody can take back", "farther away"],
)
def test_a_deploy_stays_first_beside_a_flag(flag: dict[str, object]) -> None:
    deploy = change(minutes=10, id="deploy")
    other = change(id="flag", kind=ChangeKind.FLAG, **flag)
    assert rank([deploy, other], trouble())[0].change.id == "deploy"


def test_half_of_the_weight_is_gone_after_half_an_hour() -> None:
    assert score(change(minutes=30)) == 0.5
    assert score(change(minutes=60)) == 0.25


def test_the_end_of_a_change_counts_and_not_its_beginning() -> None:
    assert score(change(minutes=60, ended=NOON - 30 * MINUTE)) == 0.5
    assert score(change(minutes=60, ended=NOON + MINUTE)) == 1.0


def test_what_began_afterwards_counts_a_quarter_for_fifteen_minutes() -> None:
    assert score(change(minutes=0)) == 1.0
    assert score(change(minutes=-10)) == 0.125
    assert score(change(minutes=-16)) == 0.0


def test_a_failed_change_weighs_more_and_a_sick_one_most() -> None:
    old = change(minutes=30)
    assert score(replace(old, status=ChangeStatus.FAILED)) == 0.575
    assert score(replace(old, status=DEGRADED)) == 0.6


def test_a_large_change_weighs_up_to_fifteen_per_cent_more() -> None:
    assert score(change(minutes=30, size=1000)) == 0.575
    assert score(change(minutes=30, size=10**6)) == 0.575
    assert 0.5 < score(change(minutes=30, size=20)) < 0.575


def test_no_score_is_over_one() -> None:
    assert score(change(minutes=1, status=DEGRADED, size=1000), title="r142") == 1.0


def test_the_newest_before_the_start_comes_first() -> None:
    assert order(change("old", minutes=90), change("new", minutes=4)) == ["new", "old"]


def test_a_fresh_change_nearby_beats_an_old_one_at_the_spot() -> None:
    near = change("dep", minutes=5, distance=1)
    assert order(change("old", minutes=120), near) == ["dep", "old"]


def test_a_revision_named_in_the_page_weighs_more() -> None:
    plain, named = change("plain", minutes=20, after="r1"), change("named", minutes=22)
    assert order(plain, named) == ["plain", "named"]
    assert order(plain, named, title="5xx since R142") == ["named", "plain"]


def test_part_of_a_revision_is_not_its_name() -> None:
    assert "named in the page" not in reasons(change(after="r14"), title="5xx since r142")


def test_the_reasons_say_every_factor_in_words() -> None:
    assert reasons(change(minutes=4, distance=2)) == (
        "deployed 4 min before the first bad minute",
        "a dependency, 2 steps away",
    )
    assert reasons(change(minutes=4, kind=ChangeKind.RESTART, status=DEGRADED, size=300)) == (
        "restarted 4 min before the first bad minute",
        "the failing service itself",
        "of a kind that seldom sets off an incident",
        "unwell since it went out",
        "a large change (300 lines)",
    )
    assert reasons(change(minutes=4, status=RUNNING)) == (
        "in progress at the first bad minute (begun 4 min before)",
        "the failing service itself",
    )


def test_what_a_source_says_for_it_is_a_reason() -> None:
    assert reasons(change(notes=("PagerDuty: the most recent change",)))[-1].startswith("PagerD")


def test_only_the_best_five_are_kept() -> None:
    assert len(order(*[change(str(n), minutes=n) for n in range(9)])) == 5


CATALOG = Catalog(
    services=(
        Service(name="lms", aliases=("lms-web",), owner="team-lms", depends_on=("auth", "waf")),
        Service(name="lms-worker", part_of="lms", owner="team-lms"),
        Service(name="auth", owner="team-identity", depends_on=("db",)),
        Service(name="notes", owner="team-notes"),
    ),
    resources=(
        Resource(name="waf", kind="waf", owner="team-platform"),
        Resource(name="db", kind="rds", owner="team-data"),
    ),
)


@pytest.mark.parametrize(
    ("service", "distance", "nearness"),
    [
        ("lms", 0, Nearness.PATH),
        ("lms-web", 0, Nearness.PATH),
        ("lms-worker", 1, Nearness.PATH),
        ("auth", 1, Nearness.PATH),
        ("db", 2, Nearness.PATH),
        ("waf", 0, Nearness.SHARED),
        ("notes", 0, Nearness.UNRELATED),
        ("", 0, Nearness.UNRELATED),
    ],
)
def test_a_change_is_placed_by_the_catalog(
    service: str, distance: int, nearness: Nearness
) -> None:
    found = placed(change(service=service), CATALOG, "lms")
    assert (found.distance, found.nearness) == (distance, nearness)


def test_the_firewall_that_itself_fails_is_no_shared_ground() -> None:
    assert placed(change(service="waf"), CATALOG, "waf").nearness is Nearness.PATH


def test_the_owner_comes_from_the_catalog() -> None:
    assert placed(change(service="auth"), CATALOG, "lms").team == "team-identity"
