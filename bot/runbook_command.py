"""Lets a responder search runbooks from a terminal, without a running bot."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.domain.lookup import Lookup
from bot.domain.runbook import Answer, Match, Query, Verdict
from bot.integrations.runbook_files import read_runbooks

HEADLINES = {
    Verdict.CONFIDENT: "This runbook fits.",
    Verdict.CLOSEST: "Not sure. The closest runbooks:",
    Verdict.NONE: "No runbook fits.",
}


def run(query: str, directory: Path | str | Sequence[Path | str], as_json: bool) -> int:
    """Prints the ranked runbooks; 0 also when none fits, 2 when a directory is missing."""
    given = [directory] if isinstance(directory, Path | str) else directory
    directories = [Path(one) for one in given]
    missing = [one for one in directories if not one.is_dir()]
    for one in missing:
        print(f"There is no directory {one} to look for runbooks in.", file=sys.stderr)  # noqa: T201
    if missing:
        return 2
    answer = Lookup(read_runbooks(directories)).search(Query(text=query))
    print(as_text_json(answer) if as_json else as_text(answer))  # noqa: T201
    return 0


def as_text_json(answer: Answer) -> str:
    """The answer for a program; `section` is the heading's anchor, empty for a whole file."""
    results = [
        {
            "path": one.path,
            "section": one.section,
            "title": one.title,
            "score": one.score,
            "reason": one.reason,
        }
        for one in answer.matches
    ]
    return json.dumps({"match": answer.verdict.value, "results": results}, indent=2)


def as_text(answer: Answer) -> str:
    """The answer for a person at a terminal."""
    lines = [HEADLINES[answer.verdict]]
    if answer.verdict is Verdict.NONE and answer.matches:
        lines.append("Nearest by words, probably not what you need:")
    shown = answer.matches[:3] if answer.verdict is Verdict.NONE else answer.matches
    lines += [_line(number, one) for number, one in enumerate(shown, start=1)]
    return "\n".join(lines)


def _line(number: int, one: Match) -> str:
    place = f"{one.path}#{one.section}" if one.section else one.path
    return f"{number:>2}. {one.score:.2f}  {place}\n          {one.title}: {one.reason}"
