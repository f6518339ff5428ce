"""A stored name never changes: what is on somebody's disk has to be read by every later version."""

from __future__ import annotations

from tests.golden.names import FILE, stored_names, twice


def golden() -> list[str]:
    return FILE.read_text(encoding="utf-8").splitlines()


def test_no_stored_name_was_renamed_or_dropped() -> None:
    gone = set(golden()) - set(stored_names())
    assert not gone, f"old databases hold these: {sorted(gone)}"


def test_every_new_stored_name_is_in_the_golden_file() -> None:
    new = set(stored_names()) - set(golden())
    assert not new, f"meant? then run `python -m tests.golden`: {sorted(new)}"


def test_no_stored_name_belongs_to_two_parts() -> None:
    assert twice(stored_names()) == []
