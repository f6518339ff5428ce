"""Incidents, components and limits of the simulated status page."""

import pytest


@pytest.fixture
def page(demo):
    def call(method, path, *, key="sp-demo-key", **options):
        headers = {"Authorization": f"OAuth {key}"}
        url = f"/statuspage/v1/pages/demo-page{path}"
        return demo.http.request(method, url, headers=headers, **options)

    return call


def publish(page, **facts):
    incident = {"name": "Courses are slow", "status": "investigating", "body": "We look.", **facts}
    return page("POST", "/incidents", json={"incident": incident})


def test_an_incident_is_published_with_its_components_in_one_request(page):
    answer = publish(
        page, components={"cmp-lms": "partial_outage"}, metadata={"tocsin": {"id": 1}}
    )
    assert answer.status_code == 201
    assert answer.json()["metadata"] == {"tocsin": {"id": 1}}
    states = {one["id"]: one["status"] for one in page("GET", "/components").json()}
    assert (states["cmp-lms"], states["cmp-studio"]) == ("partial_outage", "operational")


def test_only_unresolved_incidents_are_listed_as_unresolved(page):
    first, second = publish(page).json()["id"], publish(page).json()["id"]
    page("PATCH", f"/incidents/{first}", json={"incident": {"status": "resolved", "body": "Done"}})
    assert [one["id"] for one in page("GET", "/incidents/unresolved").json()] == [second]
    resolved = page("GET", f"/incidents/{first}").json()
    assert resolved["resolved_at"] is not None
    assert [one["status"] for one in resolved["incident_updates"]] == ["resolved", "investigating"]


def test_whether_people_were_mailed_is_recorded(page):
    quiet = publish(page, deliver_notifications=False).json()["incident_updates"][0]
    loud = publish(page).json()["incident_updates"][0]
    assert (quiet["deliver_notifications"], quiet["notified"]) == (False, 0)
    assert loud["notified"] == sum(page("GET", "/subscribers/count").json().values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "exploding"},
        {"impact_override": "huge"},
        {"components": {"cmp-nothing": "operational"}},
        {"components": {"cmp-lms": "broken"}},
        {"name": " "},
    ],
)
def test_a_value_that_is_not_valid_is_422_and_changes_nothing(page, wrong):
    assert publish(page, **wrong).status_code == 422
    assert page("GET", "/incidents").json() == []
    assert {one["status"] for one in page("GET", "/components").json()} == {"operational"}


def test_a_wrong_key_is_refused(page):
    assert page("GET", "/components", key="wrong").status_code == 401


def test_more_than_a_request_a_second_over_a_minute_is_420(page, demo):
    statuses = [page("GET", "/incidents/unresolved").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [420]
    demo.advance(61)
    assert page("GET", "/incidents/unresolved").status_code == 200


def test_a_component_is_set_by_itself(page):
    body = {"component": {"status": "major_outage"}}
    assert page("PATCH", "/components/cmp-lms", json=body).json()["status"] == "major_outage"
    body = {"component": {"status": "gone"}}
    assert page("PATCH", "/components/cmp-lms", json=body).status_code == 422
