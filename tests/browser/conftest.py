"""A browser for all tests here; a fresh world with the real bot, and windows into it, for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.window import Window, window
from tests.browsing import browser
from tests.living import Life
from tests.stories.walking import alive

Look = Callable[..., Window]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with its module: while it lives, no other test of this process can run a loop."""
    with browser() as opened:
        yield opened


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with alive(tmp_path) as found:
        yield found


@pytest.fixture
def look(chromium: Browser, life: Life) -> Iterator[Look]:
    """Opens a window as somebody; whatever its console complained about fails the test."""
    opened: list[Window] = []

    def made(person: str = "ana", **more: object) -> Window:
        found = window(chromium, life.world.ports.world, person, **more)  # type: ignore[arg-type]
        opened.append(found)
        return found

    yield made
    for each in opened:
        each.context.close()
        assert each.complaints == []
