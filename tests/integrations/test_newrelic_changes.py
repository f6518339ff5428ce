"""Changes that were marked in New Relic as suspects, against the demo world."""

from datetime import timedelta

import pytest

from bot.config import load
from bot.domain.change import Change, ChangeKind, ChangeStatus
from bot.domain.change_merging import merged
from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.newrelic_changes import ChangeTracking
from bot.integrations.newrelic_nerdgraph import NerdGraph
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.pagerduty_changes import ChangeEvents
from tests.integrations.worlds import OPEN, fault, sent, url

CATALOG = load({}).catalog
HOUR = timedelta(hours=1)
SHA = "9fceb02d0ae598e95dc970b74767f19372d61af8"


@pytest.fixture
def graph(demo):
    made = NerdGraph(url(demo, "/newrelic/graphql"), "nr-demo-key", account=1234567)
    yield made
    made.close()


@pytest.fixture
def mark(demo):
    def one(app="lms", **more):
        demo.post("/newrelic/change", app=app, **more)

    return one


@pytest.fixture
def asked(demo, graph):
    def one(*names, environment="production"):
        places = [CATALOG.deployment(each, environment) for each in names or ("lms", "cms")]
        now = demo.sim.clock.now()
        source = ChangeTracking(graph, CATALOG)
        return source.changes(places, since=now - 6 * HOUR, until=now)

    return one


def test_a_deployment_marker_says_what_went_out_by_whom_and_where_to_look(demo, mark, asked):
    mark(
        version="r142",
        commit=SHA,
        user="kenji",
        description="Courses from the new table",
        deepLink="https://ci.example/runs/1",
        changelog="https://git.example/compare/r141...r142",
    )
    (change,) = asked()
    assert (change.source, change.service, change.environment) == (
        "New Relic",
        "lms",
        "production",
    )
    assert (change.after, change.author, change.refs) == ("r142", "kenji", ("r142", SHA))
    assert (change.message, change.kind) == ("Courses from the new table", ChangeKind.DEPLOY)
    assert change.address == "https://ci.example/runs/1"
    assert change.diff == "https://git.example/compare/r141...r142"
    assert abs(change.at - demo.sim.clock.now()) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"category": "Deployment", "type": "Rolling"}, ChangeKind.DEPLOY),
        ({"category": "Feature Flag", "type": "Basic"}, ChangeKind.FLAG),
        ({"category": "Operational", "type": "Server Reboot"}, ChangeKind.RESTART),
        ({"category": "Business Event", "type": "Marketing Campaign"}, ChangeKind.CONFIG),
    ],
)
def test_the_kind_is_by_new_relics_category(mark, asked, said, kind):
    mark(**said, shortDescription="It happened")
    (change,) = asked()
    assert (change.kind, change.message) == (kind, "It happened")


def test_a_flag_is_named(mark, asked):
    mark(category="Feature Flag", type="Basic", featureFlagId="session_blob_v2")
    (change,) = asked()
    assert change.title == "lms session_blob_v2"


def test_how_it_ended_is_read_where_the_pipeline_says_it(mark, asked):
    mark(version="r142", category="Deployment", deployment_result="failure")
    assert asked()[0].status is ChangeStatus.FAILED


@pytest.mark.parametrize("said", [{}, {"environment": "production"}, {"env": "prod"}])
def test_an_application_is_productions_unless_the_marker_says_otherwise(mark, asked, said):
    mark(version="r142", **said)
    assert len(asked("lms")) == 1
    assert asked("lms", environment="staging") == []


def test_a_marker_of_staging_is_told_there_alone(mark, asked):
    mark(version="r142", environment="staging")
    assert asked("lms") == []
    assert len(asked("lms", environment="staging")) == 1


def test_other_applications_are_not_asked_for(mark, asked):
    mark("discovery", version="r9")
    assert asked("lms", "cms") == []


def test_places_without_an_application_ask_nobody(demo, asked):
    assert asked("rds-mysql") == []
    assert sent(demo, "newrelic", "nerdgraph") == []


def test_only_what_happened_in_the_asked_time_is_told(demo, mark, asked):
    now = demo.sim.clock.now()
    mark(version="r1", at=(now - 7 * HOUR).isoformat())
    mark(version="r2", at=(now - 5 * HOUR).isoformat())
    assert [each.after for each in asked()] == ["r2"]


def test_more_than_one_answer_holds_is_asked_on_and_told_once(demo, mark, asked):
    at = demo.sim.clock.now() - HOUR
    for number in range(1200):
        demo.sim.newrelic.markers.append(marker(number, at + timedelta(seconds=number // 3)))
    told = asked()
    assert len(told) == 1200
    assert len({each.id for each in told}) == 1200
    assert len(sent(demo, "newrelic", "nerdgraph")) == 2


def marker(number, at):
    # The demo world's own record, without a thousand requests.
    return type("Row", (), {"app": "lms", "at": at, "row": lambda _self: row(number, at)})()


def row(number, at):
    return {
        "timestamp": int(at.timestamp() * 1000),
        "entity.name": "lms",
        "deploymentId": f"d{number}",
        "version": f"r{number}",
    }


def test_one_deploy_that_three_sources_saw_is_told_once(demo, asked):
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(200)
    (marked,) = asked("lms")
    pager = PagerDuty(url(demo, "/pagerduty"), "pd-demo-token", gate=OPEN)
    now = demo.sim.clock.now()
    places = [CATALOG.deployment("lms", "production")]
    (told,) = ChangeEvents(pager.calls, CATALOG).changes(places, since=now - HOUR, until=now)
    pager.close()
    seen = Change(
        id="argocd:production/lms#2",
        source="Argo CD",
        service="lms",
        environment="production",
        at=marked.at - timedelta(seconds=20),
        after="r142",
        reversible_by="rollback",
    )
    (one,) = merged([marked, told, seen])
    assert (one.source, set(one.also)) == ("Argo CD", {"New Relic", "PagerDuty"})
    assert (one.author, one.reversible_by, one.at) == ("kenji", "rollback", seen.at)
    assert one.address == "https://ci.demo.example/lms/runs/1842"


@pytest.mark.parametrize(
    ("do", "more", "why"),
    [
        ("5xx", {"status": 502}, "502"),
        ("429", {"retry_after": 9}, "limiting how often"),
        ("latency", {"ms": 6000}, "no answer within 5 s"),
    ],
)
def test_what_went_wrong_is_said_and_may_pass(demo, asked, do, more, why):
    fault(demo, "newrelic", "nerdgraph", do, **more)
    with pytest.raises(VendorDown, match=why) as down:
        asked()
    assert "read the tracked changes" in str(down.value)


def test_an_account_that_is_not_ours_is_said_plainly(demo):
    wrong = NerdGraph(url(demo, "/newrelic/graphql"), "nr-demo-key", account=7)
    now = demo.sim.clock.now()
    places = [CATALOG.deployment("lms", "production")]
    with pytest.raises(VendorRejected, match="Account 7 not found"):
        ChangeTracking(wrong, CATALOG).changes(places, since=now - HOUR, until=now)
    wrong.close()
