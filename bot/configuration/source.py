"""An entity with its place in a file, so that every doubt about it can be told at its line."""

from dataclasses import dataclass, field

from bot.configuration.entities import PREFIX, Entity
from bot.configuration.lines import Document
from bot.configuration.problem import Problem

_ANNOTATION = ("metadata", "annotations")


@dataclass(kw_only=True)
class Source:
    """An entity with the document it was read from, so that a complaint finds its line."""

    entity: Entity
    document: Document
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, annotation: str, what: str, fix: str) -> None:
        where = self.document.where(*_ANNOTATION, PREFIX + annotation)
        self.problems.append(Problem(where=where, what=f"{PREFIX}{annotation}: {what}", fix=fix))

    def whole(self, annotation: str, default: int | None = None) -> int | None:
        written = self.entity.metadata.ours(annotation)
        if not written:
            return default
        if written.isascii() and written.isdigit():
            return int(written)
        self.wrong(annotation, "not a whole number.", 'Write one in quotes, like "2".')
        return default

    def tier(self) -> int:
        tier = self.whole("tier", 3) or 3
        if tier not in (1, 2, 3):
            self.wrong("tier", f"there is no tier {tier}.", 'Write "1", "2" or "3".')
            return 3
        return tier
