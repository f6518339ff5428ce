"""Runs the real git: never a prompt, never somebody else's hooks or keys, and its errors made ours."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path

from bot.domain.errors import VendorDown, VendorRejected

VENDOR = "git"
EMAIL = "tocsin@localhost"
PATIENCE = timedelta(seconds=60)
_SETTINGS = (
    # Never a prompt, never somebody else's repository, hooks or keys.
    *("env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "LC_ALL=C"),
    *("GIT_TERMINAL_PROMPT=0", "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=10"),
    *("GIT_AUTHOR_NAME=Tocsin", f"GIT_AUTHOR_EMAIL={EMAIL}"),
    *("GIT_COMMITTER_NAME=Tocsin", f"GIT_COMMITTER_EMAIL={EMAIL}"),
    *("git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false"),
)
_PASSING = re.compile(
    r"could not resolve host|connection (refused|timed out|reset)|timed out|early EOF"
    r"|the remote end hung up|returned error: (429|5\d\d)|temporary failure",
    re.IGNORECASE,
)
_ADDRESS_SECRET = re.compile(r"(\w+://)[^/@\s]+@")


def git(
    *arguments: str, where: Path, doing: str, by_hand: str, patience: timedelta = PATIENCE
) -> str:
    """What it said. `VendorDown` for what may pass, `VendorRejected` for the rest."""
    try:
        done = subprocess.run(
            [*_SETTINGS, *arguments],
            cwd=where,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=patience.total_seconds(),
            check=False,
        )
    except FileNotFoundError as error:
        raise VendorRejected(VENDOR, doing, f"{error.filename} is not there") from error
    except subprocess.TimeoutExpired as error:
        why = f"no answer within {patience.total_seconds():.0f} seconds"
        raise VendorDown(VENDOR, doing, why) from error
    if done.returncode == 0:
        return done.stdout
    why = _plain(done.stderr)
    kind = VendorDown if _PASSING.search(why) else VendorRejected
    raise kind(VENDOR, doing, why, by_hand=by_hand)


def without_secret(address: str) -> str:
    """Without a password that stands in it."""
    return _ADDRESS_SECRET.sub(r"\1", address)


def _plain(stderr: str) -> str:
    """The last thing git said."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:", "!"))] or lines
    text = "; ".join(told[:2]) or "it failed without a word"
    return without_secret(text).replace("fatal: ", "").replace("error: ", "")[:300]
