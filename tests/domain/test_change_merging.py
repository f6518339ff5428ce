"""What several sources saw is told once, and what we did ourselves is no suspect."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.change import Change, ChangeKind, ChangeStatus
from bot.domain.change_merging import WITHIN, Ours, merged, retold
from tests.timeline.ledgers import NOON

SHA = "4f0c1d2e3a4b5c6d7e8f90123456789012345678"


def change(source: str = "Argo CD", id_: str = "", **more: object) -> Change:
    made = Change(
        id=id_ or f"{source}-1",
        source=source,
        service="lms",
        environment="production",
        at=NOON,
        after="r142",
    )
    return replace(made, **more)  # type: ignore[arg-type]


ARGO = change(
    refs=(SHA, "registry.demo.example/lms:r142"),
    before="r141",
    reversible_by="rollback",
    target="a" * 40,
)
PAGER = change("PagerDuty", at=NOON + timedelta(minutes=2), author="kenji", after="")


def test_one_deploy_seen_by_two_sources_is_one_change_with_both_named() -> None:
    (one,) = merged([replace(PAGER, refs=("r142",)), ARGO])
    assert one.sources == ("Argo CD", "PagerDuty")
    assert one.ids == ("Argo CD-1", "PagerDuty-1")
    assert (one.before, one.author, one.target) == ("r141", "kenji", "a" * 40)


def test_a_short_commit_is_the_long_one() -> None:
    assert len(merged([ARGO, replace(PAGER, refs=(SHA[:8],))])) == 1
    assert len(merged([ARGO, replace(PAGER, refs=("deadbeef",))])) == 2


def test_an_image_is_known_by_its_tag() -> None:
    assert len(merged([replace(ARGO, after="4f0c1d2"), replace(PAGER, after="r142")])) == 1


def test_a_summary_that_names_the_version_is_enough() -> None:
    assert len(merged([ARGO, replace(PAGER, message="Deployed lms r142 by kenji")])) == 1
    assert len(merged([ARGO, replace(PAGER, message="Deployed lms r1423 by kenji")])) == 2


def test_a_branch_is_no_name_of_a_version() -> None:
    ours, theirs = replace(ARGO, after="main", refs=()), replace(PAGER, after="main")
    assert len(merged([ours, theirs])) == 2


def test_ten_minutes_apart_is_the_most() -> None:
    near, far = (replace(PAGER, refs=("r142",), at=NOON + by) for by in (WITHIN, WITHIN * 1.1))
    assert len(merged([ARGO, near])) == 1
    assert len(merged([ARGO, far])) == 2


def test_two_that_one_source_tells_apart_stay_two() -> None:
    again = replace(ARGO, id="Argo CD-2", at=NOON + timedelta(minutes=6))
    assert len(merged([ARGO, again])) == 2


def test_a_restart_is_not_the_deploy_it_came_with() -> None:
    restart = replace(PAGER, refs=("r142",), kind=ChangeKind.RESTART)
    assert len(merged([ARGO, restart])) == 2


def test_the_worst_that_was_seen_of_it_is_believed() -> None:
    sick = replace(PAGER, refs=("r142",), status=ChangeStatus.DEGRADED)
    (one,) = merged([replace(ARGO, status=ChangeStatus.DONE), sick])
    assert one.status is ChangeStatus.DEGRADED


def test_an_id_that_comes_twice_is_one_change_with_all_reasons() -> None:
    (one,) = merged([replace(PAGER, notes=("a",)), replace(PAGER, notes=("b",))])
    assert one.also == ()
    assert set(one.notes) == {"a", "b"}


def test_what_two_sources_saw_and_one_of_them_sees_again_is_told_once() -> None:
    told = replace(PAGER, message="Deployed r142")
    (whole,) = merged([ARGO, told])
    assert merged(retold([whole], [told])) == (whole,)


def test_what_comes_back_whole_is_told_as_it_is_now() -> None:
    told = replace(PAGER, message="Deployed r142")
    (whole,) = merged([ARGO, told])
    done = replace(ARGO, status=ChangeStatus.DONE)
    (again,) = merged(retold([whole], [done, told]))
    assert (again.status, again.sources) == (ChangeStatus.DONE, whole.sources)


def test_a_source_that_answers_late_joins_what_was_told_before() -> None:
    before = merged([ARGO, replace(PAGER, refs=("r142",))])
    late = change("New Relic", at=NOON + timedelta(minutes=1))
    (one,) = merged([*before, late])
    assert one.sources == ("Argo CD", "PagerDuty", "New Relic")


seen = st.builds(
    lambda n, source, service, place, minute, refs: replace(
        change(source, f"{source}-{n}"),
        service=service,
        environment=place,
        at=NOON + timedelta(minutes=minute),
        after="",
        refs=tuple(refs),
    ),
    st.integers(0, 10**6),
    st.sampled_from(["Argo CD", "PagerDuty", "New Relic"]),
    st.sampled_from(["lms", "auth"]),
    st.sampled_from(["production", "staging"]),
    st.integers(0, 40),
    st.lists(st.sampled_from(["r1", "r2", SHA, SHA[:7]]), max_size=2),
)
many = st.lists(seen, max_size=9, unique_by=lambda each: each.id)


@given(many, st.randoms())
def test_the_order_of_the_answers_makes_no_difference(changes, dice) -> None:
    shuffled = list(changes)
    dice.shuffle(shuffled)
    assert merged(shuffled) == merged(changes)


@given(many)
def test_nothing_that_was_seen_is_lost_or_told_twice(changes) -> None:
    told = [id_ for each in merged(changes) for id_ in each.ids]
    assert sorted(told) == sorted(each.id for each in changes)


@given(many)
def test_only_what_belongs_together_is_told_as_one(changes) -> None:
    known = {each.id: each for each in changes}
    for one in merged(changes):
        parts = [known[id_] for id_ in one.ids]
        assert len({(p.service, p.environment) for p in parts}) == 1
        assert len({p.source for p in parts}) == len(parts)
        assert all(abs(a.at - b.at) <= WITHIN for a, b in combinations(parts, 2))


@given(many)
def test_two_that_are_left_are_not_the_same_by_every_rule(changes) -> None:
    for a, b in combinations(merged(changes), 2):
        place = (a.service, a.environment) == (b.service, b.environment)
        shared = set(a.refs) & set(b.refs)
        alone = not a.also and not b.also and a.source != b.source
        assert not (place and shared and alone and abs(a.at - b.at) <= WITHIN)


OURS = Ours(
    names=frozenset({"tocsin"}),
    marks=frozenset({"i7k2"}),
    done=(("lms", "r141", NOON),),
)


def test_what_our_account_did_is_ours() -> None:
    assert OURS.did(change(actor="Tocsin"))
    assert not OURS.did(change(actor="kenji"))


def test_what_carries_an_incident_or_an_attempt_is_ours() -> None:
    assert OURS.did(change(actor="assumed-role/responder/i7k2"))
    assert OURS.did(change(message="restarted for i7k2.m1.1"))
    assert not OURS.did(change(message="restarted for i7k22"))


def test_what_went_where_we_sent_it_just_then_is_ours() -> None:
    assert OURS.did(change(after="r141", at=NOON + timedelta(minutes=1)))
    assert not OURS.did(change(after="r141", at=NOON - timedelta(minutes=1)))
    assert not OURS.did(change(after="r141", at=NOON + timedelta(minutes=11)))
    assert not OURS.did(change(after="r142", at=NOON + timedelta(minutes=1)))
