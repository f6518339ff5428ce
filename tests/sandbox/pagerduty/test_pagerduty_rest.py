"""PagerDuty's REST API answers a bot as PagerDuty would, its refusals included."""

import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    # The client warns on import that it is frozen.
    warnings.simplefilter("ignore")
    import pdpyras

ANA = {"From": "ana@demo.example"}


def page(demo: Any, **more: Any) -> dict[str, Any]:
    asked = {"service": "lms", "title": "LMS is down", **more}
    made: dict[str, Any] = demo.post("/pagerduty/trigger", **asked)["incident"]
    return made


def change(demo: Any, incident: dict[str, Any], **wanted: Any) -> Any:
    body = {"incident": {"type": "incident_reference", **wanted}}
    return demo.pagerduty("PUT", f"/incidents/{incident['id']}", json=body, headers=ANA)


def code(answer: Any) -> tuple[int, int]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_wrong_token_is_unauthorized(demo: Any) -> None:
    answer = demo.pagerduty("GET", "/incidents", headers={"Authorization": "Token token=no"})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "Unauthorized"


def test_acknowledging_names_the_person_in_the_from_header(demo: Any) -> None:
    answer = change(demo, page(demo), status="acknowledged")
    incident = answer.json()["incident"]
    assert incident["status"] == "acknowledged"
    assert incident["acknowledgements"][0]["acknowledger"]["id"] == "PUANA"
    assert incident["last_status_change_by"]["id"] == "PUANA"


def test_a_change_without_a_from_header_is_refused(demo: Any) -> None:
    incident = page(demo)
    answer = demo.pagerduty(
        "PUT", f"/incidents/{incident['id']}", json={"incident": {"status": "resolved"}}
    )
    assert code(answer) == (400, 2001)


def test_a_from_header_of_a_stranger_is_error_1008(demo: Any) -> None:
    incident = page(demo)
    answer = demo.pagerduty(
        "PUT",
        f"/incidents/{incident['id']}",
        json={"incident": {"status": "acknowledged"}},
        headers={"From": "ghost@demo.example"},
    )
    assert code(answer) == (400, 1008)


def test_resolving_twice_is_error_1001(demo: Any) -> None:
    incident = page(demo)
    change(demo, incident, status="resolved")
    assert code(change(demo, incident, status="resolved")) == (400, 1001)


def test_acknowledging_twice_is_error_1002(demo: Any) -> None:
    incident = page(demo)
    change(demo, incident, status="acknowledged")
    assert code(change(demo, incident, status="acknowledged")) == (400, 1002)


def test_acknowledging_a_resolved_incident_reopens_it(demo: Any) -> None:
    incident = page(demo)
    change(demo, incident, status="resolved")
    change(demo, incident, status="acknowledged")
    demo.settle()
    types = [each["name"] for each in demo.get("/log")["records"] if each["kind"] == "delivery"]
    assert types[-2:] == ["incident.reopened", "incident.acknowledged"]


def test_priority_and_title_can_be_changed_together(demo: Any) -> None:
    answer = change(demo, page(demo), priority={"id": "PP2"}, title="LMS is slow")
    assert answer.json()["incident"]["priority"]["name"] == "P2"
    assert answer.json()["incident"]["title"] == "LMS is slow"


def test_an_unknown_priority_is_error_1020(demo: Any) -> None:
    assert code(change(demo, page(demo), priority={"id": "PP9"})) == (400, 1020)


def test_the_list_filters_by_status_service_and_time(demo: Any) -> None:
    old = page(demo)
    change(demo, old, status="resolved")
    demo.post("/clock", advance=600)
    new = page(demo)
    page(demo, service="cms")
    since = demo.get("/clock")["now"]
    query = {
        "statuses[]": ["triggered", "acknowledged"],
        "service_ids[]": ["PLMS"],
        "since": since,
    }
    found = demo.pagerduty("GET", "/incidents", params=query).json()
    assert [each["id"] for each in found["incidents"]] == [new["id"]]


