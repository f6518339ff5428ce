"""`/incident changes` and its button: asked anew, the likeliest first, with the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.catalog import Deployment
from bot.domain.change import Change, ChangeKind, Suspect
from bot.domain.errors import Refused
from bot.domain.events import SuspectsRanked
from bot.domain.mitigation import Offer
from bot.flow.remedies import undoing
from bot.slack.actions import Act
from bot.slack.cards.incident import Surroundings, card
from bot.slack.cards.ways_back import LABELS
from bot.slack.handling import Elsewhere, Reply
from bot.wiring import KINDS
from tests.doubles.vendors import Changes
from tests.slack.limits import acts, words
from tests.timeline.ledgers import NOON


def change(service: str = "lms", *, minutes: float = 9, **more: str) -> Change:
    return Change(
        id=f"{service}-{minutes}",
        source="Argo CD",
        service=service,
        environment="production",
        at=NOON - timedelta(minutes=minutes),
        before="r141",
        after="r142",
        **{"author": "kenji", "reversible_by": "rollback", **more},
    )


@pytest.fixture
def asked(house, front, paged_incident):
    """What is found from now on, and what `/incident changes` answers."""

    def answered(*found: Change, text: str = "", incident: str = paged_incident) -> Reply:
        house.world.changes.found = list(found)
        said = front.say(f"changes {text}".strip(), incident)
        assert isinstance(said, Reply)
        return said

    return answered


def test_a_suspect_is_shown_with_its_reason_its_links_and_its_way_back(asked):
    said = asked(change(diff="https://git.example/compare/1...2"))
    told = words(said.blocks)
    assert "*Suspect* lms r141 → r142" in told
    assert "deployed 9 min before" in told
    assert "by kenji" in told
    assert "<https://git.example/compare/1...2|difference>" in told
    assert acts(said.blocks) == {Act.ROLLBACK_FORM}
    assert "cause" not in told


def test_a_suspect_of_another_kind_is_taken_back_by_its_own_mitigation(asked):
    said = asked(change(reversible_by="shift_traffic", kind=ChangeKind.WEIGHT))
    assert "Shift traffic of lms…" in words(said.blocks)
    assert acts(said.blocks) == {Act.CHANGE_FORM}


def test_the_first_button_of_the_card_takes_the_likeliest_suspect_back(
    asked, house, paged_incident
):
    asked(change(reversible_by="shift_traffic", kind=ChangeKind.WEIGHT))
    around = Surroundings(now=NOON)
    told = words(card(house.incident(paged_incident), around).blocks)
    assert "Shift traffic of lms…" in told
    assert "Roll back lms…" not in told


def test_a_change_that_nobody_can_take_back_leaves_the_rollback_first(
    asked, house, paged_incident
):
    asked(change(reversible_by=""))
    told = words(card(house.incident(paged_incident), Surroundings(now=NOON)).blocks)
    assert "Roll back lms…" in told


def test_a_way_back_is_called_as_its_mitigation_calls_itself():
    called = {kind.name: kind.label for kind in KINDS}
    assert {name: called[name] for name in LABELS} == LABELS


def test_what_is_found_anew_is_kept_on_the_record(asked, house, paged_incident):
    asked(change())
    ranked = house.facts(paged_incident, SuspectsRanked)[-1]
    assert isinstance(ranked, SuspectsRanked)
    assert [each.change.service for each in ranked.suspects] == ["lms"]


def test_the_menu_shows_the_same_and_records_nothing(asked, house, front, paged_incident):
    house.world.changes.found = [change()]
    before = len(house.facts(paged_incident))
    view = front.opens(Act.CHANGES, paged_incident)
    assert "*Suspect* lms r141 → r142" in words(view.blocks)
    assert len(house.facts(paged_incident)) == before


def test_nothing_found_says_whom_it_asked(asked):
    told = words(asked().blocks)
    assert "No change of it or of what it stands on was found" in told
    assert "Asked: Argo CD" in told


def test_a_window_reaches_further_back(asked):
    old = change(minutes=20 * 60)
    assert "r142" not in words(asked(old).blocks)
    assert "r142" in words(asked(old, text="1d").blocks)
    assert "r142" in words(asked(old, text="lms 1d").blocks)


def test_outside_an_incident_a_service_is_looked_at(asked):
    said = asked(change(), text="lms", incident="")
    assert "lms in production" in words(said.blocks)
    assert acts(said.blocks) == set()


def test_outside_an_incident_without_a_service_it_teaches(asked):
    with pytest.raises(Elsewhere):
        asked(incident="")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no-such", "knows no"),
        ("lms auth", "not understood"),
        ("0h", "How far"),
        ("30d", "7 days"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_say(asked, text, why):
    with pytest.raises(Refused, match=why):
        asked(text=text)


def test_a_source_that_is_silent_is_named_and_the_others_are_shown(house, asked):
    other = Changes(name="Kubernetes", found=[change("auth")])
    house.tools.change_sources["production"] = (house.world.changes, other)
    house.world.changes.down("503")
    told = words(asked().blocks)
    assert "Not checked: Argo CD" in told
    assert "Asked: Kubernetes" in told
    assert "auth r141 → r142" in told


def test_the_offer_that_takes_the_suspect_back_exactly_is_the_suggestion(paged_incident, house):
    offers = [
        Offer(mitigation="block_requests", target=each, title=each, label=each)
        for each in ("count common for 1h", "count body-size for 1h")
    ]
    suspect = change(reversible_by="block_requests", target="count body-size for 1h")
    ranked = Suspect(change=suspect, score=1.0, reasons=("just before",))
    house.record(paged_incident, SuspectsRanked(suspects=(ranked,), asked=("CloudTrail",)))
    place = Deployment(service="lms", environment="production")
    found = undoing(house.incident(paged_incident), place, offers)
    assert [each.label for each in found if each.suggested] == ["count body-size for 1h"]


def test_where_no_offer_takes_it_back_the_suggestion_stays(paged_incident, house):
    offer = Offer(mitigation="scale", target="6", title="6", label="6", suggested=True)
    place = Deployment(service="lms", environment="production")
    assert undoing(house.incident(paged_incident), place, [offer]) == [offer]
