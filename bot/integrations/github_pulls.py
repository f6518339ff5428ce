"""A branch with files on it and the pull request for it: made once, and found again by the branch."""

from __future__ import annotations

import base64

from bot.domain.errors import VendorRejected
from bot.integrations.github_api import Repository


def pull_of(code: Repository, branch: str, *, doing: str, closed: bool = False) -> str:
    """The open one of this branch; with `closed` any, an open one first. Empty where none is."""
    params = {"head": f"{code.owner}:{branch}", "state": "all" if closed else "open"}
    found = code.read("pulls", doing=doing, params=params) or ()
    ranked = sorted(found, key=lambda each: each.get("state") != "open")
    return str(ranked[0]["html_url"]) if ranked else ""


def branch_off(code: Repository, branch: str, main: str, *, doing: str) -> None:
    head = code.read(f"git/ref/heads/{main}", doing=doing)["object"]["sha"]
    asked = {"ref": f"refs/heads/{branch}", "sha": head}
    try:
        code.write("POST", "git/refs", asked, doing=doing)
    except VendorRejected as error:
        # Left by an attempt that broke off: its files are simply written again.
        if "already exists" not in error.why:
            raise


def put_file(
    code: Repository, branch: str, path: str, text: str, *, message: str, doing: str
) -> None:
    now = code.content(path, branch, doing=doing)
    if now and now[0] == text:
        return
    asked = {
        "message": message,
        "branch": branch,
        "content": base64.b64encode(text.encode()).decode(),
    }
    if now:
        asked["sha"] = now[1]
    code.write("PUT", f"contents/{path}", asked, doing=doing)
