"""Virtual time runs, jumps and stands still, and fires what is due in order."""

import asyncio
from datetime import timedelta

import pytest

from sandbox.core.clock import START, Clock


def test_a_jump_fires_everything_on_the_way_in_order_and_at_its_own_time() -> None:
    clock, seen = Clock(paused=True), []
    for seconds in (30, 10, 20):
        clock.call_later(seconds, lambda s=seconds: seen.append((s, clock.now())))
    clock.move(25)
    assert seen == [(s, START + timedelta(seconds=s)) for s in (10, 20)]
    assert clock.now() == START + timedelta(seconds=25)


def test_a_timer_set_by_a_timer_fires_within_the_same_jump() -> None:
    clock, seen = Clock(paused=True), []
    clock.call_later(10, lambda: clock.call_later(10, lambda: seen.append(clock.now())))
    clock.move(60)
    assert seen == [START + timedelta(seconds=20)]


def test_a_cancelled_timer_does_nothing() -> None:
    clock, seen = Clock(paused=True), []
    clock.call_later(1, lambda: seen.append(1)).cancel()
    clock.move(5)
    assert seen == []


def test_a_paused_clock_stands_still() -> None:
    clock = Clock(paused=True)
    assert clock.now() == clock.now() == START


@pytest.mark.parametrize("change", ["move", "set_speed", "pause", "resume"])
def test_every_change_of_the_clock_has_a_new_version(change: str) -> None:
    clock = Clock(paused=True)
    before = clock.version
    getattr(clock, change)(*([2] if change in ("move", "set_speed") else []))
    assert clock.version > before


def test_timers_fire_by_themselves_at_the_clocks_speed() -> None:
    async def scene() -> bool:
        clock, fired = Clock(speed=600), asyncio.Event()
        clock.start()
        clock.call_later(60, fired.set)
        await asyncio.wait_for(fired.wait(), 2)
        clock.stop()
        return fired.is_set()

    assert asyncio.run(scene())


def test_who_waits_for_a_change_hears_of_it_at_once() -> None:
    async def scene() -> bool:
        clock = Clock(paused=True)
        asyncio.get_running_loop().call_later(0.02, clock.move, 5)
        return await clock.changed(clock.version, 5)

    assert asyncio.run(scene())


def test_who_waits_in_vain_is_told_so() -> None:
    async def scene() -> bool:
        clock = Clock(paused=True)
        return await clock.changed(clock.version, 0.01)

    assert asyncio.run(scene()) is False
