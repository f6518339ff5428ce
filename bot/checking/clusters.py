"""Tries whether each environment's Kubernetes cluster knows us, and says what is off where none is connected."""

import asyncio

from bot.checking.row import Row, State
from bot.config import Config
from bot.domain.errors import VendorError
from bot.integrations.clock import SystemClock
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.tools import Gate
from bot.vendors import accounts, clusters

_AREA = "credentials"
_WHERE = "catalog/environments.yaml"


async def rows(config: Config) -> list[Row]:
    """One row per environment, side by side."""
    looking = Gate(observe=True)
    known = accounts(config, looking, SystemClock())
    connected = dict(clusters(config, looking, known))
    variables = {each.environment: each.variable for each in config.kubernetes}
    try:
        asked = (
            _row(each.name, variables[each.name], connected[each.name])
            for each in config.catalog.environments
            if each.name in connected
        )
        answered = list(await asyncio.gather(*asked))
    finally:
        for each in connected.values():
            each.close()
        for account in known:
            account.close()
    off = [
        _off(each.name, each.kubeconfig_variable or each.kubernetes_token_variable or _WHERE)
        for each in config.catalog.environments
        if each.name not in connected
    ]
    return [*answered, *off]


async def _row(environment: str, variable: str, cluster: Kubernetes) -> Row:
    name = f"Kubernetes in {environment}"
    try:
        who = await asyncio.to_thread(cluster.who)
    except VendorError as error:
        return Row(
            area=_AREA,
            where=variable,
            state=State.PROBLEM,
            what=f"{name}: {error.why}.",
            fix="Check the kubeconfig, its context and that the account still exists.",
        )
    return Row(area=_AREA, where=variable, state=State.OK, what=f"{name}: as {who}")


def _off(environment: str, where: str) -> Row:
    return Row(
        area=_AREA,
        where=where,
        state=State.OFF,
        what=f"Kubernetes in {environment} is not configured.",
        fix="No restarting, scaling, suspending or draining is offered there.",
    )
