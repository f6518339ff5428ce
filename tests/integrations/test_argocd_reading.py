"""What an application's JSON means, and what two sets of objects differ in."""

import json

import pytest

from bot.integrations.argocd_history import application
from bot.integrations.argocd_revisions import apart, short
from bot.integrations.argocd_state import RollbackState, state_in
from bot.integrations.argocd_words import words
from bot.integrations.manifests import (
    differences,
    images_of,
    lowers,
    main_image,
    tag_of,
    values_of,
)


def entry(number, revision, minute, **more):
    return {
        "id": number,
        "revision": revision,
        "deployedAt": f"2026-03-10T14:{minute:02}:00Z",
        "source": {"repoURL": "https://git.example/platform.git", "path": "deploy/lms"},
        **more,
    }


def app(*history, **status):
    return application(
        {
            "metadata": {"name": "lms", "namespace": "argocd"},
            "spec": {"project": "platform", "syncPolicy": {"automated": {"prune": True}}},
            "status": {"history": list(history), **status},
        }
    )


def deployment(name="lms-web", image="lms:r142", replicas=40, **env):
    container = {
        "name": "web",
        "image": image,
        "env": [{"name": key, "value": value} for key, value in env.items()],
        "resources": {"limits": {"memory": "2Gi"}},
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}},
    }


def test_the_history_is_sorted_by_id_and_never_by_place():
    assert app(entry(2, "b", 2), entry(0, "a", 1), entry(1, "a", 1)).live == "b"


def test_a_missing_id_is_the_first_one():
    first = entry(0, "a", 1)
    del first["id"]
    assert app(first, entry(1, "b", 2)).releases[0].id == 0


def test_several_sources_make_one_key():
    several = entry(1, "", 1, revisions=["a", "b"])
    assert app(several).live == "a,b"


def test_values_set_in_the_application_make_another_key():
    plain = entry(1, "a", 1)
    patched = entry(2, "a", 2, source={"helm": {"parameters": [{"name": "tag", "value": "r1"}]}})
    found = app(plain, patched)
    assert found.live.startswith("a~")
    assert [each.key for each in found.choices()] == ["a"]


def test_a_revision_that_was_left_for_an_older_one_is_known_to_be_bad():
    found = app(entry(1, "a", 1), entry(2, "b", 2), entry(3, "a", 3), entry(4, "c", 4))
    assert list(found.rolled_back_from()) == ["b"]
    assert found.suggested(None).key == "a"


def test_a_sync_that_broke_off_counts_as_live():
    state = {
        "phase": "Failed",
        "startedAt": "2026-03-10T14:05:00Z",
        "syncResult": {"revision": "b"},
    }
    found = app(entry(1, "a", 1), operationState=state)
    assert (found.live, [each.key for each in found.choices()]) == ("b", ["a"])


def broken(revision, minute=5):
    started = f"2026-03-10T14:{minute:02}:00Z"
    return {"phase": "Failed", "startedAt": started, "syncResult": {"revision": revision}}


def test_a_way_back_that_broke_off_has_not_arrived():
    found = app(entry(1, "a", 1), entry(2, "b", 2), operationState=broken("a"))
    assert (found.live, found.suggested(None).key) == ("b", "a")


def test_a_bad_release_that_broke_off_on_its_second_try_counts_as_live():
    history = (entry(1, "a", 1), entry(2, "b", 2), entry(3, "a", 3))
    found = app(*history, operationState=broken("b"))
    assert (found.live, found.suggested(None).key) == ("b", "a")


def test_a_failure_before_the_last_deployment_is_history():
    state = {
        "phase": "Failed",
        "startedAt": "2026-03-10T14:00:00Z",
        "syncResult": {"revision": "b"},
    }
    assert app(entry(1, "a", 1), operationState=state).live == "a"


@pytest.mark.parametrize(
    ("automated", "on"), [(None, False), ({}, True), ({"enabled": False}, False)]
)
def test_auto_sync_is_on_unless_it_is_switched_off(automated, on):
    policy = {"automated": automated} if automated is not None else {}
    assert application({"spec": {"syncPolicy": policy}}).auto_sync is on


