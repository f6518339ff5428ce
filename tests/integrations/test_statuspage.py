"""The public status page, against the demo world."""

from datetime import timedelta

import pytest

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.update import ComponentState, PublicStatus, PublicUpdate
from bot.integrations import statuspage
from bot.integrations.statuspage import Pace, Statuspage
from bot.reactions import trying
from tests.integrations.worlds import OPEN, fault, sent, url

FIRST = PublicUpdate(
    title="Slow pages", status=PublicStatus.INVESTIGATING, body="We look into it."
)
SECOND = PublicUpdate(title="Slow pages", status=PublicStatus.RESOLVED, body="It is over.")


@pytest.fixture
def page(demo):
    made = Statuspage(url(demo, "/statuspage/v1"), "sp-demo-key", page="demo-page", gate=OPEN)
    yield made
    made.close()


def test_components_and_subscribers_are_read(page):
    assert all(each.status == "operational" for each in page.components())
    assert page.subscribers() > 0


def test_a_first_update_makes_a_public_incident_and_tells_nobody(demo, page):
    post = page.publish(FIRST, marker="i1", post=None)
    assert post.status == "investigating"
    assert post.address.startswith("http")
    (request,) = sent(demo, "statuspage", "incidents.create")
    assert request.request["incident"]["deliver_notifications"] is False


def test_an_incident_is_found_again_by_its_marker(demo, page):
    post = page.publish(FIRST, marker="i1", post=None)
    assert page.publish(SECOND, marker="i1", post=None).id == post.id
    assert len(sent(demo, "statuspage", "incidents.create")) == 1


def test_an_unknown_marker_finds_nothing(page):
    assert page.find("elsewhere") is None


def test_a_lost_answer_does_not_make_a_second_incident(demo, page):
    fault(demo, "statuspage", "incidents.create", "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        page.publish(FIRST, marker="i1", post=None)
    with trying(again=True):
        page.publish(FIRST, marker="i1", post=None)
    assert len(sent(demo, "statuspage", "incidents.create")) == 1
    (incident,) = demo.sim.statuspage.incidents.values()
    assert [each.body for each in incident.updates] == [FIRST.body]


def test_components_are_set_with_the_update(page):
    component = page.components()[0]
    bad = ComponentState(id=component.id, name=component.name, status="partial_outage")
    update = PublicUpdate(title="T", status=PublicStatus.IDENTIFIED, body="B", components=(bad,))
    page.publish(update, marker="i1", post=None)
    assert page.components()[0].status == "partial_outage"


def test_what_the_page_does_not_accept_is_said(page):
    wrong = ComponentState(id="nope", name="Nope", status="operational")
    update = PublicUpdate(title="T", status=PublicStatus.IDENTIFIED, body="B", components=(wrong,))
    with pytest.raises(VendorRejected, match="Component not found") as error:
        page.publish(update, marker="i1", post=None)
    assert "manage.statuspage.io" in error.value.by_hand


def test_nobody_waits_longer_than_a_second_for_his_turn(monkeypatch):
    slept = []
    monkeypatch.setattr(statuspage.time, "sleep", slept.append)
    pace = Pace()
    pace.take("post")
    pace.take("post")
    with pytest.raises(VendorDown) as error:
        pace.take("post")
    assert 0 < slept[0] <= 1
    assert error.value.retry_after <= timedelta(seconds=2)
