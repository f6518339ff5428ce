"""A Rollout that Argo CD deploys: the abort of its update comes first, the rest is Argo CD's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any

import pytest

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import VendorDown
from bot.domain.mitigation import Offer
from bot.mitigations.rollback import Rollback
from bot.mitigations.rollback_updates import deployer_of, of_update
from bot.tools import Tools

KIND = Rollback()
SHOP = Deployment(
    service="shop",
    environment="production",
    app="shop",
    namespace="shop",
    workload="rollout/shop",
)


def offer(target: str, *, suggested: bool = False) -> Offer:
    return Offer(
        mitigation="rollback", target=target, title=target, label=target, suggested=suggested
    )


@dataclass
class Deployer:
    """Offers what it was told to, or does not answer."""

    found: Sequence[Offer] = ()
    down: bool = False

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        if self.down:
            raise VendorDown("Kubernetes in production", "read what shop ran before", "no answer")
        return list(self.found)


ARGO = Deployer([offer("a" * 40, suggested=True), offer("b" * 40)])
CLUSTER = Deployer([offer("abort shop-1", suggested=True), offer("shop-0")])


def tools(cluster: Deployer | None) -> Tools:
    unused = dict.fromkeys(
        each.name
        for each in fields(Tools)
        if each.default is MISSING and each.default_factory is MISSING
    )
    known: dict[tuple[str, Driver], Any] = {("production", Driver.ARGOCD): ARGO}
    if cluster is not None:
        known["production", Driver.KUBERNETES] = cluster
    return Tools(**{**unused, "deployers": known})  # type: ignore[arg-type]


def offered(cluster: Deployer | None, place: Deployment = SHOP) -> list[tuple[str, bool]]:
    found = KIND.offers(tools(cluster), place, before=None)
    return [(each.target[:12], each.suggested) for each in found]


OF_ARGO = [("a" * 12, True), ("b" * 12, False)]


def test_the_abort_comes_before_the_rollback_and_is_the_suggestion() -> None:
    assert offered(CLUSTER) == [("abort shop-1", True), ("a" * 12, False), ("b" * 12, False)]


def test_with_nothing_in_progress_the_rollback_is_argo_cds_alone() -> None:
    assert offered(Deployer([offer("shop-0", suggested=True)])) == OF_ARGO


def test_without_a_cluster_the_rollback_is_argo_cds_alone() -> None:
    assert offered(None) == OF_ARGO


def test_of_a_deployment_no_cluster_is_asked() -> None:
    plain = Deployment(service="shop", environment="production", app="shop", namespace="shop")

    assert offered(Deployer(down=True), plain) == OF_ARGO


def test_a_cluster_that_gives_no_answer_is_told_beside_what_there_is() -> None:
    found = KIND.offers(tools(Deployer(down=True)), SHOP, before=None)

    assert [each.target for each in found] == ["a" * 40, "b" * 40]
    assert found[0].warning == "whether its update could be aborted is not known (no answer)"


@pytest.mark.parametrize(
    ("target", "which"),
    [
        ("abort", CLUSTER),
        ("abort shop-1", CLUSTER),
        ("Retry shop-2", CLUSTER),
        ("a" * 40, ARGO),
        ("aborted-build", ARGO),
    ],
)
def test_only_what_changes_a_status_goes_to_the_cluster(target: str, which: Deployer) -> None:
    assert deployer_of(tools(CLUSTER), SHOP, target) is which  # type: ignore[comparison-overlap]


def test_a_label_that_begins_alike_is_no_update() -> None:
    assert not of_update("abortive-3.9")
