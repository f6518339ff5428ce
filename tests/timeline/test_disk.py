"""A disk that forgets is told from one that keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.timeline.disk import volatile


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    table = tmp_path / "mounts"
    table.write_text(
        "overlay / overlay rw 0 0\n"
        "/dev/sda1 /data ext4 rw 0 0\n"
        "tmpfs /data/quick tmpfs rw 0 0\n"
        "/dev/sdb1 /with\\040space xfs rw 0 0\n"
    )
    return table


@pytest.mark.parametrize("path", ["/data/tocsin.db", "/data/quickly/t.db", "/with space/t.db"])
def test_a_real_disk_is_kept(mounts: Path, path: str) -> None:
    assert volatile(Path(path), mounts=mounts) is None


@pytest.mark.parametrize(
    ("path", "kind"), [("/srv/tocsin.db", "overlay"), ("/data/quick/t.db", "tmpfs")]
)
def test_a_disk_that_a_restart_empties_is_named(mounts: Path, path: str, kind: str) -> None:
    why = volatile(Path(path), mounts=mounts)
    assert why is not None
    assert f"is on {kind}" in why


def test_without_a_table_of_mounts_nothing_is_claimed(tmp_path: Path) -> None:
    assert volatile(tmp_path / "t.db", mounts=tmp_path / "missing") is None
