"""Faults befall exactly the exchanges they were meant for, over a real wire."""

import json
from typing import Any

import httpx
import pytest

from sandbox.core.faults import BadRule, Faults

PATH = "/pagerduty/incidents"
HEADERS = {"Authorization": "Token token=pd-demo-token", "From": "ana@demo.example"}


def create(demo: Any, title: str = "T") -> httpx.Response:
    asked = {"incident": {"title": title, "service": {"id": "PLMS"}}}
    answer: httpx.Response = demo.http.post(PATH, json=asked, headers=HEADERS)
    return answer


def count(demo: Any) -> int:
    return len(demo.get("/state")["pagerduty"]["incidents"])


def fault(demo: Any, do: str, **more: Any) -> None:
    rule = {"service": "pagerduty", "match": "incidents.create", "when": {"times": 1}}
    answer = demo.post("/faults", rule={**rule, "do": do, **more})
    assert "fault" in answer, answer


@pytest.mark.parametrize(
    ("do", "work_done"),
    [("drop_response", 1), ("drop_request", 0), ("refuse", 0), ("reset", 0)],
)
def test_a_cut_connection_leaves_the_work_done_or_not(demo: Any, do: str, work_done: int) -> None:
    fault(demo, do)
    with pytest.raises(httpx.TransportError):
        create(demo)
    assert count(demo) == work_done


def test_a_fault_that_happens_once_is_over_afterwards(demo: Any) -> None:
    fault(demo, "5xx", status=502)
    assert create(demo).status_code == 502
    assert create(demo).status_code == 201


def test_too_many_requests_say_when_to_come_back(demo: Any) -> None:
    fault(demo, "429", retry_after=7)
    answer = create(demo)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["error"]["code"] == 2020


def test_broken_json_hides_work_that_was_done(demo: Any) -> None:
    fault(demo, "bad_json")
    answer = create(demo)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert count(demo) == 1


def test_latency_delays_an_answer(demo: Any) -> None:
    fault(demo, "latency", ms=80)
    create(demo)
    (record,) = demo.get("/log", name="incidents.create")["records"]
    assert record["ms"] >= 80
    assert record["fault"] == "latency"


def test_a_rule_matches_by_the_names_pattern_only(demo: Any) -> None:
    demo.post("/faults", rule={"service": "pagerduty", "match": "services.*", "do": "5xx"})
    assert create(demo).status_code == 201
    assert demo.pagerduty("GET", "/services").status_code == 503


def test_a_rule_can_match_a_path(demo: Any) -> None:
    demo.post("/faults", rule={"service": "*", "match": "/users/*", "do": "5xx"})
    assert demo.pagerduty("GET", "/users/PUANA").status_code == 503


def test_a_rule_can_begin_after_some_exchanges(demo: Any) -> None:
    fault(demo, "5xx", when={"after": 2, "times": 1})
    assert [create(demo, str(n)).status_code for n in range(4)] == [201, 201, 503, 201]


def test_chance_with_a_seed_falls_the_same_way_every_time() -> None:
    def run() -> list[bool]:
        faults = Faults()
        faults.add({"do": "429", "when": {"probability": 0.5, "seed": 3}})
        return [faults.consult("request", "slack", name="x") is not None for _ in range(20)]

    assert run() == run()
    assert len(set(run())) == 2


@pytest.mark.parametrize(
    "rule", [{"do": "explode"}, {}, {"do": "429", "wen": {}}, {"do": "429", "when": {"time": 1}}]
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(BadRule):
        Faults().add(rule)


def test_cleared_faults_are_gone(demo: Any) -> None:
    fault(demo, "5xx")
    demo.http.delete("/_sandbox/faults")
    assert create(demo).status_code == 201


def deliver_with(demo: Any, do: str, **more: Any) -> list[Any]:
    rule = {"service": "pagerduty", "match": "incident.*", "when": {"times": 1}, "do": do, **more}
    demo.post("/faults", rule=rule)
    demo.post("/pagerduty/trigger", service="lms", title="T")
    demo.settle()
    received: list[Any] = demo.receiver.received
    return received


def test_a_duplicated_delivery_comes_twice_with_the_same_id(demo: Any) -> None:
    first, second = deliver_with(demo, "duplicate_delivery")
    assert first.headers["x-webhook-id"] == second.headers["x-webhook-id"]
    assert first.body == second.body


def test_a_spoiled_signature_has_the_right_form_and_does_not_match(demo: Any) -> None:
    (spoiled,) = deliver_with(demo, "bad_signature")
    demo.http.delete("/_sandbox/faults")
    assert spoiled.headers["x-pagerduty-signature"].startswith("v1=")
    assert len(spoiled.headers["x-pagerduty-signature"]) == 67


def test_a_delivery_whose_answer_is_lost_is_made_again(demo: Any) -> None:
    deliver_with(demo, "drop_response")
    demo.advance(30)
    assert len(demo.receiver.received) == 2


def test_reordered_deliveries_overtake_one_another(demo: Any) -> None:
    demo.post(
        "/faults",
        rule={
            "service": "pagerduty",
            "match": "incident.*",
            "when": {"times": 1},
            "do": "reorder",
            "ms": 150,
        },
    )
    demo.post("/pagerduty/trigger", service="lms", title="first")
    demo.post("/pagerduty/trigger", service="cms", title="second")
    demo.settle()
    titles = [json.loads(body)["event"]["data"]["title"] for body in demo.receiver.bodies()]
    assert titles == ["second", "first"]
