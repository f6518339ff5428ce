"""The longest stories start first, so that a run in parallel does not end waiting for one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine and nothing of the rule.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_FIRST = ("test_vendor_faults.py", "test_kill_nine.py", "test_mitigation.py", "test_pages.py")
_EARLY = ("stories", "chaos", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    path = Path(item.path)
    if path.parent.name not in _EARLY:
        return len(_FIRST) + 1
    return _FIRST.index(path.name) if path.name in _FIRST else len(_FIRST)
