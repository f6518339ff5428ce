"""Dispatches of the simulated GitHub: no answer but a run, which ends as its file says."""

import pytest

WORKFLOW = "/repos/demo/platform/actions/workflows/republish-site.yaml"


@pytest.fixture
def github(demo):
    def call(method, path, **options):
        headers = {"Authorization": "Bearer gh-demo-token"}
        return demo.http.request(method, f"/github{path}", headers=headers, **options)

    return call


def test_a_dispatch_answers_with_nothing_and_becomes_a_run(github, demo):
    body = {"ref": "main", "inputs": {"tocsin": "i1.m1.1"}}
    answer = github("POST", f"{WORKFLOW}/dispatches", json=body)
    assert (answer.status_code, answer.content) == (204, b"")

    demo.advance(10)

    (run,) = github("GET", f"{WORKFLOW}/runs").json()["workflow_runs"]
    assert run["display_title"] == "Republish the catalog site (i1.m1.1)"
    assert (run["status"], run["conclusion"]) == ("in_progress", None)
    demo.advance(60)
    (run,) = github("GET", f"{WORKFLOW}/runs").json()["workflow_runs"]
    assert (run["status"], run["conclusion"]) == ("completed", "success")
    (job,) = github("GET", f"/repos/demo/platform/actions/runs/{run['id']}/jobs").json()["jobs"]
    assert [each["name"] for each in job["steps"]] == ["Build", "Publish"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"ref": "main"}, 422, "Required input 'tocsin' not provided"),
        ({"ref": "main", "inputs": {"tocsin": "x", "y": "1"}}, 422, 'inputs provided: ["y"]'),
        ({"ref": "gone", "inputs": {"tocsin": "x"}}, 422, "No ref found for: gone"),
    ],
)
def test_what_it_does_not_take_is_refused(github, body, status, said):
    answer = github("POST", f"{WORKFLOW}/dispatches", json=body)

    assert answer.status_code == status
    assert said in answer.json()["message"]


def test_a_workflow_that_is_not_there_is_not_found(github):
    path = WORKFLOW.replace("republish-site", "other")

    assert github("POST", f"{path}/dispatches", json={"ref": "main"}).status_code == 404
