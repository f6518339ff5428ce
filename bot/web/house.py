"""What the web needs of the running bot, whatever stage of starting it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp

from bot.domain.catalog import Catalog
from bot.engine.status import EngineStatus
from bot.timeline.changes import ChangeBook
from bot.timeline.inbox import Inbox
from bot.tools import Tools
from bot.web.porch import Porch


@dataclass
class Tally:
    """What came to the doors since the start."""

    stored: int = 0
    seen_before: int = 0
    unsigned: int = 0
    mismatched: int = 0
    too_large: int = 0
    not_stored: int = 0
    slack_requests: int = 0
    changes_stored: int = 0
    changes_unsigned: int = 0
    changes_mismatched: int = 0
    changes_refused: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One vendor's health in plain numbers."""

    vendor: str
    ok: int
    failed: int
    last_failure: str


class House(Protocol):
    """The bot as its doors see it: parts are None until they are ready."""

    tally: Tally

    @property
    def webhook_secrets(self) -> Sequence[str]: ...
    @property
    def change_secrets(self) -> Sequence[str]:
        """None of them where changes are not taken from others."""
        ...

    @property
    def api_tokens(self) -> Sequence[str]:
        """None of them where nobody may read the API."""
        ...

    @property
    def dashboard(self) -> bool:
        """Whether it is shown at all."""
        ...

    @property
    def members_only(self) -> bool:
        """Whether only people of the workspace read it, once they signed in."""
        ...

    @property
    def porch(self) -> Porch | None:
        """None where nobody can sign in, or not yet."""
        ...

    @property
    def catalog(self) -> Catalog: ...
    @property
    def tools(self) -> Tools | None: ...
    @property
    def changes(self) -> ChangeBook | None: ...
    @property
    def inbox(self) -> Inbox | None: ...
    @property
    def slack(self) -> AsyncApp | None: ...
    def status(self) -> EngineStatus | None: ...
    def unready(self) -> list[str]:
        """Why it cannot do its work now; empty when it can."""
        ...

    def warnings(self) -> list[str]: ...
    def vendors(self) -> list[Reading]: ...
    def slack_calls(self) -> dict[str, tuple[int, int]]:
        """Calls and failures by Web API method."""
        ...

    def app_info(self) -> dict[str, Any]: ...
