"""What came of a press, shown where it was pressed: in the open form, or in the whisper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import structlog

from bot.domain.errors import Refused, VendorError
from bot.flow.telling import tell
from bot.slack.actions import brought
from bot.slack.blocks import View, clip, escape, section
from bot.slack.envelope import Envelope
from bot.slack.gateway import Gateway
from bot.slack.handling import Answer, Ask, Book, Kind, Reply
from bot.tools import Tools

log = structlog.get_logger()
_LINES = 3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Slack closes a form only when it is submitted: after a press it goes on with what is true now."""

    tools: Tools
    gateway: Gateway
    book: Book

    def before(self, ask: Ask) -> int:
        """Where the timeline stood before the press was answered."""
        return self.tools.timeline.read(ask.incident).seq if ask.incident else 0

    def in_form(self, asked: Envelope, ask: Ask, said: Answer, *, before: int) -> bool:
        """False where the form is not open any more and somebody still has to hear the answer."""
        view_id, _name = asked.form
        match said:
            case Reply(text=text):
                text = f"⚠️ {escape(text)}"
            case _:
                text = self.words(asked, ask, before=before)
        view = self._fresh(asked, ask)
        shown = replace(view, blocks=(section(text), *view.blocks), fill=None)
        try:
            self.gateway.call("views.update", view_id=view_id, view=shown.payload())
        except VendorError as failed:
            log.info("outcome not shown in the form", why=failed.why)
            return not isinstance(said, Reply)
        return True

    def words(self, asked: Envelope, ask: Ask, *, before: int) -> str:
        """In the words of the timeline; what is only asked for goes by the button's own name."""
        told = list(self._told(ask, before)) if ask.incident else []
        if told:
            return "\n".join(f"✅ {escape(clip(line, 300))}" for line in told[-_LINES:])
        return f"✅ “{escape(asked.label)}” is on its way. The channel shows what comes of it."

    def _told(self, ask: Ask, before: int) -> Iterator[str]:
        incident = self.tools.timeline.read(ask.incident)
        for entry in self.tools.timeline.entries(ask.incident, before):
            told = tell(entry, incident)
            if told and ask.person.same(getattr(entry.fact, "by", None)):
                yield told.text

    def _fresh(self, asked: Envelope, ask: Ask) -> View:
        """The same form as it would open now, filled where it has to be."""
        _id, name = asked.form
        bare = View(name=name, title="Done", blocks=())
        opener = self.book.find(Kind.OPENER, name)
        if opener is None:
            return bare
        incident, value = brought(str(asked.body["view"].get("private_metadata", "")))
        try:
            opened: View | None = opener.run(
                self.tools, replace(ask, incident=incident, value=value)
            )
            if opened is not None and opened.fill is not None:
                opened = opened.fill()
        except (Refused, VendorError) as failed:
            log.info("form not shown again", form=name, why=str(failed))
            return bare
        return opened or bare
