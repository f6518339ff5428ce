"""How the suite is shared out: the longest stories first, and a file stays together unless each test has its own world."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine and nothing of the rule.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_FIRST = (
    "test_vendor_faults.py",
    "test_vendor_faults_aside.py",
    "test_kill_nine.py",
    "test_mitigation.py",
    "test_pages.py",
)
_EARLY = ("stories", "chaos", "browser")
_APART = ("test_vendor_faults.py", "test_vendor_faults_aside.py", "test_kill_nine.py")
"""Minutes a test, each with a world of its own: they need not wait for each other."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _rank(item: pytest.Item) -> int:
    path = Path(item.path)
    if path.parent.name not in _EARLY:
        return len(_FIRST) + 1
    return _FIRST.index(path.name) if path.name in _FIRST else len(_FIRST)


def _group(item: pytest.Item) -> str:
    """With a world of their own for each test, or with the one that their file shares."""
    place = item.path.relative_to(item.config.rootpath).as_posix()
    # Brackets would end the group's name: xdist looks for it behind the last of them.
    own = item.name.replace("[", ":").replace("]", "")
    return f"{place}:{own}" if item.path.name in _APART else place
