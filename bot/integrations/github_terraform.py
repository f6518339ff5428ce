"""Terraform's code at GitHub: a change made by hand as a draft pull request, or as an issue that says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.errors import VendorRejected
from bot.domain.written import Edits, File, Keeping, Kept, edits
from bot.integrations.github_api import Repository
from bot.integrations.github_issues import LABEL, issue_of, marked
from bot.integrations.github_pulls import branch_off, pull_of, put_file

_ENDINGS = (".tf", ".tfvars")
_MOST = 100
"""Files of one environment that are read; each is a request."""
_NO_DRAFTS = re.compile(r"draft pull requests are not supported", re.IGNORECASE)


def keep(code: Repository, keeping: Keeping, *, doing: str) -> Kept | None:
    """The same marker gets the same answer, whatever became of it since."""
    branch = f"tocsin/keep-{keeping.marker}"
    if known := pull_of(code, branch, doing=doing, closed=True):
        return Kept(address=known)
    made = _edits(code, keeping, doing=doing)
    if made.files:
        _commit(code, keeping, branch, made, doing=doing)
        return Kept(address=_pull(code, keeping, branch, doing=doing))
    if issue := issue_of(code, keeping.marker, doing=doing):
        return Kept(address=issue, why=made.why or "it was so when it was written")
    if made.already:
        return None
    return Kept(address=_issue(code, keeping, made.why, doing=doing), why=made.why)


def settled(code: Repository, address: str, *, doing: str) -> bool:
    """Merged, or an issue that somebody closed as done."""
    sort, number = address.split("/")[-2:]
    if sort == "pull":
        found = code.read(f"pulls/{number}", doing=doing) or {}
        return bool(found.get("merged_at"))
    found = code.read(f"issues/{number}", doing=doing) or {}
    return found.get("state") == "closed" and found.get("state_reason") != "not_planned"


def _edits(code: Repository, keeping: Keeping, *, doing: str) -> Edits:
    if not keeping.settings:
        return edits((), ())
    found = list(_paths(code, keeping, doing=doing))
    where = " and ".join(keeping.folders)
    if not found:
        return Edits(why=f"{code.name} has no file of Terraform below {where}")
    if len(found) > _MOST:
        return Edits(why=f"more than {_MOST} files lie below {where}")
    return edits(keeping.settings, [*_files(code, found, doing=doing)])


def _paths(code: Repository, keeping: Keeping, *, doing: str) -> Iterator[str]:
    main = code.main(doing=doing)
    listed = code.read(f"git/trees/{main}", doing=doing, params={"recursive": "1"}) or {}
    if listed.get("truncated"):
        why = f"{code.name} is too large to be listed"
        raise VendorRejected("GitHub", doing, why, by_hand=code.by_hand)
    for each in listed.get("tree") or ():
        path = str(each["path"])
        below = any(path.startswith(f"{folder}/") for folder in keeping.folders)
        if below and path.endswith(_ENDINGS) and each.get("type") == "blob":
            yield path


def _files(code: Repository, paths: list[str], *, doing: str) -> Iterator[File]:
    main = code.main(doing=doing)
    for path in paths:
        found = code.content(path, main, doing=doing)
        if found is not None:
            yield File(path=path, text=found[0])


def _commit(code: Repository, keeping: Keeping, branch: str, made: Edits, *, doing: str) -> None:
    branch_off(code, branch, code.main(doing=doing), doing=doing)
    for each in made.files:
        put_file(code, branch, each.path, each.text, message=keeping.title, doing=doing)


def _pull(code: Repository, keeping: Keeping, branch: str, *, doing: str) -> str:
    """Not every plan of GitHub has drafts."""
    asked = {
        "title": keeping.title,
        "body": keeping.body,
        "head": branch,
        "base": code.main(doing=doing),
    }
    try:
        made = code.write("POST", "pulls", {**asked, "draft": True}, doing=doing)
    except VendorRejected as error:
        if not _NO_DRAFTS.search(error.why):
            raise
        made = code.write("POST", "pulls", asked, doing=doing)
    return str(made["html_url"])


def _issue(code: Repository, keeping: Keeping, why: str, *, doing: str) -> str:
    told = f"No pull request was prepared: {why}. Make the change by hand, then close this issue."
    asked = {
        "title": keeping.title,
        "body": "\n\n".join((keeping.body, told, marked(keeping.marker))),
        "labels": [LABEL],
    }
    return str(code.write("POST", "issues", asked, doing=doing)["html_url"])
