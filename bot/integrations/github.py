"""GitHub as the forge: what lies between two revisions, pull requests, and a revert of a bad release."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.errors import VendorRejected
from bot.domain.review import Comment
from bot.domain.written import Keeping, Kept
from bot.integrations import github_terraform as terraform_code
from bot.integrations.github_api import VENDOR, Repository, connected
from bot.integrations.github_pulls import branch_off, pull_of, put_file
from bot.integrations.github_revert import commit_of, is_migration, reverted_files
from bot.integrations.http import VendorHealth
from bot.tools import Gate

_MOST_FILES = 300
_PULL = re.compile(r"/([^/]+/[^/]+)/pull/(\d+)")


class GitHub:
    """`repo` holds the code and the charts, `postmortems` the reviews where they live apart.

    `terraform` holds Terraform's code; empty where nobody said which does.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        repo: str,
        gate: Gate,
        postmortems: str = "",
        terraform: str = "",
    ) -> None:
        self._vendor = connected(url, token, gate)
        self._code = Repository(self._vendor, repo)
        self._reviews = Repository(self._vendor, postmortems or repo)
        self._terraform = Repository(self._vendor, terraform) if terraform else None

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
        known = pull_of(code, branch, doing=doing)
        if known:
            return known
        compared = self._compared(good, bad, doing=doing)
        made = reverted_files(code, compared, service=service, good=good, bad=bad)
        branch_off(code, branch, main, doing=doing)
        for each in made.files:
            doing = f"put {each.path} back"
            put_file(code, branch, each.path, each.text, message=made.message, doing=doing)
        body = f"{reason}\n\n{made.notes}".strip()
        return self._pull_request(code, branch=branch, title=made.title, body=body)

    def keep(self, keeping: Keeping, *, doing: str) -> Kept | None:
        """A draft pull request that changes it, an issue that says what to change, or neither."""
        return terraform_code.keep(self._written(doing), keeping, doing=doing)

    def settled(self, address: str, *, doing: str) -> bool:
        return terraform_code.settled(self._written(doing), address, doing=doing)

    def _written(self, doing: str) -> Repository:
        if self._terraform is None:
            why = "no repository at GitHub is known to hold Terraform's code"
            by_hand = "Commit it by hand. GITHUB_TERRAFORM_REPO=owner/name makes Tocsin do it."
            raise VendorRejected(VENDOR, doing, why, by_hand=by_hand)
        return self._terraform

    def _compared(self, base: str, head: str, *, doing: str) -> Mapping[str, Any]:
        found = self._code.read(f"compare/{base}...{head}", doing=doing)
        return found or {}

    def _pull_request(self, repository: Repository, *, branch: str, title: str, body: str) -> str:
        doing = "open a pull request"
        known = pull_of(repository, branch, doing=doing)
        if known:
            return known
        base = repository.main(doing=doing)
        asked = {"title": title, "body": body, "head": branch, "base": base}
        made = repository.write("POST", "pulls", asked, doing=doing)
        return str(made["html_url"])

    def _place(self, pull_request: str) -> tuple[Repository, str]:
        found = _PULL.search(pull_request)
        if found is None:
            why = f"{pull_request} is not the address of a pull request"
            raise VendorRejected(VENDOR, "comment on the pull request", why)
        return Repository(self._vendor, found[1]), found[2]


def _plain(revision: str) -> str:
    """The commit of a deployment's key, which may name several sources and a mark."""
    return revision.partition("~")[0].partition(",")[0]
