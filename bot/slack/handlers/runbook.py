"""Runbooks: looked up, taken as the channel's checklist, ticked, and marked where they are wrong."""

from __future__ import annotations

from bot.domain.errors import Refused
from bot.domain.events import StepState
from bot.flow import triage
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import runbook as cards
from bot.slack.cards import writing
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools


@command("runbook", usage="runbook [words]", explains="finds the runbook; its steps can be ticked")
def runbook(tools: Tools, ask: Ask) -> Reply:
    """Outside an incident it only searches."""
    if not ask.text and not ask.incident:
        raise Refused(f"Say what you are looking for: `{tools.command} runbook lms 5xx`.")
    return _found(tools, ask, ask.text)


@opens(Act.RUNBOOK_FORM, act="runbook")
def runbook_form(tools: Tools, ask: Ask) -> View:
    incident = tools.timeline.read(ask.here())
    return writing.line(Act.RUNBOOK_FORM, incident, text=incident.title)


@form(Act.RUNBOOK_FORM, act="runbook")
def searched(tools: Tools, ask: Ask) -> Reply:
    return _found(tools, ask, ask.one("text"))


@button(Act.TAKE_RUNBOOK, act="runbook")
def take(tools: Tools, ask: Ask) -> None:
    path, _, section = ask.value.partition("#")
    triage.take_runbook(tools, ask.here(), path, by=ask.person, section=section)


@button(Act.TICK_STEPS, act="runbook")
def tick(tools: Tools, ask: Ask) -> None:
    """Only what this person changed: the block says what was ticked when they saw it."""
    before = _numbers(ask.block.split("|")[1]) if ask.block.count("|") == 2 else frozenset()
    now = _numbers(ask.value)
    triage.mark_steps(tools, ask.here(), now - before, before - now, by=ask.person)


@button(Act.STEP_WRONG, act="runbook")
def wrong(tools: Tools, ask: Ask) -> None:
    triage.mark_step(tools, ask.here(), int(ask.value), StepState.WRONG, by=ask.person)


@opens(Act.STEP_MISSING_FORM, act="runbook")
def missing_form(tools: Tools, ask: Ask) -> View:
    return writing.line(Act.STEP_MISSING_FORM, tools.timeline.read(ask.here()))


@form(Act.STEP_MISSING_FORM, act="runbook")
def missing(tools: Tools, ask: Ask) -> None:
    triage.mark_missing(tools, ask.here(), ask.one("text"), by=ask.person)


def _found(tools: Tools, ask: Ask, words: str) -> Reply:
    answer = triage.search_runbooks(tools, ask.incident, words)
    return Reply(text="Runbooks", blocks=cards.found(ask.incident, answer))


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(each) for each in text.split(",") if each)
