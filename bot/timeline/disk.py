"""Tells whether a path would outlive a restart of the machine or the container."""

from __future__ import annotations

from pathlib import Path

_VOLATILE = frozenset({"tmpfs", "ramfs", "overlay", "overlayfs", "aufs", "devtmpfs", "rootfs"})
_MOUNTS = Path("/proc/self/mounts")


def volatile(path: Path, *, mounts: Path = _MOUNTS) -> str | None:
    """Why what is stored at `path` would be lost, or None when nothing speaks against it."""
    try:
        table = mounts.read_text(encoding="utf-8")
    except OSError:
        return None
    wanted = path.absolute().resolve()
    best: tuple[int, str, str] = (-1, "", "")
    for line in table.splitlines():
        _device, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        # A later line on the same point hides the earlier one, hence >=.
        if wanted.is_relative_to(point) and len(point) >= best[0]:
            best = (len(point), point, kind)
    if best[2] in _VOLATILE:
        return f"{path} is on {best[2]} (mounted at {best[1]}), which a restart empties"
    return None
