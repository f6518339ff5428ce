"""Writing down: notes, decisions, and a message that somebody puts on the timeline."""

from __future__ import annotations

from bot.domain.errors import Refused
from bot.domain.events import MessageMarked, NoteKind
from bot.domain.redaction import redact
from bot.flow import staff
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, writing
from bot.slack.handling import Ask, Reply, Spoken, command, form, opens, shortcut
from bot.tools import Tools


@command("note", usage="note <what you saw>", explains="puts a line on the timeline")
def note(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "What happened, what did you see?"
        return Reply(text=text, blocks=menu.offer(text, "Add a note…", Act.NOTE_FORM, ask.here()))
    return _written(staff.note(tools, ask.here(), ask.text, by=ask.person))


@opens(Act.NOTE_FORM, "note", act="note")
def note_form(tools: Tools, ask: Ask) -> View:
    return writing.line(Act.NOTE_FORM, tools.timeline.read(ask.here()))


@form(Act.NOTE_FORM, act="note")
def noted(tools: Tools, ask: Ask) -> Reply | None:
    return _written(staff.note(tools, ask.here(), ask.one("text"), by=ask.person))


@command("decide", usage="decide <what and why>", explains="records a decision")
def decide(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "What was decided, and why?"
        return Reply(
            text=text, blocks=menu.offer(text, "Record a decision…", Act.DECIDE_FORM, ask.here())
        )
    return _decided(tools, ask, ask.text)


@opens(Act.DECIDE_FORM, "decide", act="decide")
def decide_form(tools: Tools, ask: Ask) -> View:
    return writing.line(Act.DECIDE_FORM, tools.timeline.read(ask.here()))


@form(Act.DECIDE_FORM, act="decide")
def decided(tools: Tools, ask: Ask) -> Reply | None:
    return _decided(tools, ask, ask.one("text"))


@shortcut(Act.NOTE_MESSAGE, act="note")
def note_message(tools: Tools, ask: Ask) -> Reply | None:
    """With its author, its own time and its link, as if it had been marked with 📌."""
    incident = ask.here()
    spoken = ask.read_message(ask.channel, ask.message)
    if spoken is None:
        raise Refused("Slack does not let me read this message: write it down as a note instead.")
    staff.mark(tools, incident, marked(spoken, ask, emoji="pushpin"))
    return warned(redact(spoken.text).found)


def marked(spoken: Spoken, ask: Ask, *, emoji: str) -> MessageMarked:
    return MessageMarked(
        ts=spoken.ts,
        text=redact(spoken.text).text,
        author=spoken.author,
        by=ask.person,
        emoji=emoji,
        link=spoken.link,
        files=spoken.files,
        happened_at=spoken.at,
    )


def warned(found: tuple[str, ...]) -> Reply | None:
    """A secret is never quoted, not even to who typed it."""
    if not found:
        return None
    return Reply(
        text=f"That held what looks like a secret or personal detail ({', '.join(found)}). It was"
        " kept off the timeline. Delete it wherever you typed it, and rotate it now."
    )


def _decided(tools: Tools, ask: Ask, text: str) -> Reply | None:
    found = staff.note(tools, ask.here(), text, by=ask.person, kind=NoteKind.DECISION)
    return _written(found)


def _written(found: tuple[str, ...]) -> Reply:
    """Nothing else in the channel shows that a note was taken."""
    return warned(found) or Reply(text="📝 It is on the timeline.")
