"""Tries whether each environment's Kubernetes cluster knows us, and says what is off where none is connected."""

import asyncio
from collections.abc import Sequence

from bot.checking.row import Row, State
from bot.config import Config
from bot.domain.catalog import Catalog
from bot.domain.clusters import KubernetesCluster, environment_of, whereabouts
from bot.domain.errors import VendorError
from bot.integrations.clock import SystemClock
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.tools import Gate
from bot.vendors import accounts, clusters

_AREA = "credentials"
_WHERE = "catalog/environments.yaml"
_NAMED = 5


async def rows(config: Config) -> list[Row]:
    """One row per cluster, side by side."""
    looking = Gate(observe=True)
    known = accounts(config, looking, SystemClock())
    connected = dict(clusters(config, looking, known))
    variables = {each.where: each.variable for each in config.kubernetes}
    places = [
        (whereabouts(place.name, each.name), each)
        for place in config.catalog.environments
        for each in place.kubernetes
    ]
    try:
        asked = (
            _row(where, variables[where], connected[where])
            for where, _ in places
            if where in connected
        )
        answered = list(await asyncio.gather(*asked))
    finally:
        for each in connected.values():
            each.close()
        for account in known:
            account.close()
    off = [_off(config.catalog, *each) for each in places if each[0] not in connected]
    return [*answered, *off]


async def _row(where: str, variable: str, cluster: Kubernetes) -> Row:
    name = f"Kubernetes in {where}"
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


def _off(catalog: Catalog, where: str, one: KubernetesCluster) -> Row:
    variable = one.kubeconfig_variable or one.token_variable
    if not one.name:
        return Row(
            area=_AREA,
            where=variable or _WHERE,
            state=State.OFF,
            what=f"Kubernetes in {where} is not configured.",
            fix="No restarting, scaling, suspending or draining is offered there.",
        )
    there = _running_in(catalog, environment_of(where), one.name)
    set_it = f"Set {variable}" if variable else "Name the role of its AWS account"
    left = f": rollbacks of {_listed(there)} leave it out" if there else ""
    return Row(
        area=_AREA,
        where=one.written,
        state=State.WARNING if there else State.OFF,
        what=f"Kubernetes in {where} is not configured{left}.",
        fix=f"{set_it}, or take {one.name} away.",
    )


def _running_in(catalog: Catalog, environment: str, cluster: str) -> list[str]:
    """The services that say that they run there too."""
    places = (catalog.deployment(each.name, environment) for each in catalog.services)
    return [
        each.service
        for each in places
        if each is not None and cluster in (further.site for further in each.everywhere)
    ]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
