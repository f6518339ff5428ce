"""Lets an author check a postmortem for blaming words from a terminal or from CI."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.domain.blameless import Finding, lint


def run(file: Path | str, as_json: bool) -> int:
    """Prints what to rewrite; 0 when clean, 1 with findings, 2 when the file cannot be read."""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        print(f"{file} cannot be read: {error.strerror}.", file=sys.stderr)  # noqa: T201
        return 2
    except UnicodeDecodeError:
        print(f"{file} cannot be read: it is not UTF-8 text.", file=sys.stderr)  # noqa: T201
        return 2
    findings = lint(text)
    print(_as_json(findings) if as_json else _as_text(str(file), findings))  # noqa: T201
    return 1 if findings else 0


def _as_json(findings: tuple[Finding, ...]) -> str:
    listed = [
        {
            "line": one.line,
            "sentence": one.sentence,
            "category": one.category.value,
            "reason": one.reason,
            "rewrite": one.rewrite,
            "severity": one.severity.value,
        }
        for one in findings
    ]
    return json.dumps({"findings": listed}, indent=2, ensure_ascii=False)


def _as_text(name: str, findings: tuple[Finding, ...]) -> str:
    if not findings:
        return f"{name}: nothing to rewrite."
    lines = []
    for one in findings:
        lines.append(f"{name}:{one.line}: {one.severity} {one.category}: {one.sentence}")
        lines.append(f"    why:     {one.reason}")
        lines.append(f"    instead: {one.rewrite}")
    return "\n".join(lines)
