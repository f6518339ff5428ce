"""Auto-sync afterwards: whether it is as before, what would happen if it were, and putting it back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.errors import Refused
from bot.domain.mitigation import Cleared, Plan, StillThere
from bot.integrations.argocd import ArgoCD
from bot.integrations.argocd_api import Api
from bot.integrations.argocd_auto_sync import back, judged
from bot.integrations.argocd_history import application
from bot.integrations.argocd_state import RollbackState
from tests.integrations.test_argocd import (
    LMS,
    argo,
    bad_release,
    clock,
    knobs,
    plan,
    prepared,
    state_of,
)
from tests.integrations.worlds import OPEN, sent

__all__ = ["argo", "bad_release", "clock", "plan"]
BAD, GOOD, NEWER = "b" * 40, "a" * 40, "c" * 40


@pytest.fixture
def rolled_back(demo: Any, argo: ArgoCD, plan: Plan) -> Plan:
    prepared(demo, argo, plan)
    argo.roll_back(plan, "a1")
    demo.advance(60)
    return plan


def reverted(demo: Any, plan: Plan) -> None:
    """Git deploys what runs again."""
    code = demo.sim.github.platform
    paths = ("deploy/lms/values.yaml", "deploy/lms/Chart.yaml")
    code.commit(
        "main",
        {path: code.trees[plan.target][path] for path in paths},
        message="Revert lms to r141",
        author=code.commits[plan.target].author,
        at=demo.sim.clock.now(),
    )


def patches(demo: Any) -> int:
    return len(sent(demo, "argocd", "applications.patch"))


def test_argo_cd_is_made_to_look_at_git_before_it_is_judged(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    argo.leftover(rolled_back)
    assert sent(demo, "argocd", "applications.get")[-1].request["refresh"] == "normal"
    with pytest.raises(Refused):
        argo.restore(rolled_back)
    assert sent(demo, "argocd", "applications.get")[-1].request["refresh"] == "normal"


def test_it_is_refused_with_the_way_out_and_nothing_is_written(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    before = patches(demo)
    with pytest.raises(Refused, match=r"git still deploys r142, .* Merge a revert first"):
        argo.restore(rolled_back)
    assert patches(demo) == before
    assert state_of(demo)["automated"] is False


def test_an_older_argo_cd_gets_its_whole_rule_back(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, version="v3.0.23+abc")
    before = state_of(demo)["syncPolicy"]
    made = argo.plan_rollback(LMS, "r141")
    prepared(demo, argo, made)
    argo.roll_back(made, "a1")
    demo.advance(60)
    assert "automated" not in state_of(demo)["syncPolicy"]
    reverted(demo, made)
    argo.restore(made)
    assert state_of(demo)["syncPolicy"] == before


def test_what_somebody_switched_on_already_is_left_alone(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    knobs(demo, automated=True)
    before = patches(demo)
    argo.restore(rolled_back)
    assert patches(demo) == before


def test_auto_sync_that_was_off_before_is_not_left_over(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, automated=False)
    made = argo.plan_rollback(LMS, "r141")
    prepared(demo, argo, made)
    argo.roll_back(made, "a1")
    demo.advance(60)
    assert argo.leftover(made) == Cleared(shows="auto-sync of lms was off before")
    argo.restore(made)
    assert state_of(demo)["automated"] is False


def test_a_bad_setting_with_the_same_image_holds_it_off_too(
    demo: Any, argo: ArgoCD, clock: Any
) -> None:
    """A later commit that changes no value is another revision of the same bad setting."""
    code, path = demo.sim.github.platform, "deploy/lms/values.yaml"
    good = demo.sim.argocd.apps["lms"].live
    author = code.commits[good].author
    setting = "DJANGO_SETTINGS_MODULE: lms.envs.production"
    bad = code.trees[good][path].replace(setting, "DJANGO_SETTINGS_MODULE: lms.envs.broken")
    assert bad != code.trees[good][path]
    code.commit("main", {path: bad}, message="Settings", author=author, at=clock.now())
    demo.http.get(
        "/argocd/api/v1/applications/lms?refresh=normal",
        headers={"Authorization": "Bearer argo-demo-token"},
    )
    demo.advance(60)
    made = argo.plan_rollback(LMS, good)
    prepared(demo, argo, made)
    argo.roll_back(made, "a1")
    demo.advance(60)
    words = {"deploy/lms/README.md": "How it is deployed"}
    code.commit("main", words, message="Words", author=author, at=clock.now())
    blocked = argo.leftover(made).blocked
    assert blocked == f"git still deploys DJANGO_SETTINGS_MODULE of {made.live_label}"
    with pytest.raises(Refused, match="stays off: git still deploys DJANGO_SETTINGS_MODULE"):
        argo.restore(made)
    code.commit(
        "main",
        {path: code.trees[good][path]},
        message="Revert",
        author=author,
        at=clock.now(),
    )
    assert argo.leftover(made) == StillThere(shows="auto-sync of lms is off")


def test_another_revision_of_the_bad_release_holds_it_off_too(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    code = demo.sim.github.platform
    author, at = code.commits[rolled_back.live].author, demo.sim.clock.now()
    words = {"deploy/lms/README.md": "How it is deployed"}
    made = code.commit("main", words, message="Words", author=author, at=at)
    assert argo.leftover(rolled_back).blocked == f"git still deploys r142 (as {made.sha[:7]})"


def test_another_setting_for_the_bad_image_holds_it_off_too(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    code, path = demo.sim.github.platform, "deploy/lms/values.yaml"
    scaled = code.trees[rolled_back.live][path].replace("replicas: 60", "replicas: 80")
    author, at = code.commits[rolled_back.live].author, demo.sim.clock.now()
    code.commit("main", {path: scaled}, message="More", author=author, at=at)
    assert argo.leftover(rolled_back).blocked.startswith("git still deploys r142")


def test_a_newer_release_in_git_does_not_hold_it_off(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    """It would be deployed at once, as somebody wanted when they merged it."""
    code = demo.sim.github.platform
    path = "deploy/lms/values.yaml"
    fixed = code.trees[rolled_back.live][path].replace("tag: r142", "tag: r143")
    assert "r143" in fixed
    author = code.commits[rolled_back.live].author
    at = demo.sim.clock.now()
    code.commit("main", {path: fixed}, message="Fixed", author=author, at=at)
    assert argo.leftover(rolled_back) == StillThere(shows="auto-sync of lms is off")


def test_where_the_bad_release_runs_again_auto_sync_would_change_nothing(
    demo: Any, argo: ArgoCD, rolled_back: Plan
) -> None:
    demo.post("/world", set={"lms-web.revision": "r142"})
    demo.advance(60)
    assert argo.leftover(rolled_back) == StillThere(shows="auto-sync of lms is off")


# What no demo world shows


@pytest.fixture
def nobody() -> Any:
    """An Argo CD that cannot be asked what a revision deploys."""
    made = Api("http://127.0.0.1:9", "t", OPEN)
    yield made
    made.vendor.close()


def state(**more: Any) -> RollbackState:
    asked: dict[str, Any] = {
        "app": "lms",
        "namespace": "argocd",
        "project": "platform",
        "history_id": 3,
        "target": GOOD,
        "live": BAD,
        "last_id": 4,
        "automated": {"prune": True},
        "live_images": ("lms:r142",),
        "target_images": ("lms:r141",),
    }
    return RollbackState(**{**asked, **more})


def shown(desired: str, **status: Any) -> Any:
    sync = {"status": "OutOfSync", "revision": desired} if desired else {"status": "OutOfSync"}
    return application(
        {
            "metadata": {"name": "lms", "namespace": "argocd"},
            "spec": {"syncPolicy": {"automated": {"enabled": False}}},
            "status": {"sync": {**sync, **status}},
        }
    )


def blocked(api: Api, desired: str, plan: Plan, **status: Any) -> str:
    found = judged(api, shown(desired, **status), plan, state())
    assert isinstance(found, StillThere)
    assert found.offer == ("revert pull request" if found.blocked else "")
    return found.blocked


@pytest.fixture
def named() -> Plan:
    return Plan(
        mitigation="rollback",
        title="Roll lms back to r141",
        service="lms",
        environment="production",
        target=GOOD,
        target_label="r141",
        live=BAD,
        live_label="r142",
    )


def test_the_bad_revision_itself_blocks_without_another_question(nobody: Api, named: Plan) -> None:
    assert blocked(nobody, BAD, named) == "git still deploys r142"
    assert nobody.vendor.health.failed == 0


def test_a_desired_state_that_is_not_known_blocks(nobody: Api, named: Plan) -> None:
    assert blocked(nobody, "", named) == "what git would deploy for lms is not known"


def test_a_revision_whose_images_cannot_be_read_blocks(nobody: Api, named: Plan) -> None:
    said = f"git would deploy {NEWER[:7]}; whether that is r142 could not be read"
    assert blocked(nobody, NEWER, named) == said


def test_what_is_in_sync_blocks_nothing_whatever_it_is(nobody: Api, named: Plan) -> None:
    assert blocked(nobody, BAD, named, status="Synced") == ""


def test_putting_it_back_takes_away_only_what_was_not_there() -> None:
    now = application({"spec": {"syncPolicy": {"automated": {"enabled": False, "prune": True}}}})
    before = state(automated={"prune": True, "selfHeal": True})
    assert back(before, now) == {"enabled": None, "prune": True, "selfHeal": True}
    assert back(state(automated=None), now) is None
