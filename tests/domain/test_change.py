"""Which change is suspected first, and with which reasons."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.change import Change, rank
from tests.timeline.ledgers import NOON


def change(id_: str, *, minutes: float, distance: int = 0, after: str = "r142") -> Change:
    return Change(
        id=id_,
        source="Argo CD",
        service="lms",
        environment="production",
        at=NOON - timedelta(minutes=minutes),
        after=after,
        distance=distance,
    )


def order(*changes: Change, title: str = "") -> list[str]:
    return [s.change.id for s in rank(changes, start=NOON, title=title)]


def test_the_newest_before_the_start_comes_first() -> None:
    assert order(change("old", minutes=90), change("new", minutes=4)) == ["new", "old"]


def test_the_failing_service_comes_before_its_dependency() -> None:
    far = change("far", minutes=4, distance=1)
    assert order(far, change("near", minutes=4)) == ["near", "far"]


def test_a_fresh_change_nearby_beats_an_old_one_at_the_spot() -> None:
    assert order(change("old", minutes=120), change("dep", minutes=5, distance=1)) == [
        "dep",
        "old",
    ]


def test_what_came_after_the_start_is_weak_and_soon_nothing() -> None:
    assert order(change("after", minutes=-5), change("before", minutes=20)) == ["before", "after"]
    assert order(change("late", minutes=-16)) == []


def test_what_is_long_ago_is_no_suspect() -> None:
    assert order(change("ancient", minutes=600)) == []


def test_a_revision_named_in_the_page_weighs_more() -> None:
    plain, named = change("plain", minutes=20, after="r1"), change("named", minutes=22)
    assert order(plain, named) == ["plain", "named"]
    assert order(plain, named, title="5xx since R142") == ["named", "plain"]


def test_part_of_a_revision_is_not_its_name() -> None:
    (suspect,) = rank((change("c", minutes=20, after="r14"),), start=NOON, title="5xx since r142")
    assert "named in the page" not in suspect.reasons


def test_the_reasons_say_when_and_where() -> None:
    (suspect,) = rank((change("c", minutes=4, distance=2),), start=NOON)
    assert suspect.reasons == (
        "deployed 4 min before the first bad minute",
        "a dependency, 2 steps away",
    )


def test_only_the_best_five_are_kept() -> None:
    assert len(order(*[change(str(n), minutes=n) for n in range(9)])) == 5
