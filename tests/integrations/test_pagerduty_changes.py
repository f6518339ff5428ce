"""Change events of PagerDuty as suspects, against the demo world."""

from datetime import timedelta

import pytest

from bot.config import load
from bot.domain.change import Change, ChangeKind
from bot.domain.change_merging import merged
from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.pagerduty_changes import ChangeEvents
from tests.integrations.worlds import OPEN, fault, sent, url

CATALOG = load({}).catalog
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHA = "9fceb02d0ae598e95dc970b74767f19372d61af8"


def opened(demo, token="pd-demo-token"):
    pager = PagerDuty(url(demo, "/pagerduty"), token, gate=OPEN)
    return pager, ChangeEvents(pager.calls, CATALOG)


@pytest.fixture
def source(demo):
    pager, found = opened(demo)
    yield found
    pager.close()


@pytest.fixture
def tell(demo):
    def one(summary="Deployed lms r142", services=("PLMS",), **more):
        body = {"summary": summary, "services": [{"id": each} for each in services], **more}
        answer = demo.http.post(
            "/pagerduty/change_events",
            json={"change_event": body},
            headers={"Authorization": "Token token=pd-demo-token"},
        )
        assert answer.status_code == 201, answer.text

    return one


@pytest.fixture
def asked(demo, source):
    def one(*names, back=6 * HOUR, environment="production"):
        places = [CATALOG.deployment(each, environment) for each in names or ("lms", "cms")]
        now = demo.sim.clock.now()
        return source.changes(places, since=now - back, until=now)

    return one


def test_an_event_says_what_was_deployed_by_whom_and_where_to_look(demo, tell, asked):
    tell(
        custom_details={"version": "r142", "commit": SHA, "user": "kenji", "previous": "r141"},
        links=[
            {"href": "https://git.example/compare/r141...r142", "text": "Diff"},
            {"href": "https://ci.example/runs/1", "text": "Run"},
        ],
    )
    (change,) = asked()
    assert (change.source, change.service, change.environment) == (
        "PagerDuty",
        "lms",
        "production",
    )
    assert (change.before, change.after, change.author) == ("r141", "r142", "kenji")
    assert (change.message, change.kind) == ("Deployed lms r142", ChangeKind.DEPLOY)
    assert (change.address, change.diff) == (
        "https://ci.example/runs/1",
        "https://git.example/compare/r141...r142",
    )
    assert change.refs == ("r142", SHA)
    assert change.at == demo.sim.clock.now().replace(microsecond=0)


def test_a_rule_of_the_catalog_says_which_service_of_a_shared_one_is_meant(demo, tell, asked):
    demo.post("/pagerduty/trigger", service="cloudwatch", title="makes the service")
    tell("RDS parameter group changed", ["PCLOUDWATCH"])
    tell("LMS of staging", custom_details={"environment": "staging"})
    (change,) = asked("rds-mysql", "lms")
    assert (change.service, change.kind) == ("rds-mysql", ChangeKind.CONFIG)
    assert [each.environment for each in asked("lms", environment="staging")] == ["staging"]


def test_other_places_are_left_out(tell, asked):
    tell("Deployed discovery", ["PDISCOVERY"])
    assert asked("lms") == []


def test_an_event_for_two_services_is_a_change_of_each(tell, asked):
    tell("Deployed both", ["PLMS", "PCMS"])
    assert {each.service for each in asked("lms", "cms")} == {"lms", "cms"}
    assert len({each.id for each in asked("lms", "cms")}) == 2


def test_a_service_that_the_catalog_does_not_map_is_told_where_the_event_says_its_place(
    demo, tell, asked
):
    demo.post("/pagerduty/trigger", service="billing-batch", title="makes the service")
    tell("Deployed it", ["PBILLINGBATCH"], custom_details={"environment": "production"})
    tell("Deployed it somewhere", ["PBILLINGBATCH"])
    (change,) = asked()
    assert change.message == "Deployed it"
    assert CATALOG.service(change.service) is None


def test_only_what_happened_in_the_asked_time_is_told(demo, tell, asked):
    early = demo.sim.clock.now() - 7 * HOUR
    tell("Too early", timestamp=early.isoformat())
    tell("In time", timestamp=(early + 2 * HOUR).isoformat())
    assert [each.message for each in asked()] == ["In time"]


def test_more_events_than_a_page_holds_are_all_read(demo, tell, asked):
    for number in range(130):
        tell(f"Deployed {number}")
    assert len(asked()) == 130
    assert len(sent(demo, "pagerduty", "change_events.list")) == 2


def test_a_wide_window_is_asked_service_by_service(demo, tell, asked):
    old = (demo.sim.clock.now() - 3 * DAY).isoformat()
    tell("Deployed lms", timestamp=old)
    tell("Deployed cms", ["PCMS"], timestamp=old)
    assert [each.message for each in asked("lms", back=7 * DAY)] == ["Deployed lms"]
    assert sent(demo, "pagerduty", "change_events.list") == []


def test_a_service_that_pagerduty_does_not_know_hides_no_other(demo, tell, asked):
    tell()
    del demo.sim.pagerduty.services["PCMS"]
    assert len(asked("lms", "cms", back=2 * DAY)) == 1


def test_the_deploy_that_the_scenario_tells_of_and_argo_cd_saw_is_one_change(demo, asked):
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(200)
    (told,) = asked()
    assert told.message == "Deployed lms r142"
    seen = Change(
        id="argocd:production/lms#2",
        source="Argo CD",
        service="lms",
        environment="production",
        at=told.at - timedelta(seconds=20),
        after="r142",
        reversible_by="rollback",
    )
    (one,) = merged([told, seen])
    assert (one.source, one.also, one.author) == ("Argo CD", ("PagerDuty",), "kenji")
    assert one.reversible_by == "rollback"


def test_an_event_that_names_the_version_in_its_summary_alone_is_known_again(tell, asked):
    tell("Deployed lms r142")
    (told,) = asked()
    assert told.after == ""
    seen = Change(
        id="k8s:1",
        source="Kubernetes",
        service="lms",
        environment="production",
        at=told.at,
        after="r142",
    )
    assert len(merged([told, seen])) == 1


@pytest.mark.parametrize(
    ("do", "more", "why"),
    [
        ("5xx", {"status": 502}, "it answered 502"),
        ("429", {"retry_after": 9}, "limiting how often"),
        ("refuse", {}, "the connection (was refused|broke)"),
        ("latency", {"ms": 6000}, "no answer within 5 seconds"),
    ],
)
def test_what_went_wrong_is_said_and_may_pass(demo, asked, do, more, why):
    fault(demo, "pagerduty", "change_events.list", do, **more)
    with pytest.raises(VendorDown, match=why) as down:
        asked()
    assert "read the change events" in str(down.value)


def test_a_key_that_is_refused_is_said_plainly(demo):
    pager, wrong = opened(demo, token="nope")
    now = demo.sim.clock.now()
    with pytest.raises(VendorRejected, match="credentials"):
        wrong.changes([CATALOG.deployment("lms", "production")], since=now - HOUR, until=now)
    pager.close()
