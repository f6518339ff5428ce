"""The bot's own tools on the real cluster, with the rights that the documentation tells and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.domain.catalog import Catalog, Deployment, Driver, Resource, Service
from bot.domain.errors import NotSent
from bot.domain.incident import HOUSE, Incident
from bot.domain.mitigation import Plan, Receipt
from bot.domain.policy import Policy
from bot.integrations.clock import SystemClock
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.deploying import Deploying
from bot.tools import Gate, Mitigation, Tools
from tests.cluster.control_plane import BOT, ControlPlane
from tests.cluster.world import LABEL, MARK, World, answered
from tests.timeline.ledgers import NOON

WHERE = frozenset({"production"})
_RBAC = "rbac.authorization.k8s.io"
PAGE = Path(__file__).parents[2] / "docs" / "mitigations.md"


def roles() -> list[dict[str, Any]]:
    """The cluster roles that the documentation gives to paste."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    found = [each for block in blocks for each in yaml.safe_load_all(block)]
    return [each for each in found if each.get("kind") == "ClusterRole"]


def bind(world: World, user: str, *names: str) -> None:
    """In the world's namespace alone."""
    for name in names:
        world.create(
            "rbac.authorization.k8s.io/v1", "rolebindings", _binding("RoleBinding", user, name)
        )


@contextmanager
def bound_everywhere(admin: httpx.Client, user: str, name: str) -> Iterator[None]:
    path = f"/apis/{_RBAC}/v1/clusterrolebindings"
    body = _binding("ClusterRoleBinding", user, name)
    admin.post(path, json=body)
    yield
    admin.delete(f"{path}/{body['metadata']['name']}")


def cluster_role(admin: httpx.Client, body: Mapping[str, Any]) -> None:
    """Under a name of this run: the cluster may have the documented one already."""
    ours = {"name": _ours(body["metadata"]["name"]), "labels": LABEL}
    path = f"/apis/{_RBAC}/v1/clusterroles"
    answered(admin.post(path, json={**body, "metadata": ours}))


def _binding(kind: str, user: str, role: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": kind,
        "metadata": {"name": _ours(f"{user}-{role}"), "labels": LABEL},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": _ours(role)},
        "subjects": [{"kind": "ServiceAccount", "namespace": MARK, "name": user}],
    }


def _ours(name: str) -> str:
    return f"{MARK}-{name}"


def deployment(world: World, name: str = "web", **more: Any) -> Deployment:
    given = {"driver": Driver.KUBERNETES, "namespace": world.namespace, **more}
    return Deployment(service=name, environment="production", **given)


@dataclass
class House:
    """The timeline of the house alone: whether mitigations are frozen."""

    incident: Incident = field(default_factory=lambda: Incident(id=HOUSE, now=NOON))

    def read(self, incident_id: str) -> Incident:
        assert incident_id == HOUSE
        return self.incident


@dataclass
class Bots:
    """As the bot, or as an account with other rights; every connection is closed in the end."""

    plane: ControlPlane
    opened: list[Kubernetes] = field(default_factory=list)

    def tools(self, place: Deployment, who: str = BOT, *, observe: bool = False) -> Tools:
        gate = Gate(observe=observe)
        api = Api(
            environment=place.environment,
            open=lambda: self.plane.door(who),
            gate=gate,
        )
        self.opened.append(Kubernetes(api))
        unused = dict.fromkeys(
            each.name
            for each in fields(Tools)
            if each.default is MISSING and each.default_factory is MISSING
        )
        given: Mapping[str, Any] = {
            "clock": SystemClock(),
            "catalog": catalog(place),
            "policy": Policy(),
            "gate": gate,
            "clusters": {place.environment: self.opened[-1]},
            "mitigations": {},
            "deployers": {(place.environment, Driver.KUBERNETES): Deploying(api, SystemClock())},
            "command": "/incident",
        }
        return Tools(**{**unused, **given})

    def close(self) -> None:
        for each in self.opened:
            each.close()


def catalog(place: Deployment) -> Catalog:
    if place.driver is Driver.MANAGED:
        known = Resource(
            name=place.service,
            kind=place.kind,
            environments=(place.environment,),
            identifiers=((place.environment, place.identifier),),
        )
        return Catalog(resources=(known,))
    return Catalog(services=(Service(name=place.service, deployments=(place,)),))


def knowing(tools: Tools, place: Deployment) -> Tools:
    return replace(tools, catalog=catalog(place))


def carried_out(kind: Mitigation, tools: Tools, plan: Plan, attempt: str) -> Receipt:
    """As the flow does it: what was certainly not sent and may pass starts again."""
    for _ in range(20):
        try:
            return kind.execute(tools, plan, attempt)
        except NotSent as unsent:
            if not unsent.may_pass:
                raise
    raise AssertionError(f"{plan.title} was never taken")