def test_an_application_never_deployed_has_nothing_to_offer():
    found = app()
    assert (found.live, found.choices(), found.suggested(None)) == ("", [], None)


def test_differences_name_what_changes_and_what_gets_smaller():
    before = values_of([deployment(), deployment("lms-worker", replicas=8)])
    after = values_of(
        [deployment(image="lms:r141", replicas=12), deployment("lms-worker", "lms:r141", 8)]
    )
    rows = differences(before, after)
    assert [(each.what, each.before, each.after) for each in rows] == [
        ("image of lms-web, lms-worker", "lms:r142", "lms:r141"),
        ("replicas of lms-web", "40", "12"),
    ]
    assert lowers(rows) == ("replicas of lms-web 40 → 12",)


def test_amounts_with_units_are_compared_as_amounts():
    small, large = deployment(), deployment()
    small["spec"]["template"]["spec"]["containers"][0]["resources"] = {
        "limits": {"memory": "900Mi"}
    }
    rows = differences(values_of([large]), values_of([small]))
    assert lowers(rows) == ("memory limit of lms-web 2Gi → 900Mi",)
    assert lowers(differences(values_of([small]), values_of([large]))) == ()


def test_a_secret_is_noticed_and_never_shown():
    rows = differences(
        values_of([deployment(API_TOKEN="hunter2")]), values_of([deployment(API_TOKEN="hunter3")])
    )
    assert [(each.before, each.after) for each in rows] == [
        ("(hidden)", "(hidden, another value)")
    ]


def test_hooks_are_no_part_of_what_runs():
    hook = deployment("migrate")
    hook["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreSync"}
    assert images_of([hook]) == ()


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("registry.example:5000/lms:r141", "r141"),
        ("registry.example:5000/lms", ""),
        ("lms:r141@sha256:abc", "r141"),
        ("lms@sha256:abc", ""),
    ],
)
def test_a_tag_is_read_from_any_image_name(image, tag):
    assert tag_of(image) == tag


def test_the_main_image_is_the_services_own():
    images = ("registry.example/proxy:1", "registry.example/lms:r141")
    assert main_image(images, "lms") == "registry.example/lms:r141"
    assert main_image(images, "other") == "registry.example/proxy:1"


def test_two_revisions_of_one_name_are_told_apart():
    one, other = "a" * 40, "b" * 40
    assert apart([(one, "r141"), (other, "r141")]) == {
        one: "r141 (aaaaaaa)",
        other: "r141 (bbbbbbb)",
    }
    assert short(f"{one},{other}") == "aaaaaaa+bbbbbbb"


def test_a_plans_state_survives_a_newer_and_an_older_program():
    state = RollbackState(
        app="lms", namespace="argocd", project="p", history_id=3, target="a", live="b", last_id=4
    )
    stored = json.loads(state.inside('{"rollback": {"app": "lms"}}'))
    assert stored["rollback"] == {"app": "lms"}
    stored["argocd"]["invented later"] = 1
    del stored["argocd"]["interrupts"]
    assert state_in(json.dumps(stored)) == state


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("rollback cannot be initiated when auto-sync is enabled", "auto-sync is on"),
        ("application argocd/lms does not have deployment with id 9", "deployment 9 has dropped"),
        (
            "error setting app operation: x desc = another operation is already in progress",
            "another operation of this application is running",
        ),
        ("Cannot sync to abc: auto-sync currently set to main", "auto-sync holds it at main"),
        ("cannot sync: blocked by sync window", "a sync window forbids it"),
        ("application is deleting", "being deleted"),
        ("Unable to terminate operation. No operation is in progress", "no operation to stop"),
        ("permission denied", "lacks the right"),
        ('applications.argoproj.io "x" not found: application x not found', "no such application"),
        ("something never seen", "something never seen"),
    ],
)
def test_every_refusal_of_argo_cd_is_a_plain_sentence(said, sentence):
    assert sentence in words(400, {"error": said, "code": 9, "message": said})


def test_a_bad_token_is_said_plainly():
    assert words(401, {"code": 16, "message": "invalid session"}).startswith(
        "it refused our token"
    )
