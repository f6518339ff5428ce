"""Looks for runbooks that would let somebody down at night: unreadable, stale, or pointing nowhere."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.checking.row import Row, State, told
from bot.configuration.lines import Document, parsed
from bot.configuration.problem import suggestion
from bot.domain.catalog import Catalog
from bot.domain.runbook_review import UNSAID, span

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_AREA = "runbooks"


def rows(folder: Path, catalog: Catalog, today: date) -> list[Row]:
    files = sorted(folder.rglob("*.md")) if folder.is_dir() else []
    if not files:
        return [
            Row(
                area=_AREA,
                where=str(folder),
                state=State.OFF,
                what="There are no runbooks.",
                fix="Look-ups will find nothing. Put Markdown files there.",
            )
        ]
    found = [row for path in files for row in _file(folder, path, catalog, today)]
    found += _missing(folder, catalog)
    return found or [
        Row(area=_AREA, where=str(folder), state=State.OK, what=f"{len(files)} runbooks")
    ]


def _file(folder: Path, path: Path, catalog: Catalog, today: date) -> Iterator[Row]:
    shown_as = (Path(folder.name) / path.relative_to(folder)).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        yield _row(shown_as, "The file cannot be read.", "Save it as UTF-8.")
        return
    if not (front := _FRONT.match(text)):
        if not text.strip():
            yield _row(shown_as, "The file is empty.", "Write the runbook or remove the file.")
        return
    # One empty line stands for the opening `---`, so that line numbers stay those of the file.
    documents, problems = parsed("\n" + front[1], shown_as)
    yield from (told(_AREA, problem) for problem in problems)
    for document in documents[:1]:
        if isinstance(document.content, dict):
            yield from _references(document, document.content, catalog)
            yield from _age(document, document.content, today)
        else:
            yield _row(shown_as, "The front matter is not `key: value` pairs.", "Write it so.")


def _references(document: Document, front: Mapping[str, Any], catalog: Catalog) -> Iterator[Row]:
    """With an empty catalog nothing can be compared, and nothing is complained about."""
    names = [each.name for each in catalog.services]
    names += [each.name for each in catalog.resources]
    for place, name in enumerate(_several(front.get("services"))):
        if names and name not in names:
            yield _row(
                document.where("services", place),
                f"`{name}` is not in the catalog.",
                suggestion(name, names, "Add it there, or correct the name."),
            )
    teams = [each.name for each in catalog.teams]
    owner = front.get("owner")
    if teams and isinstance(owner, str) and owner not in teams:
        yield _row(
            document.where("owner"),
            f"`{owner}` is not a team of the catalog.",
            suggestion(owner, teams, "Write a team of catalog/teams.yaml."),
        )


def _age(document: Document, front: Mapping[str, Any], today: date) -> Iterator[Row]:
    reviewed = front.get("last_reviewed")
    if reviewed is None:
        return
    if not isinstance(reviewed, date):
        yield _row(
            document.where("last_reviewed"),
            "This is not a date.",
            "Write it as 2026-02-01, without quotes.",
        )
        return
    written = str(front.get("review_every", UNSAID))
    if (every := span(written)) is None:
        yield _row(document.where("review_every"), f"`{written}` is no time.", "Write it as 180d.")
        return
    due = reviewed + every
    if due < today:
        yield Row(
            area=_AREA,
            where=document.where("last_reviewed"),
            state=State.WARNING,
            what=f"The review was due {(today - due).days} days ago.",
            fix="Walk through it once, correct it, and write today's date.",
        )


def _missing(folder: Path, catalog: Catalog) -> Iterator[Row]:
    """Runbooks that the catalog names and nobody wrote."""
    named = [(each.name, each.runbooks) for each in catalog.services]
    named += [(each.name, each.runbooks) for each in catalog.resources]
    for name, runbooks in named:
        for runbook in runbooks:
            if not (folder / runbook).is_file():
                yield _row(
                    f"catalog: {name}",
                    f"It names the runbook {runbook}, which is not in {folder}.",
                    "Write it, or correct `tocsin.dev/runbooks`.",
                )


def _several(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return [str(value)] if value else []


def _row(where: str, what: str, fix: str) -> Row:
    return Row(area=_AREA, where=where, state=State.PROBLEM, what=what, fix=fix)
