"""What axe-core holds against a page, as far as it keeps somebody out."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = {"serious", "critical"}


def grave(page: Page) -> list[str]:
    """A line for each finding that is serious or critical: the rule, and where it is broken."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {where['target']} {where['html'][:160]} {_why(where)}"
        for rule in found
        if rule["impact"] in _GRAVE
        for where in rule["nodes"]
    ]


def _why(where: dict[str, object]) -> str:
    return str(where.get("failureSummary", "")).replace("\n", " ")
