"""The control API starts scenarios, moves time and shows everything in order."""

from datetime import timedelta
from typing import Any

import pytest


def test_a_scenario_pages_in_virtual_time(demo: Any) -> None:
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(240)
    state = demo.get("/state")
    assert state["world"]["facts"]["lms-web"]["revision"] == "r142"
    assert [each["title"] for each in state["pagerduty"]["incidents"]] == [
        "LMS 5xx error rate above 5%"
    ]
    assert len(demo.receiver.received) == 1


def test_an_unknown_scenario_is_answered_with_those_there_are(demo: Any) -> None:
    answer = demo.http.post("/_sandbox/scenario", json={"id": "nope"})
    assert answer.status_code == 400
    assert "bad-lms-deploy" in answer.json()["error"]


def test_a_scenario_can_set_the_speed(demo: Any) -> None:
    answer = demo.post("/scenario", id="bad-lms-deploy", speed=10)
    assert answer["clock"]["speed"] == 10


def test_the_world_can_be_healed_by_hand(demo: Any) -> None:
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(300)
    demo.post("/world", set={"lms-web.revision": "r141"}, after=40)
    demo.advance(600)
    state = demo.get("/state")
    assert state["scenario"]["won_at"] is not None
    assert state["pagerduty"]["incidents"][0]["status"] == "resolved"


def test_hints_come_one_after_the_other(demo: Any) -> None:
    demo.post("/scenario", id="bad-lms-deploy")
    first, second = demo.post("/hint")["hint"], demo.post("/hint")["hint"]
    assert first
    assert second not in (None, first)


def test_a_reset_brings_back_the_quiet_world(demo: Any) -> None:
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(300)
    demo.post("/reset")
    state = demo.get("/state")
    assert state["scenario"] is None
    assert state["pagerduty"]["incidents"] == []
    assert state["world"]["facts"]["lms-web"]["revision"] == "r141"
    assert state["clock"]["now"].startswith("2026-03-10T14:00:00")


def test_a_reset_may_leave_the_clock_alone(demo: Any) -> None:
    demo.post("/clock", advance=600)
    demo.post("/reset", keep_clock=True)
    assert demo.get("/clock")["now"].startswith("2026-03-10T14:10:00")


def test_ids_do_not_come_back_after_a_reset(demo: Any) -> None:
    first = demo.post("/pagerduty/trigger", service="lms", title="T")["incident"]["id"]
    demo.post("/reset")
    second = demo.post("/pagerduty/trigger", service="lms", title="T")["incident"]["id"]
    assert first != second


def test_a_reset_world_plays_its_scenario_once(demo: Any) -> None:
    demo.post("/reset")
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(300)
    texts = [each["text"] for each in demo.get("/state")["scenario"]["events"]]
    assert texts.count("Argo CD synced lms to r142 by kenji") == 1
    assert len(demo.get("/state")["pagerduty"]["incidents"]) == 1


def test_the_clock_can_be_set_sped_up_and_paused(demo: Any) -> None:
    shown = demo.post("/clock", now="2026-03-10T15:00:00Z", speed=4, paused=True)
    assert shown["now"] == "2026-03-10T15:00:00+00:00"
    assert (shown["speed"], shown["paused"]) == (4, True)


def test_who_asks_for_the_clocks_next_version_waits_for_it(demo: Any) -> None:
    version = demo.get("/clock")["version"]
    assert demo.get("/clock", after=version, timeout=0.05)["version"] == version
    demo.post("/clock", advance=1)
    assert demo.get("/clock", after=version, timeout=5)["version"] > version


@pytest.mark.parametrize(
    "body", [{"advance": "soon"}, {"tomorrow": 1}, {"now": "noon"}, {"speed": True}]
)
def test_a_clock_order_that_makes_no_sense_is_refused(demo: Any, body: dict[str, Any]) -> None:
    answer = demo.http.post("/_sandbox/clock", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_log_holds_requests_and_deliveries_in_order(demo: Any) -> None:
    made = demo.post("/pagerduty/trigger", service="lms", title="T")["incident"]
    demo.settle()
    demo.pagerduty("GET", f"/incidents/{made['id']}/alerts")
    records = demo.get("/log")["records"]
    assert [(each["kind"], each["name"], each["status"]) for each in records] == [
        ("delivery", "incident.triggered", 202),
        ("request", "incidents.alerts.list", 200),
    ]
    assert [each["n"] for each in records] == sorted(each["n"] for each in records)


def test_the_log_can_be_read_from_a_number_on(demo: Any) -> None:
    demo.pagerduty("GET", "/abilities")
    last = demo.get("/log")["records"][-1]["n"]
    demo.pagerduty("GET", "/priorities")
    assert [each["name"] for each in demo.get("/log", after=last)["records"]] == [
        "priorities.list"
    ]


def test_idle_says_what_is_under_way(demo: Any) -> None:
    demo.receiver.answers = ["slow"]
    demo.post("/pagerduty/trigger", service="lms", title="T")
    answer = demo.get("/idle", timeout=0.2)
    assert answer["idle"] is False
    assert any("incident.triggered" in each for each in answer["under_way"])
    demo.settle()


def test_slack_latency_is_slacks_alone(start: Any) -> None:
    slow = start(slack_latency=timedelta(milliseconds=120))
    slow.pagerduty("GET", "/abilities")
    slow.http.post("/slack/api/api.test")
    records = slow.get("/log")["records"]
    by_system = {each["system"]: each["ms"] for each in records}
    assert by_system["pagerduty"] < 100
    assert by_system["slack"] >= 120


def test_another_host_name_is_turned_away(demo: Any) -> None:
    answer = demo.http.get("/_sandbox/clock", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_metrics_can_be_asked_for_the_past(demo: Any) -> None:
    answer = demo.get("/metrics", name="lms-web.error_pct", minutes=5, step=60)
    assert len(answer["metrics"]["lms-web.error_pct"]) == 6
