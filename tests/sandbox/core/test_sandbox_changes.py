"""Screens hear of changes, and catch up on what they missed."""

import asyncio

from sandbox.core.changes import REPLAY, Broadcast


def topics(broadcast: Broadcast, after: int | None) -> list[str]:
    async def scene() -> list[str]:
        seen = []
        with broadcast.subscribe(after=after) as subscription:
            while change := await subscription.next(0.01):
                seen.append(change.topic)
        return seen

    return asyncio.run(scene())


def test_a_screen_that_was_away_catches_up() -> None:
    broadcast = Broadcast()
    seen = broadcast.publish("first")
    broadcast.publish("second")
    broadcast.publish("third")
    assert topics(broadcast, seen) == ["second", "third"]


def test_a_new_screen_starts_with_nothing() -> None:
    broadcast = Broadcast()
    broadcast.publish("first")
    assert topics(broadcast, None) == []


def test_a_screen_away_for_too_long_is_told_of_the_gap() -> None:
    broadcast = Broadcast()
    for number in range(REPLAY + 10):
        broadcast.publish(str(number))
    with broadcast.subscribe(after=1) as late, broadcast.subscribe(after=REPLAY) as fine:
        assert late.gap
        assert not fine.gap
