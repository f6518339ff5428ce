"""Syncs, running operations, owners, rights and versions in the simulated Argo CD."""

import json


def test_a_running_sync_is_stopped_and_then_a_rollback_is_taken(argo):
    argo.bring_r142()
    argo.pause()
    argo.knobs(app="lms", running_sync=True)
    argo.advance(2)
    assert "waiting for completion of hook" in argo.app()["status"]["operationState"]["message"]
    assert argo.call("DELETE", "/v1/applications/lms/operation").status_code == 200
    assert argo.phase()[0] == "Terminating"
    argo.advance(5)
    assert argo.phase()[0] == "Failed"
    assert argo.post("lms/rollback", id=6).status_code == 200


def test_an_operation_that_does_not_listen_stays_terminating(argo):
    argo.pause()
    argo.knobs(app="lms", running_sync=True, stuck_operation=True)
    argo.call("DELETE", "/v1/applications/lms/operation")
    argo.advance(600)
    assert argo.phase()[0] == "Terminating"


def test_terminating_nothing_is_refused(argo):
    answer = argo.call("DELETE", "/v1/applications/lms/operation")
    assert answer.status_code == 400
    assert answer.json()["message"] == "Unable to terminate operation. No operation is in progress"


def test_a_sync_to_another_revision_is_refused_while_auto_sync_is_on(argo):
    sha = argo.app()["status"]["history"][0]["revision"]
    answer = argo.post("lms/sync", revision=sha)
    expected = f"Cannot sync to {sha}: auto-sync currently set to main"
    assert (answer.status_code, answer.json()["message"]) == (400, expected)


def test_a_sync_window_stops_a_sync_but_not_a_rollback(argo):
    argo.pause()
    argo.knobs(app="lms", window=True)
    answer = argo.post("lms/sync")
    assert answer.status_code == 403
    assert answer.json()["message"] == "cannot sync: blocked by sync window"
    assert argo.call("GET", "/v1/applications/lms/syncwindows").json()["canSync"] is False
    assert argo.post("lms/rollback", id=5).status_code == 200


def test_an_application_set_puts_auto_sync_back(argo):
    assert argo.app("discovery")["metadata"]["ownerReferences"][0]["kind"] == "ApplicationSet"
    assert "enabled" in argo.pause("discovery")["spec"]["syncPolicy"]["automated"]
    argo.advance(10)
    assert "enabled" not in argo.app("discovery")["spec"]["syncPolicy"]["automated"]


def test_an_application_set_that_ignores_the_sync_policy_leaves_it(argo):
    argo.knobs(keeps_pauses=True)
    owner = argo.call("GET", "/v1/applicationsets/catalog-services").json()
    assert owner["spec"]["ignoreApplicationDifferences"] == [
        {"jsonPointers": ["/spec/syncPolicy"]}
    ]
    argo.pause("discovery")
    argo.advance(30)
    assert argo.app("discovery")["spec"]["syncPolicy"]["automated"]["enabled"] is False


