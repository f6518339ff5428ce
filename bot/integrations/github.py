"""GitHub as the forge: what lies between two revisions, pull requests, and a revert of a bad release."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.errors import VendorRejected
from bot.domain.review import Comment
from bot.integrations.github_api import VENDOR, Repository, connected
from bot.integrations.github_revert import commit_of, is_migration, reverted_files
from bot.integrations.http import VendorHealth
from bot.tools import Gate

_MOST_FILES = 300
_PULL = re.compile(r"/([^/]+/[^/]+)/pull/(\d+)")


class GitHub:
    """`repo` holds the code and the charts, `postmortems` the reviews where they live apart."""

    def __init__(
        self, url: str, token: str, *, repo: str, gate: Gate, postmortems: str = ""
    ) -> None:
        self._vendor = connected(url, token, gate)
        self._code = Repository(self._vendor, repo)
        self._reviews = Repository(self._vendor, postmortems or repo)

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def migrations_between(self, base: str, head: str) -> tuple[str, ...]:
        """Files under a migrations folder that `head` has and `base` had not, or had otherwise."""
        doing = "look for migrations"
        files = self._compared(base, head, doing=doing).get("files") or []
        if len(files) >= _MOST_FILES:
            why = f"more than {_MOST_FILES} files changed, and GitHub lists no more"
            by_hand = f"Look at {self.compare_address(base, head)}"
            raise VendorRejected(VENDOR, doing, why, by_hand=by_hand)
        names = [str(each["filename"]) for each in files if each.get("status") != "removed"]
        return tuple(name for name in names if is_migration(name))

    def compare_address(self, base: str, head: str) -> str:
        return f"https://github.com/{self._code.name}/compare/{base}...{head}"

    def pull_request(self, *, branch: str, title: str, body: str) -> str:
        """Of the postmortems' repository; an open one of the branch is the answer."""
        return self._pull_request(self._reviews, branch=branch, title=title, body=body)

    def comment(self, pull_request: str, comments: Sequence[Comment]) -> None:
        """What was said before on the same line is not said again."""
        repository, number = self._place(pull_request)
        doing = "comment on the pull request"
        path = f"pulls/{number}/comments"
        said = repository.read(path, doing=doing, params={"per_page": 100}) or ()
        known = {(each.get("path"), each.get("body")) for each in said}
        fresh = [each for each in comments if (each.path, each.body) not in known]
        if not fresh:
            return
        lines = [{"path": each.path, "line": each.line, "body": each.body} for each in fresh]
        review = {"event": "COMMENT", "body": "Wording, looked at by Tocsin", "comments": lines}
        repository.write("POST", f"pulls/{number}/reviews", review, doing=doing)

    def revert_pull_request(self, *, service: str, bad: str, good: str, reason: str) -> str:
        """Puts the files of the service's commits between the two back to what they were.

        `bad` and `good` are commits, tags or releases by the name that their commits carry.
        """
        doing = f"propose a revert of {service}"
        code, main = self._code, self._code.main(doing=doing)
        bad, good = (commit_of(code, service, _plain(each)) for each in (bad, good))
        branch = f"tocsin/revert-{service}-{bad[:7]}"
        known = self._open_pull(code, branch, doing=doing)
        if known:
            return known
        compared = self._compared(good, bad, doing=doing)
        made = reverted_files(code, compared, service=service, good=good, bad=bad)
        self._branch_off(code, branch, main, doing=doing)
        for each in made.files:
            self._put_file(code, branch, each.path, each.text, message=made.message)
        body = f"{reason}\n\n{made.notes}".strip()
        return self._pull_request(code, branch=branch, title=made.title, body=body)

    def _compared(self, base: str, head: str, *, doing: str) -> Mapping[str, Any]:
        found = self._code.read(f"compare/{base}...{head}", doing=doing)
        return found or {}

    def _pull_request(self, repository: Repository, *, branch: str, title: str, body: str) -> str:
        doing = "open a pull request"
        known = self._open_pull(repository, branch, doing=doing)
        if known:
            return known
        base = repository.main(doing=doing)
        asked = {"title": title, "body": body, "head": branch, "base": base}
        made = repository.write("POST", "pulls", asked, doing=doing)
        return str(made["html_url"])

    def _open_pull(self, repository: Repository, branch: str, *, doing: str) -> str:
        params = {"head": f"{repository.owner}:{branch}", "state": "open"}
        found = repository.read("pulls", doing=doing, params=params) or ()
        return str(found[0]["html_url"]) if found else ""

    def _branch_off(self, code: Repository, branch: str, main: str, *, doing: str) -> None:
        head = code.read(f"git/ref/heads/{main}", doing=doing)["object"]["sha"]
        asked = {"ref": f"refs/heads/{branch}", "sha": head}
        try:
            code.write("POST", "git/refs", asked, doing=doing)
        except VendorRejected as error:
            # Left by an attempt that broke off: its files are simply written again.
            if "already exists" not in error.why:
                raise

    def _put_file(
        self, code: Repository, branch: str, path: str, text: str, *, message: str
    ) -> None:
        doing = f"put {path} back"
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

    def _place(self, pull_request: str) -> tuple[Repository, str]:
        found = _PULL.search(pull_request)
        if found is None:
            why = f"{pull_request} is not the address of a pull request"
            raise VendorRejected(VENDOR, "comment on the pull request", why)
        return Repository(self._vendor, found[1]), found[2]


def _plain(revision: str) -> str:
    """The commit of a deployment's key, which may name several sources and a mark."""
    return revision.partition("~")[0].partition(",")[0]
