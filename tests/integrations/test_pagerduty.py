"""PagerDuty's REST API through our pager, against the demo world."""

import pytest

from bot.domain.errors import Refused, VendorDown, VendorRejected
from bot.domain.page import PageStatus
from bot.integrations.pagerduty import PagerDuty
from bot.reactions import deciding, trying
from tests.integrations.worlds import OPEN, SHUT, fault, sent, url

ANA, BEN = "ana@demo.example", "ben@demo.example"


@pytest.fixture
def pager(demo):
    made = PagerDuty(url(demo, "/pagerduty"), "pd-demo-token", gate=OPEN)
    yield made
    made.close()


@pytest.fixture
def page(demo):
    made = demo.post(
        "/pagerduty/trigger",
        service="PLMS",
        title="LMS error rate above 5%",
        priority="P1",
        alerts=[{"summary": "errors", "condition": "Error rate", "threshold": "5", "value": "11"}],
    )
    return made["incident"]["id"]


def test_a_page_is_read(pager, page):
    found = pager.page(page)
    assert (found.status, found.page.service_id) == (PageStatus.TRIGGERED, "PLMS")
    assert (found.page.title, found.page.priority) == ("LMS error rate above 5%", "P1")


def test_its_alerts_say_what_broke(pager, page):
    (alert,) = pager.alerts(page)
    assert (alert.condition, alert.threshold, alert.value) == ("Error rate", "5", "11")


def test_an_acknowledgement_is_done_as_the_person(pager, page):
    pager.acknowledge(page, as_email=ANA)
    assert pager.page(page).acknowledged_by == "PUANA"


def test_a_second_acknowledgement_is_sent_once(demo, pager, page):
    pager.acknowledge(page, as_email=ANA)
    pager.acknowledge(page, as_email=ANA)
    assert len(sent(demo, "pagerduty", "incidents.update")) == 1


def test_acknowledging_a_resolved_page_does_not_open_it_again(pager, page):
    pager.resolve(page, as_email=ANA, note="")
    pager.acknowledge(page, as_email=ANA)
    assert pager.page(page).status is PageStatus.RESOLVED


def test_resolving_twice_is_no_error(pager, page):
    pager.resolve(page, as_email=ANA, note="rolled back")
    pager.resolve(page, as_email=BEN, note="rolled back")
    assert pager.page(page).status is PageStatus.RESOLVED


def test_nothing_is_done_for_somebody_pagerduty_does_not_know(demo, pager, page):
    pager.page(page)
    with pytest.raises(VendorRejected, match=r"knows no user ola@partner\.example") as refused:
        pager.acknowledge(page, as_email="ola@partner.example")
    assert page in refused.value.by_hand
    assert pager.page(page).status is PageStatus.TRIGGERED


def test_a_note_with_a_marker_is_written_once(demo, pager, page):
    for _ in range(2):
        pager.note(page, as_email=ANA, text="Opened #inc-lms", marker="opened")
    assert len(sent(demo, "pagerduty", "incidents.notes.create")) == 1


def test_open_pages_are_those_not_resolved(pager, page):
    pager.acknowledge(page, as_email=ANA)
    assert [each.page.id for each in pager.open_pages()] == [page]
    pager.resolve(page, as_email=ANA, note="")
    assert pager.open_pages() == ()


def test_who_is_paged_and_who_is_next_is_told(pager, page):
    now = pager.paged_now(page)
    assert now.names == ("Ana Lima",)
    assert now.next_at is not None


def test_the_first_level_is_on_call_first(pager):
    assert pager.on_call("PLMS")[0] == ANA


def test_people_are_matched_by_their_e_mail(pager):
    assert pager.email_of("PUBEN") == BEN
    assert pager.email_of("PNOBODY") is None
    assert pager.knows(BEN)
    assert not pager.knows("ola@partner.example")


def test_a_priority_is_set_by_its_name(demo, pager, page):
    pager.set_priority(page, as_email=ANA, priority="P2", since=demo.sim.clock.now())
    assert pager.page(page).page.priority == "P2"