def test_an_app_of_apps_puts_auto_sync_back_and_is_named_by_the_tracking_id(argo):
    tracking = argo.app("grading")["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracking.startswith("platform-apps:")
    argo.pause("grading")
    argo.advance(10)
    assert "enabled" not in argo.app("grading")["spec"]["syncPolicy"]["automated"]


def test_before_3_1_only_the_removal_of_automated_pauses(argo):
    argo.knobs(version="v3.0.23+aaaaaaa")
    assert argo.call("GET", "/version").json() == {"Version": "v3.0.23+aaaaaaa"}
    assert "enabled" not in argo.pause()["spec"]["syncPolicy"]["automated"]
    patch = json.dumps([{"op": "remove", "path": "/spec/syncPolicy/automated"}])
    answer = argo.call("PATCH", "/v1/applications/lms", json={"patch": patch})
    assert "automated" not in answer.json()["spec"]["syncPolicy"]
    assert argo.post("lms/rollback", id=5).status_code == 200


def test_a_json_patch_that_fails_its_test_changes_nothing(argo):
    steps = [
        {"op": "remove", "path": "/spec/syncPolicy"},
        {"op": "test", "path": "/spec/project", "value": "other"},
    ]
    answer = argo.call("PATCH", "/v1/applications/lms", json={"patch": json.dumps(steps)})
    assert answer.status_code == 500
    assert "syncPolicy" in argo.app()["spec"]


def test_a_missing_application_is_404_only_with_its_project(argo):
    assert argo.call("GET", "/v1/applications/nothing").status_code == 403
    named = argo.call("GET", "/v1/applications/nothing", params={"project": "platform"})
    assert (named.status_code, named.json()["code"]) == (404, 5)


def test_a_bad_token_is_unauthenticated(argo):
    answer = argo.demo.http.get("/argocd/api/v1/applications/lms")
    assert (answer.status_code, answer.json()["code"]) == (401, 16)


def test_a_right_that_is_taken_away_is_denied_and_can_i_says_so(argo):
    argo.knobs(denied=["update"])
    assert argo.merge("lms", syncPolicy=None).status_code == 403
    path = "/v1/account/can-i/applications/update/platform/lms"
    assert argo.call("GET", path).json() == {"value": "no"}


def test_merging_a_revert_moves_an_automated_application_to_the_old_image(argo):
    argo.bring_r142()
    headers = {"Authorization": "Bearer gh-demo-token"}
    repo, http = "/github/repos/demo/platform", argo.demo.http
    main = http.get(f"{repo}/git/ref/heads/main", headers=headers).json()["object"]["sha"]
    body = {"ref": "refs/heads/revert-r142", "sha": main}
    http.post(f"{repo}/git/refs", json=body, headers=headers)
    path = f"{repo}/contents/deploy/lms/values.yaml"
    old = http.get(
        path, params={"ref": argo.app()["status"]["history"][6]["revision"]}, headers=headers
    ).json()
    now = http.get(path, headers=headers).json()
    change = {
        "message": "Revert lms to r141",
        "branch": "revert-r142",
        "content": old["content"],
        "sha": now["sha"],
    }
    assert http.put(path, json=change, headers=headers).status_code == 200
    pull = {"title": "Revert lms to r141", "head": "revert-r142", "base": "main"}
    number = http.post(f"{repo}/pulls", json=pull, headers=headers).json()["number"]
    argo.demo.post("/github/merge", number=number)
    argo.advance(60)
    assert argo.revision == "r141"
    assert argo.app()["status"]["sync"]["status"] == "Synced"


def test_every_service_of_the_platform_has_an_application(argo):
    items = argo.call("GET", "/v1/applications").json()["items"]
    names = {item["metadata"]["name"] for item in items}
    assert {"lms", "cms", "ecommerce", "discovery", "credentials", "notes"} <= names
    assert {"forums", "analytics", "grading", "lms-staging"} <= names


def test_what_a_revision_would_apply_differs_by_image_and_environment(argo):
    argo.bring_r142()
    history = argo.app()["status"]["history"]

    def web(revision):
        found = argo.call("GET", "/v1/applications/lms/manifests", params={"revision": revision})
        objects = [json.loads(text) for text in found.json()["manifests"]]
        spec = next(o for o in objects if o["metadata"]["name"] == "lms-web")["spec"]
        return spec["template"]["spec"]["containers"][0]

    new, old = web(history[7]["revision"]), web(history[6]["revision"])
    assert (new["image"][-4:], old["image"][-4:]) == ("r142", "r141")
    assert {"name": "COHORTS_API", "value": "v2"} in new["env"]
    assert {"name": "COHORTS_API", "value": "v2"} not in old["env"]


def test_a_reset_brings_the_first_history_back(argo):
    argo.bring_r142()
    argo.demo.post("/reset")
    assert len(argo.app()["status"]["history"]) == 7
    argo.bring_r142()
    assert len(argo.app()["status"]["history"]) == 8


def test_a_scenario_played_twice_deploys_the_release_twice(argo):
    for _ in range(2):
        argo.demo.post("/scenario", id="bad-lms-deploy")
        assert argo.revision == "r141"
        argo.advance(125)
        assert argo.revision == "r142"
        assert argo.app()["status"]["summary"]["images"] == ["registry.demo.example/lms:r142"]
    assert argo.app()["spec"]["syncPolicy"]["automated"].get("enabled") is not False
