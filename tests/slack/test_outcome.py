"""A press in a form or a whisper is answered there: nothing is left to be closed in doubt."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.domain.errors import VendorDown
from bot.domain.events import Role, RoleGiven, SuspectsRanked
from bot.slack import envelope
from bot.slack.actions import Act
from bot.slack.gateway import SlackRefused
from bot.slack.people import People
from bot.slack.reception import Reception
from bot.slack.registry import book
from sandbox.slack.validate.views import problems_of_view
from tests.doubles.people import ANA, BEN, TEAM
from tests.slack import bodies
from tests.slack.gallery import suspect
from tests.slack.limits import acts, words
from tests.slack.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def answered() -> list[dict[str, Any]]:
    """What was sent to response_urls."""
    return []


@pytest.fixture
def press(house, workspace, answered):
    """A button as it is pressed in an open form, or in a whisper."""

    def heard(request: httpx.Request) -> httpx.Response:
        answered.append(json.loads(request.content))
        return httpx.Response(200)

    reception = Reception(
        tools=house.tools,
        gateway=workspace,
        people=People(gateway=workspace, team_id=TEAM),
        book=book(),
        bot_user="U0TOCSIN",
        replies=httpx.Client(transport=httpx.MockTransport(heard)),
    )

    def pressed(
        act: str, value: str, *, label: str = "Press", form: str = "", **more: Any
    ) -> None:
        action = {"action_id": act, "value": value, "text": {"text": label}}
        place: dict[str, Any] = more
        if form:
            incident = value.split()[0]
            view = {"id": "V1", "type": "modal", "callback_id": form, "private_metadata": incident}
            place = {"view": view, "container": {"type": "view", "view_id": "V1"}}
        body = bodies.press(action, **place)
        reception.answer(envelope.packed(body), "k1")

    return pressed


def form(workspace: Workspace) -> dict[str, Any]:
    """What stands in the form now."""
    said = workspace.heard("views.update")[-1]
    assert said["view_id"] == "V1"
    assert problems_of_view(said["view"], surface="modal") == []
    return said["view"]


def test_the_role_form_shows_who_took_it_and_goes_on(press, house, workspace, paged_incident):
    press(f"{Act.TAKE_ROLE}:commander", f"{paged_incident} commander", form=Act.ROLE_FORM)
    shown = form(workspace)
    assert words(shown["blocks"]).startswith("✅ Ana Lima is incident commander")
    assert f"*Incident commander:* {ANA.mention}" in words(shown["blocks"])
    assert shown["callback_id"] == Act.ROLE_FORM
    assert shown["private_metadata"] == paged_incident
    pressable = [b["action_id"] for b in _buttons(shown["blocks"])]
    assert f"{Act.TAKE_ROLE}:commander" not in pressable
    assert f"{Act.TAKE_ROLE}:comms" in pressable


def test_what_is_only_asked_for_goes_by_the_buttons_name(press, workspace, paged_incident):
    press(Act.ACKNOWLEDGE, paged_incident, label="Acknowledge the page", form=Act.MENU)
    assert "✅ “Acknowledge the page” is on its way" in words(form(workspace)["blocks"])
    assert Act.UPDATE_FORM in acts(form(workspace)["blocks"])


def test_a_suspect_is_judged_and_the_next_one_waits(press, house, workspace, paged_incident):
    ranked = SuspectsRanked(suspects=(suspect(1), suspect(2)), asked=("Argo CD",))
    house.record(paged_incident, ranked)
    press(Act.RULE_OUT_SUSPECT, f"{paged_incident} lms-1", form=Act.SUSPECTS_FORM)
    said = words(form(workspace)["blocks"])
    assert said.startswith("✅ Ana Lima: suspect lms r142 ruled out")
    assert "*ruled out* by" in said


def test_a_refusal_is_told_in_the_form(press, house, workspace, paged_incident):
    house.record(paged_incident, RoleGiven(role=Role.COMMANDER, person=ANA, by=ANA))
    press(f"{Act.TAKE_ROLE}:commander", f"{paged_incident} commander", form=Act.ROLE_FORM)
    assert words(form(workspace)["blocks"]).startswith("⚠️ Ana Lima already is incident commander")
    assert workspace.heard("chat.postEphemeral") == []


def test_a_refusal_reaches_who_closed_the_form(press, house, workspace, paged_incident):
    house.record(paged_incident, RoleGiven(role=Role.COMMANDER, person=ANA, by=ANA))
    workspace.refuses["views.update"] = SlackRefused("views.update", "not_found")
    press(f"{Act.TAKE_ROLE}:commander", f"{paged_incident} commander", form=Act.ROLE_FORM)
    (said,) = workspace.heard("chat.postEphemeral")
    assert "already is incident commander" in said["text"]


@pytest.mark.parametrize(
    "lost",
    [SlackRefused("views.update", "not_found"), VendorDown("Slack", "show it", "no answer")],
)
def test_a_form_that_is_closed_already_needs_nothing(
    press, house, workspace, paged_incident, lost
):
    workspace.refuses["views.update"] = lost
    press(f"{Act.TAKE_ROLE}:commander", f"{paged_incident} commander", form=Act.ROLE_FORM)
    assert len(house.facts(paged_incident, RoleGiven)) == 1
    assert workspace.heard("chat.postEphemeral") == []


def test_what_somebody_else_did_meanwhile_is_not_said_to_be_ones_own(
    press, house, workspace, paged_incident
):
    house.record(paged_incident, RoleGiven(role=Role.COMMS, person=BEN, by=BEN))
    press(f"{Act.TAKE_ROLE}:commander", f"{paged_incident} commander", form=Act.ROLE_FORM)
    assert "✅ Ben" not in words(form(workspace)["blocks"])


def test_a_whisper_whose_button_was_pressed_says_so_and_offers_it_no_more(
    press, answered, paged_incident
):
    whisper = {"container": {"type": "message", "message_ts": "1.0", "is_ephemeral": True}}
    press(
        Act.TAKE_ROLE,
        f"{paged_incident} commander",
        response_url="https://slack.example/r",
        **whisper,
    )
    (said,) = answered
    assert said == {
        "text": "✅ Ana Lima is incident commander",
        "response_type": "ephemeral",
        "replace_original": True,
    }


def test_a_press_in_the_channel_is_answered_by_the_channel(press, workspace, paged_incident):
    press(Act.TAKE_ROLE, f"{paged_incident} commander")
    assert workspace.heard("views.update") == workspace.heard("chat.postEphemeral") == []


def _buttons(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [e for b in blocks if b["type"] == "actions" for e in b["elements"]]
