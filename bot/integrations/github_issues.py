"""GitHub Issues as the place where follow-ups become tickets, for teams without Jira."""

from __future__ import annotations

from bot.domain.incident import Summary
from bot.domain.review import FollowUp
from bot.integrations.github_api import Repository, connected
from bot.integrations.http import VendorHealth
from bot.tools import Gate

LABEL = "tocsin"


class GitHubIssues:
    """Found again by a marker in the text: GitHub's search lags behind, its list does not."""

    name = "GitHub Issues"

    def __init__(self, url: str, token: str, *, repo: str, gate: Gate) -> None:
        self._vendor = connected(url, token, gate)
        self._repository = Repository(self._vendor, repo)

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def find(self, marker: str) -> str | None:
        return issue_of(self._repository, marker, doing="look for the issue")

    def create(self, follow_up: FollowUp, *, incident: Summary, marker: str) -> str:
        known = self.find(marker)
        if known:
            return known
        lines = [f"Follow-up of incident {incident.id}: {incident.title}", ""]
        lines += [f"- {name}: {said}" for name, said in _facts(follow_up) if said]
        asked = {
            "title": " ".join(follow_up.title.split())[:256],
            "body": "\n".join((*lines, "", marked(marker))),
            "labels": [LABEL, f"follow-up-{follow_up.type}"],
        }
        made = self._repository.write("POST", "issues", asked, doing="create the issue")
        return str(made["html_url"])

    def link(self, ticket: str, *, title: str, address: str) -> None:
        """As a comment, once."""
        doing, path = "link the issue", f"issues/{ticket.rpartition('/')[2]}/comments"
        said = self._repository.read(path, doing=doing, params={"per_page": 100}) or ()
        if any(address in str(each.get("body") or "") for each in said):
            return
        self._repository.write("POST", path, {"body": f"[{title}]({address})"}, doing=doing)


def _facts(follow_up: FollowUp) -> tuple[tuple[str, str], ...]:
    return (
        ("Owner", follow_up.owner_name),
        ("Kind", str(follow_up.type)),
        ("Due", follow_up.due.isoformat() if follow_up.due else ""),
        ("Done when", follow_up.done_when),
    )


def issue_of(repository: Repository, marker: str, *, doing: str) -> str | None:
    """One of ours, open or closed."""
    params = {"labels": LABEL, "state": "all", "per_page": 100}
    for each in repository.read("issues", doing=doing, params=params) or ():
        if marked(marker) in str(each.get("body") or ""):
            return str(each["html_url"])
    return None


def marked(marker: str) -> str:
    return f"<!-- tocsin {marker} -->"
