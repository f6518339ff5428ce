"""A Rollout's status as Argo Rollouts writes it, read."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.progressive import Progressive, Strategy
from bot.integrations.kubernetes.progressive import progressive_of
from bot.integrations.kubernetes.rollout import rollout_of

ROUTED = {"canary": {"trafficRouting": {"nginx": {}}, "steps": [{"setWeight": 20}, {"pause": {}}]}}
ABORTED = "RolloutAborted: Rollout aborted update to revision 2"


def rollout(strategy: dict[str, Any], generation: int = 2, **status: Any) -> dict[str, Any]:
    seen = {"observedGeneration": "2", "currentPodHash": "new", "stableRS": "old", **status}
    return {
        "kind": "Rollout",
        "metadata": {"name": "web", "generation": generation},
        "spec": {"replicas": 5, "strategy": strategy},
        "status": seen,
    }


def read(strategy: dict[str, Any], **more: Any) -> Progressive:
    return progressive_of(rollout(strategy, **more))


def test_a_router_says_how_much_traffic_the_canary_gets() -> None:
    weights = {"canary": {"weight": 20}, "stable": {"weight": 80}}

    assert read(ROUTED, canary={"weights": weights}, updatedReplicas=5, replicas=10).weight == 20


def test_without_a_router_the_pods_share_the_traffic() -> None:
    assert read({"canary": {}}, updatedReplicas=1, replicas=5).weight == 20


def test_a_newer_template_than_it_has_seen_is_no_update_yet() -> None:
    assert not read({"canary": {}}, generation=3).under_way


def test_the_strategy_is_the_one_that_is_written() -> None:
    found = read({"blueGreen": {"autoPromotionEnabled": False}}, blueGreen={"activeSelector": "a"})

    assert (found.strategy, found.auto, found.active) == (Strategy.BLUE_GREEN, False, "a")


@pytest.mark.parametrize(
    ("step", "text", "waits"),
    [
        ({"setWeight": 40}, "40 % of the traffic", False),
        ({"pause": {}}, "a pause until a person promotes it", True),
        ({"pause": {"duration": "10m"}}, "a pause of 10m", False),
        ({"pause": {"duration": 30}}, "a pause of 30 s", False),
        ({"analysis": {"templates": []}}, "an analysis", False),
        ({"experiment": {}}, "an experiment", False),
        ({"setCanaryScale": {"replicas": 1}}, "another number of pods", False),
        ({"setHeaderRoute": {}}, "another route", False),
        ({"plugin": {"name": "x"}}, "a step of a plugin", False),
    ],
)
def test_each_sort_of_step_has_its_words(step: dict[str, Any], text: str, waits: bool) -> None:
    (found,) = read({"canary": {"steps": [step]}}).steps

    assert (found.text, found.waits) == (text, waits)


def test_what_a_retry_has_not_wiped_away_yet_is_no_failure() -> None:
    assert read({"canary": {}}, phase="Degraded", message=ABORTED).broken == ""
    assert read({"canary": {}}, phase="Degraded", message=ABORTED, abort=True).broken == ABORTED


def test_an_older_argo_rollouts_tells_of_the_abort_in_a_condition() -> None:
    told = {"type": "Progressing", "reason": "RolloutAborted"}
    conditions = [{**told, "lastUpdateTime": "2026-03-05T10:00:00Z"}]

    assert read({"canary": {}}, abort=True, conditions=conditions).aborted_at is not None
    assert read({"canary": {}}, abort=True).aborted_at is None


def test_an_update_is_out_when_it_is_promoted_and_all_its_pods_are_available() -> None:
    out = {"stableRS": "new", "updatedReplicas": 5, "availableReplicas": 5}

    assert rollout_of(rollout({"canary": {}}, **out)).done
    assert not rollout_of(rollout({"canary": {}}, **{**out, "availableReplicas": 4})).done
    assert not rollout_of(rollout({"canary": {}}, **{**out, "stableRS": "old"})).done


def test_an_update_without_progress_is_broken() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}

    seen = rollout_of(rollout({"canary": {}}, conditions=[late]))

    assert seen.broken == "it made no progress for too long"
