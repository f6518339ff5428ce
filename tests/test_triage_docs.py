"""docs/triage.md against the code; `python -m tests.test_triage_docs` writes its table anew."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.vitals import MEASURED, RULES

PAGE = Path(__file__).parents[1] / "docs" / "triage.md"
_TABLE = re.compile(r"(<!-- thresholds:begin -->\n).*?(<!-- thresholds:end -->)", re.DOTALL)


def written_anew(page: str) -> str:
    rows = [
        f"| {sign.replace('-', ' ')} | {rule.when} | {rule.because} |\n"
        for sign, rule in RULES.items()
    ]
    return _TABLE.sub(lambda found: f"{found[1]}{''.join(rows)}{found[2]}", page)


def test_every_threshold_stands_there_with_its_reason() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written_anew(page)


def test_every_kind_that_is_measured_is_described() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == MEASURED


if __name__ == "__main__":
    PAGE.write_text(written_anew(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