def test_a_long_list_comes_in_pages(demo: Any) -> None:
    for number in range(3):
        page(demo, title=f"page {number}")
    first = demo.pagerduty("GET", "/incidents", params={"limit": 2, "total": "true"}).json()
    rest = demo.pagerduty("GET", "/incidents", params={"limit": 2, "offset": 2}).json()
    assert (len(first["incidents"]), first["more"], first["total"]) == (2, True, 3)
    assert (len(rest["incidents"]), rest["more"], rest["total"]) == (1, False, None)


def test_alerts_say_what_broke_which_threshold(demo: Any) -> None:
    alert = {
        "summary": "5xx above 5%",
        "condition": "error rate",
        "threshold": 5,
        "value": 11.4,
        "entity": "lms-web",
        "links": [{"href": "https://example.test/chart", "text": "Chart"}],
    }
    incident = page(demo, alerts=[alert])
    found = demo.pagerduty("GET", f"/incidents/{incident['id']}/alerts").json()["alerts"]
    (shown,) = found
    assert shown["summary"] == "5xx above 5%"
    assert shown["body"]["details"]["value"] == 11.4
    assert shown["body"]["cef_details"]["details"]["entity"] == "lms-web"
    assert shown["body"]["contexts"][0]["href"] == "https://example.test/chart"


def test_a_note_is_kept_with_its_author(demo: Any) -> None:
    incident = page(demo)
    path = f"/incidents/{incident['id']}/notes"
    made = demo.pagerduty("POST", path, json={"note": {"content": "rolling back"}}, headers=ANA)
    listed = demo.pagerduty("GET", path).json()["notes"]
    assert made.status_code == 201
    assert [(each["content"], each["user"]["id"]) for each in listed] == [
        ("rolling back", "PUANA")
    ]


def test_who_is_paged_when_can_be_read_from_the_policy(demo: Any) -> None:
    incident = page(demo)
    policy = incident["escalation_policy"]["id"]
    found = demo.pagerduty("GET", f"/escalation_policies/{policy}").json()["escalation_policy"]
    names = [rule["targets"][0]["summary"] for rule in found["escalation_rules"]]
    assert names == ["Ana Lima", "Ben Okafor", "Tom Weber"]
    assert found["escalation_rules"][0]["escalation_delay_in_minutes"] == 5
    assert incident["pending_actions"][0]["type"] == "escalate"


def test_oncalls_are_listed_by_policy_and_level(demo: Any) -> None:
    query = {"escalation_policy_ids[]": "EPLMS", "include[]": "users"}
    found = demo.pagerduty("GET", "/oncalls", params=query).json()["oncalls"]
    assert [(each["escalation_level"], each["user"]["email"]) for each in found] == [
        (1, "ana@demo.example"),
        (2, "ben@demo.example"),
        (3, "tom@demo.example"),
    ]


def test_a_user_is_found_by_email(demo: Any) -> None:
    found = demo.pagerduty("GET", "/users", params={"query": "kenji@demo.example"}).json()
    assert [each["id"] for each in found["users"]] == ["PUKENJI"]


def test_snoozing_needs_an_acknowledged_incident(demo: Any) -> None:
    incident = page(demo)
    path = f"/incidents/{incident['id']}/snooze"
    refused = demo.pagerduty("POST", path, json={"duration": 600}, headers=ANA)
    change(demo, incident, status="acknowledged")
    done = demo.pagerduty("POST", path, json={"duration": 600}, headers=ANA)
    assert code(refused) == (400, 1012)
    assert done.status_code == 201


def test_a_snooze_that_ends_pages_again(demo: Any) -> None:
    incident = page(demo)
    change(demo, incident, status="acknowledged")
    path = f"/incidents/{incident['id']}/snooze"
    demo.pagerduty("POST", path, json={"duration": 600}, headers=ANA)
    demo.advance(601)
    shown = demo.pagerduty("GET", f"/incidents/{incident['id']}").json()["incident"]
    assert shown["status"] == "triggered"


def test_merging_moves_the_alerts_and_resolves_the_source(demo: Any) -> None:
    source, target = page(demo), page(demo, title="bigger")
    body = {"source_incidents": [{"id": source["id"], "type": "incident_reference"}]}
    answer = demo.pagerduty("PUT", f"/incidents/{target['id']}/merge", json=body, headers=ANA)
    shown = demo.pagerduty("GET", f"/incidents/{source['id']}").json()["incident"]
    assert answer.json()["incident"]["alert_counts"]["all"] == 2
    assert shown["resolve_reason"]["incident"]["id"] == target["id"]


