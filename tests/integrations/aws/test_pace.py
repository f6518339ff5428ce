"""Two calls a second, whoever asks; and nobody waits past the end of his own patience."""

from __future__ import annotations

from datetime import timedelta

from bot.integrations.aws.pace import Pace


class Watch:
    """A clock that moves by sleeping only."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_calls_are_half_a_second_apart():
    watch = Watch()
    pace = Pace(timedelta(seconds=0.5), now=watch.now, sleep=watch.sleep)
    began = []
    for _ in range(4):
        assert pace.turn(until=200.0)
        began.append(watch.at)
    assert began == [100.0, 100.5, 101.0, 101.5]


def test_who_called_long_ago_does_not_wait():
    watch = Watch()
    pace = Pace(timedelta(seconds=0.5), now=watch.now, sleep=watch.sleep)
    pace.turn(until=200.0)
    watch.at = 110.0
    assert pace.turn(until=110.0)
    assert watch.at == 110.0


def test_a_turn_that_would_come_too_late_is_refused_at_once_and_taken_from_nobody():
    watch = Watch()
    pace = Pace(timedelta(seconds=0.5), now=watch.now, sleep=watch.sleep)
    pace.turn(until=200.0)
    assert not pace.turn(until=100.2)
    assert watch.at == 100.0
    assert pace.turn(until=100.5)
