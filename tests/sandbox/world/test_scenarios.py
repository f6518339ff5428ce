"""Every scenario pages untouched, heals when solved, and does not heal by its wrong moves."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import systems
from sandbox.core.simulation import Settings, Simulation
from sandbox.world import engine, loader
from sandbox.world.scenario import Scenario

LONG = 30 * 60


@pytest.fixture
def sim(monkeypatch: pytest.MonkeyPatch) -> Simulation:
    """A world without a server: deliveries are owed and never made."""
    sim = systems.simulate(Settings(start_paused=True))
    monkeypatch.setattr(sim, "spawn", lambda work, what: work.close())
    systems.start(sim)
    return sim


def played(sim: Simulation, name: str) -> Scenario:
    """Up to the moment of the first page."""
    engine.play(sim, name)
    for _ in range(LONG // 5):
        sim.clock.move(5)
        if sim.world.play and sim.world.play.paged_at:
            return sim.world.scenario
    raise AssertionError(f"{name} never paged")


@pytest.mark.parametrize("name", loader.names())
def test_a_scenario_left_alone_pages_and_does_not_heal(sim: Simulation, name: str) -> None:
    played(sim, name)
    sim.clock.move(LONG)
    assert sim.world.play is not None
    assert sim.world.play.won_at is None
    statuses = {each.status for each in sim.pagerduty.incidents.values()}
    assert statuses == {"triggered"}


@pytest.mark.parametrize("installed", [True, False])
def test_where_helm_is_not_installed_its_scenario_says_so_and_is_played(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, installed: bool
) -> None:
    if installed:
        (tmp_path / "helm").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    begun = engine.play(sim, "bad-helm-upgrade")
    said = [each["text"] for each in begun.events if "helm is not installed" in each["text"]]
    assert len(said) == (0 if installed else 1)


@pytest.mark.parametrize("name", loader.names())
def test_the_solution_heals_a_scenario_and_monitoring_ends_its_page(
    sim: Simulation, name: str
) -> None:
    scenario = played(sim, name)
    assert scenario.solution is not None
    engine.apply(sim, scenario.solution.set, after=scenario.solution.takes)
    sim.clock.move(LONG)
    assert sim.world.play is not None
    assert sim.world.play.won_at is not None
    statuses = {each.status for each in sim.pagerduty.incidents.values()}
    assert statuses == {"resolved"}


WRONG = [
    (name, index) for name in loader.names() for index in range(len(loader.load(name).wrong_moves))
]


@pytest.mark.parametrize(("name", "index"), WRONG)
def test_a_wrong_move_does_not_heal_and_earns_its_hint(
    sim: Simulation, name: str, index: int
) -> None:
    scenario = played(sim, name)
    move = scenario.wrong_moves[index]
    engine.apply(sim, move.set, after=move.takes)
    sim.clock.move(LONG)
    assert sim.world.play is not None
    assert sim.world.play.won_at is None
    assert move.hint in [each["text"] for each in sim.world.play.events]


def test_the_bad_deploy_drives_errors_to_about_eleven_percent_and_back(sim: Simulation) -> None:
    scenario = played(sim, "bad-lms-deploy")
    before = sim.world.metric("lms-web.error_pct", sim.world.play.started_at)
    sim.clock.move(60)
    during = sim.world.metric("lms-web.error_pct")
    engine.apply(sim, scenario.solution.set)
    sim.clock.move(300)
    after = sim.world.metric("lms-web.error_pct")
    assert before == pytest.approx(0.2, abs=0.1)
    assert during == pytest.approx(11.4, abs=0.2)
    assert after == pytest.approx(0.2, abs=0.1)


def test_the_page_says_which_threshold_broke_at_what_value(sim: Simulation) -> None:
    played(sim, "bad-lms-deploy")
    (incident,) = sim.pagerduty.incidents.values()
    (alert,) = incident.alerts
    assert incident.title == "LMS 5xx error rate above 5%"
    assert incident.service == "PLMS"
    assert alert.body.details["threshold"] == 5
    assert alert.body.details["value"] == pytest.approx(11.4, abs=0.3)
    assert alert.body.details["entity"] == "lms-web"
    assert alert.body.details["runbook_url"].startswith("https://")
    assert alert.body.links


def test_an_incident_resolved_while_it_is_still_bad_pages_again(sim: Simulation) -> None:
    played(sim, "bad-lms-deploy")
    (incident,) = sim.pagerduty.incidents.values()
    incident.status = "resolved"
    sim.clock.move(120)
    assert len(sim.pagerduty.incidents) == 2


def test_a_scenario_begun_again_starts_with_its_first_release(sim: Simulation) -> None:
    played(sim, "bad-lms-deploy")
    engine.play(sim, "bad-lms-deploy")
    assert sim.world["lms-web.revision"] == "r141"
    sim.clock.move(119)
    assert sim.world["lms-web.revision"] == "r141"
    sim.clock.move(2)
    assert sim.world["lms-web.revision"] == "r142"


def test_any_past_minute_can_be_asked_and_answers_the_same(sim: Simulation) -> None:
    played(sim, "bad-lms-deploy")
    now = sim.clock.now()
    earlier = [sim.world.metric("lms-web.p95_ms", now - timedelta(minutes=m)) for m in range(9)]
    sim.clock.move(LONG)
    again = [sim.world.metric("lms-web.p95_ms", now - timedelta(minutes=m)) for m in range(9)]
    assert again == earlier


def test_two_worlds_of_one_seed_show_the_same_numbers() -> None:
    first, second = (systems.simulate(Settings(start_paused=True)) for _ in range(2))
    for name in first.world.metric_names():
        assert first.world.metric(name) == second.world.metric(name)


def test_another_seed_shows_other_numbers() -> None:
    first = systems.simulate(Settings(start_paused=True, seed=1)).world
    second = systems.simulate(Settings(start_paused=True, seed=2)).world
    assert first.metric("lms-web.p95_ms") != second.metric("lms-web.p95_ms")


def test_beginning_again_ends_the_earlier_plays_page(sim: Simulation) -> None:
    played(sim, "bad-lms-deploy")
    (incident,) = sim.pagerduty.incidents.values()
    engine.play(sim, "bad-lms-deploy")
    assert incident.status == "resolved"
