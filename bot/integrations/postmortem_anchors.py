"""The hashes that postmortems carry: what the database once said, kept where it cannot be changed with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import frontmatter
import yaml


def anchors(places: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """(incident, hash) of every postmortem in these files and folders."""
    for place in places:
        for path in sorted(place.rglob("*.md")) if place.is_dir() else [place]:
            yield from _anchor(path)


def _anchor(path: Path) -> Iterator[tuple[str, str]]:
    try:
        front, _body = frontmatter.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, yaml.YAMLError):
        return
    incident, kept = front.get("id"), front.get("timeline_hash")
    if incident and kept:
        yield str(incident), str(kept)