def test_responders_can_be_asked_for_help(demo: Any) -> None:
    incident = page(demo)
    target = {"responder_request_target": {"id": "PURITA", "type": "user_reference"}}
    body = {"requester_id": "PUANA", "message": "help", "responder_request_targets": [target]}
    answer = demo.pagerduty("POST", f"/incidents/{incident['id']}/responder_requests", json=body)
    state = demo.get("/state")["pagerduty"]["incidents"][0]
    assert answer.status_code == 200
    assert state["responders"] == [{"user": "PURITA", "state": "pending"}]


def test_an_incident_can_be_made_by_a_person(demo: Any) -> None:
    body = {
        "incident": {
            "type": "incident",
            "title": "Something smells",
            "service": {"id": "PLMS", "type": "service_reference"},
        }
    }
    answer = demo.pagerduty("POST", "/incidents", json=body, headers=ANA)
    assert answer.status_code == 201
    assert answer.json()["incident"]["alert_counts"]["all"] == 0


def test_an_open_incident_key_cannot_be_used_twice(demo: Any) -> None:
    asked = {"title": "T", "incident_key": "k", "service": {"id": "PLMS"}}
    first = demo.pagerduty("POST", "/incidents", json={"incident": asked}, headers=ANA)
    second = demo.pagerduty("POST", "/incidents", json={"incident": asked}, headers=ANA)
    assert first.status_code == 201
    assert code(second) == (400, 2001)


@pytest.mark.parametrize(
    "path",
    ["/services/NOPE", "/incidents/NOPE", "/users/NOPE", "/escalation_policies/NOPE", "/teams/X"],
)
def test_what_does_not_exist_is_error_2100(demo: Any, path: str) -> None:
    assert code(demo.pagerduty("GET", path)) == (404, 2100)


def test_the_answers_say_how_many_calls_are_left(demo: Any) -> None:
    answer = demo.pagerduty("GET", "/abilities")
    assert answer.headers["ratelimit-limit"] == "960"
    assert int(answer.headers["ratelimit-remaining"]) < 960


def test_the_usual_client_can_walk_acknowledge_and_annotate(demo: Any) -> None:
    page(demo)
    session = pdpyras.APISession("pd-demo-token", default_from="ana@demo.example")
    session.url = f"{demo.http.base_url}/pagerduty"
    (incident,) = session.iter_all("incidents", params={"statuses[]": ["triggered"]})
    session.rput(incident, json={"type": "incident_reference", "status": "acknowledged"})
    session.rpost(f"/incidents/{incident['id']}/notes", json={"content": "mine"})
    assert session.find("users", "ben@demo.example", attribute="email")["id"] == "PUBEN"
    assert session.rget(f"/incidents/{incident['id']}")["status"] == "acknowledged"
    assert session.rget(f"/incidents/{incident['id']}/notes")[0]["content"] == "mine"
    session.close()


def test_change_events_are_listed_newest_first_in_the_asked_time(demo: Any) -> None:
    for summary, at in (("early", "13:00"), ("second", "13:30"), ("first", "13:10")):
        body = {"summary": summary, "services": [{"id": "PLMS"}]}
        body["timestamp"] = f"2026-03-10T{at}:00Z"
        made = demo.pagerduty("POST", "/change_events", json={"change_event": body})
        assert made.status_code == 201
    span = {"since": "2026-03-10T13:05:00Z", "until": "2026-03-10T14:00:00Z"}
    for path in ("/change_events", "/services/PLMS/change_events"):
        found = demo.pagerduty("GET", path, params=span).json()["change_events"]
        assert [each["summary"] for each in found] == ["second", "first"]


def test_change_events_are_asked_for_in_utc_only(demo: Any) -> None:
    span = {"since": "2026-03-10T13:05:00+00:00"}
    assert code(demo.pagerduty("GET", "/change_events", params=span)) == (400, 2001)
