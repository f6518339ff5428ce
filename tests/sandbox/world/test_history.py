"""What the demo world counted before it began, and what faults add to it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from sandbox import history, systems
from sandbox.core.clock import START
from sandbox.core.simulation import Settings, Simulation
from sandbox.world import engine
from sandbox.world.flows import of_app, of_cdn, of_side, of_slow
from sandbox.world.past import NOTHING, Stream, past

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STREAM = Stream(key="x", rate=300, ratio=0.001, spent=0.0005, incidents=((10, 2, 1.0),))


@pytest.fixture
def sim(monkeypatch: pytest.MonkeyPatch) -> Simulation:
    """A world without a server: deliveries are owed and never made."""
    sim = systems.simulate(Settings(start_paused=True))
    monkeypatch.setattr(sim, "spawn", lambda work, what: work.close())
    systems.start(sim)
    return sim


def ratio(sim, flow, over=3 * MINUTE):
    now = sim.clock.now()
    found = history.counted(sim, flow, since=now - over, until=now)
    return found.bad / found.total


def test_the_last_day_has_the_usual_ratio_and_the_last_month_what_was_spent():
    found = past(STREAM, 7)
    day, month = found.counted(START - DAY, START), found.counted(START - 30 * DAY, START)
    assert day.bad / day.total == pytest.approx(0.001, rel=0.01)
    assert month.bad / month.total == pytest.approx(0.0005, rel=0.001)


def test_any_cut_of_a_window_adds_up():
    found = past(STREAM, 7)
    window = (START - DAY - timedelta(seconds=17), START + HOUR)
    cuts = [window[0], START - 13 * HOUR, START - timedelta(minutes=7, seconds=3), window[1]]
    parts = [found.counted(*each) for each in pairwise(cuts)]
    assert sum(parts, NOTHING) == found.counted(*window)


def test_the_same_seed_has_the_same_past_and_another_has_another():
    window = (START - 9 * DAY, START - 8 * DAY)
    assert past(STREAM, 7).counted(*window) == past(replace(STREAM), 7).counted(*window)
    assert past(STREAM, 7).counted(*window) != past(STREAM, 8).counted(*window)


def test_an_incident_is_a_step_in_what_was_spent():
    found = past(STREAM, 7)
    began = START - 10 * DAY
    during, before = found.counted(began, began + 2 * HOUR), found.counted(began - DAY, began)
    assert during.bad > 10 * before.bad / 12


def test_nothing_is_counted_before_the_past_begins_or_in_the_future(sim):
    old = START - 500 * DAY
    assert past(STREAM, 7).counted(old, old + DAY) == NOTHING
    assert history.counted(sim, of_cdn(), since=START, until=START + HOUR) == NOTHING


def test_a_scenario_does_not_change_the_past(sim):
    flow, window = of_app("lms"), {"since": START - DAY, "until": START}
    before = history.counted(sim, flow, **window)
    engine.play(sim, "bad-lms-deploy")
    sim.clock.move(600)
    assert history.counted(sim, of_app("lms"), **window) == before


def test_a_quiet_world_goes_on_as_on_a_usual_day(sim):
    sim.clock.move(7200)
    for flow in (of_app("lms"), of_slow("lms", 0.5), of_cdn()):
        assert ratio(sim, flow, 2 * HOUR) == pytest.approx(flow.stream.ratio, rel=0.1)


def test_sign_ins_fail_with_the_cache(sim):
    engine.play(sim, "redis-saturation")
    sim.clock.move(900)
    assert ratio(sim, of_app("identity", "login")) == pytest.approx(0.18, abs=0.03)


def test_a_fault_of_one_side_shows_on_that_side(sim):
    engine.play(sim, "migration-traffic-shift")
    sim.clock.move(900)
    assert ratio(sim, of_side("discovery", "eks", 50)) == pytest.approx(0.18, abs=0.03)
    assert ratio(sim, of_side("discovery", "ec2", 50)) < 0.01


def test_what_is_blocked_at_the_edge_is_not_counted(sim):
    def requests():
        now = sim.clock.now()
        return history.counted(sim, of_app("lms"), since=now - 3 * MINUTE, until=now).total

    usual = requests()
    engine.play(sim, "waf-false-positive")
    sim.clock.move(900)
    assert requests() == pytest.approx(0.35 * usual, rel=0.15)


def test_a_handful_of_requests_are_not_all_bad(sim):
    sim.newrelic.traffic["*"] = 2.4
    sim.clock.move(3600)
    found = history.counted(sim, of_app("lms"), since=START, until=sim.clock.now())
    assert found.bad < 0.05 * found.total


def test_a_slow_hour_shows_in_the_percentile_of_a_day_by_its_share(sim):
    engine.play(sim, "bad-lms-deploy")
    sim.clock.move(3600)
    now = sim.clock.now()

    def slowest(over):
        return history.slowest(sim, "lms", since=now - over, until=now)

    assert slowest(10 * MINUTE) > slowest(2 * HOUR) > slowest(DAY) > 0.342
    assert history.slowest(sim, "lms", since=now, until=now + HOUR) is None