def test_a_priority_that_somebody_changed_since_is_not_put_back_by_a_second_attempt(
    demo, pager, page
):
    ask = {"as_email": ANA, "priority": "P3", "since": demo.sim.clock.now()}
    fault(demo, "pagerduty", "incidents.update", "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        pager.set_priority(page, **ask)
    demo.post("/pagerduty/act", do="priority", incident=page, priority="P2", **{"as": "ana"})
    with trying(again=True):
        pager.set_priority(page, **ask)
    assert len(sent(demo, "pagerduty", "incidents.update")) == 1
    assert pager.page(page).page.priority == "P2"


def test_a_priority_that_never_arrived_is_set_by_a_second_attempt(demo, pager, page):
    demo.post("/pagerduty/act", do="priority", incident=page, priority="P2", **{"as": "ben"})
    with trying(again=True):
        pager.set_priority(page, as_email=ANA, priority="P3", since=demo.sim.clock.now())
    assert pager.page(page).page.priority == "P3"


def test_an_unknown_priority_is_refused_with_the_known_ones(demo, pager, page):
    with pytest.raises(VendorRejected, match="there are P1"):
        pager.set_priority(page, as_email=ANA, priority="P99", since=demo.sim.clock.now())


def test_a_responder_is_asked(demo, pager, page):
    pager.request_responder(page, as_email=ANA, target="rita@demo.example", message="database?")
    (asked,) = sent(demo, "pagerduty", "incidents.responder_requests")
    target = asked.request["responder_request_targets"][0]["responder_request_target"]
    assert target["id"] == "PURITA"


@pytest.mark.parametrize("target", ["rita@demo.example", "PURITA", "EPLMS"])
def test_who_was_asked_by_a_request_without_an_answer_is_not_asked_again(
    demo, pager, page, target
):
    ask = {"as_email": ANA, "target": target, "message": "database?"}
    fault(demo, "pagerduty", "*.responder_requests", "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        pager.request_responder(page, **ask)
    with trying(again=True):
        pager.request_responder(page, **ask)
        assert len(sent(demo, "pagerduty", "incidents.responder_requests")) == 1
        pager.request_responder(page, **{**ask, "message": "and the queue?"})
    assert len(sent(demo, "pagerduty", "incidents.responder_requests")) == 2


def test_a_limit_is_not_slept_on_and_tells_when_to_come_back(demo, pager, page):
    fault(demo, "pagerduty", "incidents.get", "429", retry_after=7)
    with pytest.raises(VendorDown) as down:
        pager.page(page)
    assert down.value.retry_after.total_seconds() == 7


def test_an_error_of_its_own_may_pass(demo, pager, page):
    fault(demo, "pagerduty", "incidents.get", "5xx", status=500)
    with pytest.raises(VendorDown, match="it answered 500"):
        pager.page(page)
    assert pager.health.failed == 1


def test_a_dropped_answer_may_pass(demo, pager, page):
    fault(demo, "pagerduty", "incidents.get", "drop_response")
    with pytest.raises(VendorDown, match="the connection broke"):
        pager.page(page)


def test_nobody_there_may_pass():
    with pytest.raises(VendorDown, match="the connection was refused"):
        PagerDuty("http://127.0.0.1:9", "t", gate=OPEN).page("Q1")


def test_a_wrong_token_is_said_plainly(demo, page):
    stranger = PagerDuty(url(demo, "/pagerduty"), "wrong", gate=OPEN)
    with pytest.raises(VendorRejected, match="refused our credentials"):
        stranger.page(page)


def test_in_observe_mode_nothing_is_written(demo, page):
    watching = PagerDuty(url(demo, "/pagerduty"), "pd-demo-token", gate=SHUT)
    with pytest.raises(Refused, match="observe mode"):
        watching.acknowledge(page, as_email=ANA)
    assert watching.page(page).status is PageStatus.TRIGGERED


def test_it_is_never_called_inside_a_decision(pager, page):
    with deciding(), pytest.raises(RuntimeError, match="decide first"):
        pager.page(page)
