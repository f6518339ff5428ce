"""A scenario with a mistake in it does not load, and says everything that is wrong."""

from typing import Any

import pytest

from sandbox.world import loader
from sandbox.world.loader import BadScenario


def a_scenario(**changes: Any) -> dict[str, Any]:
    return {
        "id": "x",
        "title": "X",
        "world": {"web": {"revision": "r1", "replicas": 2}},
        "metrics": {"web.error_pct": {"base": 1}},
        **changes,
    }


def read(**changes: Any) -> loader.Scenario:
    return loader.read(a_scenario(**changes), base=None, where="x.yaml")


def fault(when: Any) -> dict[str, Any]:
    return {"id": "f", "when": when, "effects": {"web.error_pct": {"add": 5}}}


def test_a_mistyped_path_in_a_condition_is_found_at_load_time() -> None:
    with pytest.raises(BadScenario, match=r"x.yaml: faults\[0\]: there is no `web.revisoin`"):
        read(faults=[fault("web.revisoin == r2")])


def test_a_mistyped_path_in_the_timeline_is_found_at_load_time() -> None:
    with pytest.raises(BadScenario, match=r"timeline\[0\]: there is no `wbe.revision`"):
        read(timeline=[{"at": 1, "set": {"wbe.revision": "r2"}}])


def test_what_a_ci_job_tells_needs_a_service_and_words() -> None:
    with pytest.raises(BadScenario, match=r"timeline\[0\]: `told` needs"):
        read(timeline=[{"at": 1, "told": {"service": "web"}}])


def test_an_unknown_metric_is_found_at_load_time() -> None:
    with pytest.raises(BadScenario, match=r"there is no metric `web\.eror_pct`"):
        read(win="metric.web.eror_pct < 1")


def test_an_effect_on_an_unknown_metric_is_found_at_load_time() -> None:
    with pytest.raises(BadScenario, match=r"there is no metric `web\.p99`"):
        read(
            faults=[{"id": "f", "when": "web.revision == r2", "effects": {"web.p99": {"add": 1}}}]
        )


def test_comparing_the_order_of_words_is_refused() -> None:
    with pytest.raises(BadScenario, match="has no order"):
        read(win="web.revision > 3")


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(BadScenario) as found:
        read(win="metric.nope < 1", faults=[fault("nowhere == 1")], colour="red")
    assert len(found.value.problems) == 3


def test_a_metric_may_be_written_with_underscores_for_dots() -> None:
    scenario = read(
        alerts=[{"id": "a", "when": "metric.web_error_pct > 5", "service": "web", "title": "T"}]
    )
    assert scenario.alerts[0].metric == "web.error_pct"
    assert scenario.alerts[0].threshold == 5


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadScenario, match="bad-lms-deploy"):
        loader.load("../quiet")
