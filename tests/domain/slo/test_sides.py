"""What is counted together is told apart only where every query says which side it counts."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.slo import Bucket, Counts, NewRelicQuery, Ratio, Threshold
from bot.domain.slo.sides import of_side, series, side, told_apart
from tests.timeline.ledgers import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def count(part: str) -> NewRelicQuery:
    return NewRelicQuery(nrql="SELECT count(*) FROM Transaction", part=part)


def both(*parts: str) -> tuple[NewRelicQuery, ...]:
    return tuple(count(each) for each in parts)


def test_two_named_sides_are_told_apart_in_their_order() -> None:
    ratio = Ratio(total=both("EC2", "EKS"), bad=both("EKS", "EC2"))
    assert told_apart(ratio) == ("EC2", "EKS")
    assert of_side(ratio.bad, "EC2") == [1]


def test_a_query_that_says_no_side_leaves_it_one() -> None:
    assert told_apart(Ratio(total=both("EC2", ""), bad=both("EC2"))) == ()
    assert told_apart(Ratio(total=both("EC2", "EKS"), bad=both(""))) == ()


def test_one_side_alone_or_a_percentile_has_none() -> None:
    assert told_apart(Ratio(total=both("EC2", "EC2"), good=both("EC2"))) == ()
    assert told_apart(Threshold(query=count("EC2"), below=500)) == ()


def test_no_objective_is_called_as_a_side_is_kept() -> None:
    assert "#" in series("discovery-availability", "EC2 side")


def test_a_side_is_counted_over_the_last_hour_and_the_last_six() -> None:
    minutes = [
        Bucket(at=NOON - 7 * HOUR, step=MINUTE, counts=Counts(100, 100)),
        Bucket(at=NOON - 5 * HOUR, step=MINUTE, counts=Counts(100, 10)),
        Bucket(at=NOON - 2 * MINUTE, step=MINUTE, counts=Counts(50, 1)),
        Bucket(at=NOON - MINUTE, step=MINUTE, counts=None),
    ]
    found = side("EC2", minutes, NOON)
    assert found.counts == (Counts(50, 1), Counts(150, 11))
    assert (found.events, found.since) == (150, NOON - 5 * HOUR)


def test_a_side_that_nothing_is_known_of_says_so() -> None:
    found = side("EC2", [], NOON)
    assert (found.events, found.since, found.counts[0].sli) == (0, None, None)
