"""A fresh demo world and the real bot for each story, or one for all stories of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.living import Life
from tests.stories.walking import alive


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with alive(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """For stories that leave nothing behind that another one would notice."""
    with alive(tmp_path_factory.mktemp("shared")) as found:
        yield found
