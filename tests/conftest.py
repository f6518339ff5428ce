"""How the suite is shared out: long stories first, and those that mostly wait beside those that mostly work."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, zip_longest
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine and nothing of the rule.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_FIRST = ("test_mitigation.py", "test_pages.py")
_EARLY = ("stories", "chaos", "browser")
_WAITING = ("test_vendor_faults.py", "test_vendor_faults_aside.py", "test_kill_nine.py")
"""Minutes a test, in which a bot waits for vendors; each has a world of its own."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        name = _group(item)
        item.add_marker(pytest.mark.xdist_group(name))
        groups.setdefault(name, []).append(item)
    waiting = [group for name, group in groups.items() if ":" in name]
    working = [group for name, group in groups.items() if ":" not in name]
    items[:] = chain.from_iterable(_in_turn(waiting, working))


def _in_turn(
    waiting: Iterable[list[pytest.Item]], working: Iterable[list[pytest.Item]]
) -> Iterable[list[pytest.Item]]:
    for one, other in zip_longest(waiting, working):
        yield one or []
        yield other or []


def _rank(item: pytest.Item) -> int:
    path = Path(item.path)
    if path.parent.name not in _EARLY:
        return len(_FIRST) + 1
    return _FIRST.index(path.name) if path.name in _FIRST else len(_FIRST)


def _group(item: pytest.Item) -> str:
    """With a world of their own for each test, or with the one that their file shares."""
    place = item.path.relative_to(item.config.rootpath).as_posix()
    # Brackets would end the group's name: xdist looks for it behind the last of them.
    own = item.name.replace("[", ".").replace("]", "")
    return f"{place}:{own}" if item.path.name in _WAITING else place
