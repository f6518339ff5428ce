"""Rolling back in the simulated Argo CD, with every refusal of the real one."""

import pytest

AUTO = "rollback cannot be initiated when auto-sync is enabled"


def test_the_history_is_oldest_first_with_a_repeated_revision(argo):
    history = argo.app()["status"]["history"]
    assert [entry["id"] for entry in history] == [0, 1, 2, 3, 4, 5, 6]
    assert history[4]["revision"] == history[5]["revision"] != history[6]["revision"]
    assert history[0]["deployedAt"] < history[6]["deployedAt"]


def test_a_release_of_the_scenario_is_a_deployment_by_auto_sync(argo):
    argo.bring_r142()
    app = argo.app()
    newest = app["status"]["history"][-1]
    assert (newest["id"], newest["initiatedBy"]) == (7, {"automated": True})
    assert app["status"]["summary"]["images"] == ["registry.demo.example/lms:r142"]
    path = f"/v1/applications/lms/revisions/{newest['revision']}/metadata"
    assert argo.call("GET", path).json()["author"] == "Kenji Mori <kenji@demo.example>"


def test_a_rollback_is_refused_while_auto_sync_is_on(argo):
    answer = argo.post("lms/rollback", id=5)
    assert answer.status_code == 400
    assert answer.json() == {"error": AUTO, "code": 9, "message": AUTO}


def test_an_unknown_history_id_is_refused(argo):
    argo.pause()
    answer = argo.post("lms/rollback", id=99)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"] == "application argocd/lms does not have deployment with id 99"


def test_a_rollback_goes_through_progressing_to_healthy_and_changes_the_world(argo):
    argo.bring_r142()
    argo.pause()
    assert argo.post("lms/rollback", id=6).status_code == 200
    argo.advance(5)
    assert argo.phase() == ("Running", "Progressing")
    argo.advance(15)
    assert (argo.phase(), argo.revision) == (("Succeeded", "Progressing"), "r142")
    argo.advance(25)
    assert (argo.phase(), argo.revision) == (("Succeeded", "Healthy"), "r141")
    app = argo.app()
    assert app["status"]["sync"]["status"] == "OutOfSync"
    assert app["status"]["history"][-1]["initiatedBy"] == {"username": "tocsin"}
    assert "hook" not in app["status"]["operationState"]["operation"]["sync"]["syncStrategy"]


def test_the_old_operation_state_is_gone_until_the_controller_takes_the_new_one_up(argo):
    argo.bring_r142()
    argo.pause()
    app = argo.post("lms/rollback", id=6).json()
    assert app["operation"]["initiatedBy"] == {"username": "tocsin"}
    assert "operationState" not in app["status"]
    argo.advance(2)
    assert argo.phase()[0] == "Running"


def test_a_second_operation_is_refused_while_one_runs(argo):
    argo.pause()
    argo.post("lms/rollback", id=5)
    answer = argo.post("lms/rollback", id=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 9)
    assert "another operation is already in progress" in answer.json()["message"]


def test_an_application_that_is_being_deleted_is_not_rolled_back(argo):
    argo.knobs(app="lms", deleting=True)
    answer = argo.post("lms/rollback", id=5)
    assert (answer.status_code, answer.json()["message"]) == (400, "application is deleting")


def test_a_dry_run_changes_nothing_but_occupies_the_operation(argo):
    argo.pause()
    before = argo.app()["status"]["history"]
    assert "operation" in argo.post("lms/rollback", id=4, dryRun=True).json()
    argo.advance(60)
    assert argo.app()["status"]["history"] == before
    assert argo.phase() == ("Succeeded", "Healthy")


def test_switching_auto_sync_on_again_deploys_the_bad_revision_again(argo):
    argo.bring_r142()
    argo.pause()
    argo.post("lms/rollback", id=6)
    argo.advance(60)
    assert argo.revision == "r141"
    argo.merge("lms", syncPolicy={"automated": {"enabled": None}})
    argo.advance(60)
    assert argo.revision == "r142"


def test_a_paused_application_stays_where_it_was_put(argo):
    argo.bring_r142()
    argo.pause()
    argo.post("lms/rollback", id=6)
    argo.advance(900)
    assert argo.revision == "r141"


def test_the_history_keeps_ten_entries(argo):
    argo.pause()
    for target in (5, 6, 5, 6, 5):
        argo.post("lms/rollback", id=target)
        argo.advance(60)
    assert [entry["id"] for entry in argo.app()["status"]["history"]] == list(range(2, 12))


def test_a_rollback_that_fails_says_why_and_leaves_the_release_running(argo):
    argo.bring_r142()
    argo.pause()
    argo.knobs(app="lms", fails="one or more objects failed to apply")
    argo.post("lms/rollback", id=6)
    argo.advance(60)
    assert argo.phase() == ("Failed", "Healthy")
    assert argo.revision == "r142"


def test_a_release_whose_pods_do_not_start_degrades_the_application(argo):
    argo.pause()
    argo.knobs(app="lms", degraded="ImagePullBackOff")
    argo.post("lms/rollback", id=5)
    argo.advance(60)
    assert argo.phase() == ("Succeeded", "Degraded")
    assert argo.app()["status"]["health"]["message"] == "ImagePullBackOff"


@pytest.mark.parametrize("body", [{"id": "six"}, {"id": [1]}])
def test_an_id_that_is_no_number_is_an_invalid_argument(argo, body):
    argo.pause()
    assert argo.post("lms/rollback", **body).json()["code"] == 3
