"""Follow-ups as tickets, in Jira and in GitHub Issues, against the demo world."""

from datetime import UTC, date, datetime

import pytest

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.incident import Summary
from bot.domain.incident.summary import Stage
from bot.domain.review import FollowUp, FollowUpType
from bot.integrations.github_issues import GitHubIssues
from bot.integrations.jira import Jira
from tests.integrations.worlds import OPEN, fault, url

INCIDENT = Summary(
    id="i0demo",
    title="LMS error rate",
    service="lms",
    environment="production",
    severity="SEV2",
    stage=Stage.RESOLVED,
    opened_at=datetime(2026, 3, 10, 14, tzinfo=UTC),
    resolved_at=None,
    channel="C1",
    channel_name="inc-lms",
    commander="Ana Lima",
    visibility="public",
)
FOLLOW_UP = FollowUp(
    id="f1",
    title="Alert on missing columns",
    type=FollowUpType.DETECT,
    owner_name="Kenji Mori",
    due=date(2026, 3, 24),
    done_when="The alert fires in staging",
)


@pytest.fixture(params=["jira", "github"])
def tracker(request, demo):
    if request.param == "jira":
        user = ("tocsin@demo.example", "jira-demo-token")
        made = Jira(url(demo, "/jira"), user, project="OPS", gate=OPEN)
    else:
        made = GitHubIssues(url(demo, "/github"), "gh-demo-token", repo="demo/platform", gate=OPEN)
    yield made
    made.close()


def made_in(demo, system):
    found = demo.sim.traffic.records
    return [r for r in found if r.system == system and r.name in ("issue.create", "issues.create")]


def test_a_follow_up_becomes_one_ticket_however_often_it_is_asked_for(demo, tracker):
    first = tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    second = tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    assert first == second == tracker.find("tocsin:i0demo:f1")
    assert len(made_in(demo, "jira") + made_in(demo, "github")) == 1


def test_another_follow_up_is_another_ticket(tracker):
    first = tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    second = tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f2")
    assert first != second


def test_an_unknown_marker_finds_nothing(tracker):
    assert tracker.find("tocsin:nothing") is None


def test_a_ticket_whose_answer_was_lost_is_found(demo, tracker):
    system = "jira" if isinstance(tracker, Jira) else "github"
    fault(demo, system, "issue*.create", "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    assert len(made_in(demo, system)) == 1


def test_a_link_back_is_added_once(demo, tracker):
    ticket = tracker.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    for _ in range(2):
        tracker.link(ticket, title="Incident", address="https://chat.example/C1")
    state = demo.get("/state")
    if isinstance(tracker, Jira):
        (shown,) = state["jira"]["tickets"].values()
        assert len(shown["links"]) == 1
    else:
        posted = [r for r in demo.sim.traffic.records if r.name == "issues.comments.create"]
        assert len(posted) == 1


def test_jira_is_told_in_its_own_format(demo):
    user = ("tocsin@demo.example", "jira-demo-token")
    jira = Jira(url(demo, "/jira"), user, project="OPS", gate=OPEN)
    jira.create(FOLLOW_UP, incident=INCIDENT, marker="tocsin:i0demo:f1")
    jira.close()
    (shown,) = demo.get("/state")["jira"]["tickets"].values()
    assert shown["duedate"] == "2026-03-24"
    assert "Done when: The alert fires in staging" in shown["description"]


def test_a_wrong_project_is_said_with_what_to_do(demo):
    user = ("tocsin@demo.example", "jira-demo-token")
    jira = Jira(url(demo, "/jira"), user, project="NOPE", gate=OPEN)
    with pytest.raises(VendorRejected, match="project") as error:
        jira.create(FOLLOW_UP, incident=INCIDENT, marker="m")
    assert error.value.by_hand
    jira.close()
