"""A flag of django-waffle on a real cluster: read from what Jobs listed, set by one Job, found again."""

from __future__ import annotations

import pytest

from bot.domain.catalog import Deployment
from bot.domain.change import Change
from bot.domain.errors import Refused, VendorRejected
from bot.domain.mitigation import (
    Cleared,
    Plan,
    Receipt,
    Seen,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Untouched,
)
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.flag_changes import ListedFlags
from bot.mitigations.set_waffle_flag import SetWaffleFlag
from bot.tools import Tools
from tests.cluster.bots import WHERE, Bots, bind, carried_out
from tests.cluster.control_plane import READER
from tests.cluster.waffle import DATES, SEARCH, Waffle, catalog, row, store, tools
from tests.cluster.world import World, until
from tests.timeline.ledgers import NOON

pytestmark = pytest.mark.own("a kubelet is played that keeps logs")

KIND = SetWaffleFlag(where=WHERE)
ATTEMPT = "20260305-lms-ab12.m1.1"


@pytest.fixture
def waffle(world: World) -> Waffle:
    bind(world, "bot", "tocsin-set-flag")
    return Waffle(world=world)


@pytest.fixture
def flags(waffle: Waffle) -> Waffle:
    """New search for 25 % and superusers, relative dates for everyone."""
    waffle.cronjob()
    waffle.listed(row(SEARCH, percent="25.0"), row(DATES, everyone="True", percent="10.0"))
    return waffle


@pytest.fixture
def place(world: World) -> Deployment:
    return store(world)


def ended(with_: Tools, plan: Plan, receipt: Receipt) -> Seen:
    def look() -> Seen | None:
        seen = KIND.verify(with_, plan, receipt)
        return None if isinstance(seen, TooEarly) else seen

    found: Seen = until(look, "the Job has ended")
    return found


def done(with_: Tools, plan: Plan, attempt: str = ATTEMPT) -> Receipt:
    receipt = carried_out(KIND, with_, plan, attempt)
    assert isinstance(ended(with_, plan, receipt), Settled)
    return receipt


