"""A rollback of what Argo Rollouts updates: an abort changes its status alone, whoever deploys it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Offer
from bot.domain.progressive import ABORT, RETRY
from bot.domain.workload import WorkloadKind
from bot.tools import Deployer, Tools

_BESIDE = (Driver.ARGOCD, Driver.HELM)


def of_update(target: str) -> bool:
    """`abort` or `retry`, alone or before the name of a revision."""
    return target.strip().lower().partition(" ")[0] in (ABORT, RETRY)


def deployer_of(tools: Tools, deployment: Deployment, target: str) -> Deployer:
    """What carries this target out: the cluster itself, where only an update's status changes."""
    found = _cluster(tools, deployment)
    return found if found and of_update(target) else tools.deployer(deployment)


def with_update(
    tools: Tools, deployment: Deployment, found: Sequence[Offer], before: datetime | None
) -> list[Offer]:
    """The abort of an update in progress before all else: it is the quickest, and nobody undoes it."""
    cluster = _cluster(tools, deployment)
    if cluster is None:
        return list(found)
    try:
        more = cluster.offers(deployment, before=before)
    except (VendorError, Refused) as error:
        why = error.why if isinstance(error, VendorError) else str(error)
        return _warned(found, f"whether its update could be aborted is not known ({why})")
    aborts = [each for each in more if of_update(each.target)]
    first = any(each.suggested for each in aborts)
    return [*aborts, *(replace(e, suggested=e.suggested and not first) for e in found)]


def _warned(found: Sequence[Offer], warning: str) -> list[Offer]:
    return [
        replace(each, warning="; ".join(filter(None, (each.warning, warning)))) for each in found
    ]


def _cluster(tools: Tools, deployment: Deployment) -> Deployer | None:
    """Where something else deploys a Rollout in a cluster that is configured."""
    rolls = deployment.workload.lower().startswith(f"{WorkloadKind.ROLLOUT}/")
    if not (rolls and deployment.namespace) or deployment.driver not in _BESIDE:
        return None
    return tools.deployers.get((deployment.where, Driver.KUBERNETES))
