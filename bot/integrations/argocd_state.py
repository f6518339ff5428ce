"""What a planned rollback has to remember between the plan, the one request and the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RollbackState:
    """Kept as JSON in `Plan.state`; a newer field has a default, an unknown one is ignored."""

    app: str
    namespace: str
    project: str
    history_id: int
    target: str
    live: str
    last_id: int
    seen: str = ""
    """When the last operation started that the plan knew of."""
    automated: Mapping[str, Any] | None = None
    """The application's `syncPolicy.automated` as it was; None where there was none."""
    switchable: bool = True
    """From v3.1 auto-sync has its own switch, which keeps prune and selfHeal."""
    interrupts: str = ""
    """The key of the running operation that the plan says it will stop."""
    direct: bool = False
    """Planned without Argo CD's server: the application object itself is patched."""
    target_images: tuple[str, ...] = ()
    live_images: tuple[str, ...] = ()

    @property
    def auto_sync(self) -> bool:
        return self.automated is not None and self.automated.get("enabled") is not False

    def inside(self, state: str = "{}") -> str:
        """This, beside whatever else the plan keeps."""
        return json.dumps({**json.loads(state), "argocd": asdict(self)}, sort_keys=True)


def state_in(state: str) -> RollbackState:
    stored = json.loads(state)["argocd"]
    known = {each.name for each in fields(RollbackState)}
    told = {name: value for name, value in stored.items() if name in known}
    for name in ("target_images", "live_images"):
        told[name] = tuple(told.get(name) or ())
    return RollbackState(**told)
