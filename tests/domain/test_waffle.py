"""Flags of django-waffle: a listing is read, and the arguments that set one reset nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Refused
from bot.domain.flag_board import Command, FlagBoard, Listing
from bot.domain.waffle import WaffleFlag, as_it_is, laid_over, listed, told, wanted
from bot.domain.workflow import RunState
from tests.timeline.ledgers import NOON

LISTED = """\
2026-03-10 12:00:00,001 INFO 1 [xblock.plugin] nothing to see
Flags:
NAME: courseware.new_search
SUPERUSERS: True
EVERYONE: None
AUTHENTICATED: False
PERCENT: 12.5
TESTING: False
ROLLOUT: True
STAFF: False
GROUPS: ['testers']
USERS: ['ana']

NAME: course_experience.relative_dates
SUPERUSERS: False
EVERYONE: True
AUTHENTICATED: False
PERCENT: None
TESTING: False
ROLLOUT: False
STAFF: False
GROUPS: []
USERS: []

NAME: broken.off
SUPERUSERS: True
EVERYONE: Tr"""
FLAG = WaffleFlag(name="a.b", everyone=True, percent=20.0, superusers=True)
FLAGS = st.builds(
    WaffleFlag,
    name=st.just("a.b"),
    everyone=st.sampled_from((True, False, None)),
    percent=st.none() | st.integers(0, 100).map(float),
    superusers=st.booleans(),
    staff=st.booleans(),
    authenticated=st.booleans(),
    rollout=st.booleans(),
    testing=st.booleans(),
    groups=st.booleans(),
    people=st.booleans(),
)


def test_a_listing_is_read_and_what_is_broken_off_is_left_out():
    search, dates = listed(LISTED)

    assert search == WaffleFlag(
        name="courseware.new_search",
        percent=12.5,
        superusers=True,
        rollout=True,
        groups=True,
        people=True,
    )
    assert search.words == "on for 12.5 %, superusers, some groups, some people"
    assert dates == WaffleFlag(name="course_experience.relative_dates", everyone=True)


def test_who_has_a_flag_is_not_kept():
    assert "ana" not in repr(listed(LISTED))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.b off", "off"),
        ("a.b on", "on"),
        ("a.b 30%", "on for 30 %, superusers"),
        ("a.b 0%", "off"),
        ("a.b unset again", "on for superusers"),
    ],
)
def test_what_is_typed_is_what_it_becomes(text, words):
    assert wanted(text).made(FLAG).words == words


def test_only_a_way_back_leaves_it_to_the_rest_who_has_it():
    with pytest.raises(Refused, match="not understood"):
        wanted("a.b unset")


def test_the_arguments_tell_all_that_would_be_reset_else():
    assert wanted("a.b off").made(FLAG).arguments == (
        *("a.b", "--deactivate", "--percent", "20", "--superusers", "--append"),
    )


def test_a_percentage_alone_decides_for_nobody_else():
    assert wanted("a.b 30%").made(FLAG).arguments == (
        *("a.b", "--percent", "30", "--superusers", "--append"),
    )


@given(FLAGS)
def test_arguments_set_a_flag_to_exactly_what_it_is(flag):
    assert laid_over(flag, flag.arguments) == flag


@given(FLAGS, st.sampled_from(("on", "off", "25%")))
def test_the_way_back_leads_to_what_people_had(flag, value):
    after = wanted(f"a.b {value}").made(flag)
    back = wanted(as_it_is(flag).text).made(after)
    if flag.percent != 0:
        assert back.words == flag.words
    assert back.reach == flag.reach


def test_what_somebody_else_says_on_the_command_line_is_understood():
    said = ("--create", "-p=30", "a.b", "--group", "testers", "--staff")
    assert told(said) == WaffleFlag(name="a.b", percent=30.0, staff=True, groups=True)
    assert told(("--list",)) is None


def listing(at: datetime, *flags: WaffleFlag) -> Listing:
    return Listing(run="job l", at=at, ended=at + timedelta(seconds=20), flags=flags)


def command(ended: datetime, *arguments: str, state: RunState = RunState.SUCCEEDED) -> Command:
    return Command(run="job c", arguments=arguments, state=state, ended=ended)


def test_what_was_set_after_the_listing_counts_and_what_was_set_before_it_does_not():
    off = ("a.b", "--deactivate", "--append")
    later = command(NOON + timedelta(minutes=1), *off)
    before = command(NOON - timedelta(minutes=1), *off)

    assert FlagBoard(source="", listings=(listing(NOON, FLAG),), commands=(later,)).known(
        "a.b"
    ).flag == WaffleFlag(name="a.b", everyone=False)
    assert (
        FlagBoard(source="", listings=(listing(NOON, FLAG),), commands=(before,)).known("a.b").flag
        == FLAG
    )


def test_a_job_that_failed_has_set_nothing():
    failed = command(NOON + timedelta(minutes=1), "a.b", "--deactivate", state=RunState.FAILED)
    board = FlagBoard(source="", listings=(listing(NOON, FLAG),), commands=(failed,))

    assert board.known("a.b").flag == FLAG


def test_a_flag_that_is_not_listed_was_never_set():
    with pytest.raises(Refused, match=r"was never set there\. Create it by hand first"):
        FlagBoard(source="", listings=(listing(NOON, FLAG),)).known("a.c")