def test_what_is_on_is_offered_to_be_switched_off_as_it_was_last_listed(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    found = KIND.offers(tools(bots, world), place, before=None)

    assert [(each.target, each.message) for each in found] == [
        (f"{SEARCH} off", "now: on for 25 %, superusers, some people, read just now"),
        (f"{DATES} off", "now: on, read just now"),
    ]


def test_the_plan_shows_before_and_after_the_owner_and_how_old_the_value_is(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    plan = KIND.plan(tools(bots, world), place, f"{DATES} off")

    assert [(d.what, d.before, d.after) for d in plan.differences] == [(DATES, "on", "off")]
    whose, read = plan.stands
    assert whose == "the flag belongs to LMS team"
    assert read.startswith("read just now, from job lms-flags-")
    assert f"tell it `waffle_flag {DATES} --deactivate --percent 10 --superusers --append`" in (
        plan.steps
    )
    assert not plan.forward
    assert flags.set() == []


def test_a_flag_is_set_by_one_job_that_keeps_everything_else_of_it(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{DATES} off")

    receipt = carried_out(KIND, at, plan, ATTEMPT)
    seen = ended(at, plan, receipt)

    assert isinstance(seen, Settled)
    assert seen.evidence == f"the flag {DATES} is off"
    assert seen.said.endswith("it completed. Its last words: Setting everyone: …")
    (job,) = flags.set()
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["./manage.py", "lms", "waffle_flag"]
    assert container["args"] == [
        DATES,
        *("--deactivate", "--percent", "10", "--superusers", "--append"),
    ]


def test_what_a_person_says_went_through_is_not_waited_for(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{DATES} off")
    said = Receipt(reference="", summary="Ana says that it worked", at=NOON)

    assert KIND.verify(at, plan, said) == Settled(evidence=said.summary, at=NOON)


def test_it_is_undone_to_what_was_there_even_before_it_is_listed_again(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{SEARCH} off")
    receipt = done(at, plan)

    back = KIND.undo(at, plan, receipt)

    assert (
        back.title == f"Undo: set the flag {SEARCH} to on for 25 %, superusers, some people again"
    )
    assert KIND.plan(at, place, back.target).digest == back.digest
    done(at, back, "20260305-lms-ab12.m2.1")
    told = [each["spec"]["template"]["spec"]["containers"][0]["args"] for each in flags.set()]
    assert [SEARCH, "--percent", "25", "--superusers", "--append"] in told


def test_more_people_than_before_is_forward(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    assert KIND.plan(at, place, f"{SEARCH} 50%").forward
    assert not KIND.plan(at, place, f"{SEARCH} 10%").forward


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (f"{DATES} on", "is on already"),
        (f"{DATES} 50%", "lets .* be set to on, off, not to 50%"),
        ("other.flag off", "declares no flag “other.flag” there"),
        (DATES, "not understood"),
    ],
)
def test_what_makes_no_sense_is_refused(
    bots: Bots, flags: Waffle, world: World, place: Deployment, target: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        KIND.plan(tools(bots, world), place, target)


def test_a_flag_that_others_set_since_the_plan_was_made_is_refused(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{SEARCH} off")
    flags.listed(row(SEARCH, everyone="True"), row(DATES, everyone="True"))

    with pytest.raises(Refused, match=f"{SEARCH} is on, or what sets it was changed"):
        carried_out(KIND, at, plan, ATTEMPT)
    assert flags.set() == []


def test_what_sets_it_is_part_of_the_approval(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{SEARCH} off")
    template = {"spec": {"jobTemplate": {"spec": {"backoffLimit": 3}}}}
    world.merge("batch/v1", "cronjobs", "lms-flags", template)

    with pytest.raises(Refused, match="what sets it was changed"):
        carried_out(KIND, at, plan, ATTEMPT)


def test_after_a_crash_it_is_found_by_its_attempt_and_never_started_twice(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{SEARCH} off")
    assert isinstance(KIND.look(at, plan, ATTEMPT), Untouched)

    carried_out(KIND, at, plan, ATTEMPT)
    carried_out(KIND, at, plan, ATTEMPT)

    assert isinstance(KIND.look(at, plan, ATTEMPT), Receipt)
    assert isinstance(KIND.look(at, plan, "20260305-lms-ab12.m1.2"), Untouched)
    assert len(flags.set()) == 1


def test_a_job_that_fails_says_its_last_words_without_personal_details(
    bots: Bots, waffle: Waffle, world: World, place: Deployment
) -> None:
    waffle.cronjob(ends="badly")
    waffle.listed(row(SEARCH, everyone="True"))
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{SEARCH} off")

    seen = ended(at, plan, carried_out(KIND, at, plan, ATTEMPT))

    assert isinstance(seen, Unhealthy)
    assert "it failed: Job has reached the specified backoff limit" in seen.why
    assert "no such queue" in seen.why
    assert "ana@demo.example" not in seen.why


def test_a_flag_that_others_set_back_is_not_recovered_and_no_left_over(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{DATES} off")
    assert plan.leftovers == (f"the flag {DATES} is off",)
    receipt = done(at, plan)
    assert isinstance(KIND.leftover(at, plan), StillThere)

    flags.listed(row(SEARCH), row(DATES, everyone="True", percent="10.0"))

    assert KIND.verify(at, plan, receipt) == Unhealthy(why=f"the flag {DATES} is on again")
    assert KIND.leftover(at, plan) == Cleared(shows=f"the flag {DATES} is on")


def test_a_left_over_stays_where_what_it_is_set_to_cannot_be_read(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    plan = KIND.plan(at, place, f"{DATES} off")
    flags.forgotten()

    seen = KIND.leftover(at, plan)

    assert isinstance(seen, StillThere)
    assert f"what {DATES} is set to is not known: no run of the cronjob" in seen.shows


def test_without_a_listing_nothing_is_planned(
    bots: Bots, waffle: Waffle, world: World, place: Deployment
) -> None:
    waffle.cronjob()
    why = r"no run of the cronjob lms-flags in .* that listed the flags is kept"

    with pytest.raises(Refused, match=why):
        KIND.plan(tools(bots, world), place, f"{SEARCH} off")
    with pytest.raises(Refused, match=why):
        KIND.offers(tools(bots, world), place, before=None)


def test_what_would_take_the_arguments_for_something_else_is_refused(
    bots: Bots, waffle: Waffle, world: World, place: Deployment
) -> None:
    waffle.cronjob(command=["sh", "-c", "./manage.py lms waffle_flag"])
    waffle.listed(row(SEARCH, everyone="True"))

    with pytest.raises(Refused, match="whose `command` ends in `waffle_flag`"):
        KIND.plan(tools(bots, world), place, f"{SEARCH} off")


def test_a_missing_right_is_told_in_the_plan(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    bind(world, "reader", "tocsin-read")

    with pytest.raises(VendorRejected, match=r"the right to list jobs \(batch\)"):
        KIND.plan(tools(bots, world, READER), place, f"{SEARCH} off")


def changes(with_: Tools, world: World) -> list[Change]:
    cluster = with_.cluster("production")
    assert isinstance(cluster, Kubernetes)
    source = ListedFlags(cluster.api, "production", catalog(world))
    now = with_.clock.now()
    found = source.changes([], since=now.replace(year=now.year - 1), until=now)
    return list(found if isinstance(found, list) else found.changes)


def test_what_differs_between_two_listings_is_a_change_with_its_way_back(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    flags.listed(
        row(SEARCH, everyone="True", percent="25.0"), row(DATES, everyone="True", percent="10.0")
    )
    at = tools(bots, world)

    (change,) = changes(at, world)

    assert change.title == (
        f"lms-flags {SEARCH} on for 25 %, superusers, some people → {SEARCH} on"
    )
    assert (change.reversible_by, change.target) == ("set_flag", f"{SEARCH} 25%")
    assert KIND.plan(at, place, change.target).differences[0].before == "on"
    fresh = KIND.offers(at, place, before=None)[0]
    assert (fresh.target, fresh.suggested) == (f"{SEARCH} off", True)


def test_a_change_of_our_own_carries_its_attempt(
    bots: Bots, flags: Waffle, world: World, place: Deployment
) -> None:
    at = tools(bots, world)
    done(at, KIND.plan(at, place, f"{DATES} off"))
    flags.listed(row(SEARCH, percent="25.0"), row(DATES, everyone="False", percent="10.0"))

    (change,) = changes(at, world)

    assert change.message == ATTEMPT
