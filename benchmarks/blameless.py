"""Measures the blameless linter beside a plain word list, on labelled sentences."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.domain.blameless import lint

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared" / "data" / "blameless"
WORD_LIST = (
    *("should have", "could have", "failed to", "forgot", "human error", "obvious", "clearly"),
    *("simply", "careless", "lazy", "fault", "blame", "be careful", "mistake", "should", "error"),
)


def plain(text: str) -> bool:
    """The floor: a word list without grammar."""
    lower = text.lower()
    return any(word in lower for word in WORD_LIST)


def measure(rows: Sequence[dict[str, Any]], flags: Callable[[str], bool]) -> tuple[float, float]:
    """Recall over the sentences to flag, and false alarms over the others."""
    bad = [row for row in rows if row["label"] == "flag"]
    good = [row for row in rows if row["label"] != "flag"]
    hits = sum(flags(row["text"]) for row in bad)
    alarms = sum(flags(row["text"]) for row in good)
    return hits / max(1, len(bad)), alarms / max(1, len(good))


def main(arguments: Sequence[str] = ()) -> int:
    """Prints the figures for each labelled file there is."""
    given = Path(arguments[0]) if arguments else SHARED
    files = [given / "dev.jsonl", HERE / "fixtures" / "blameless.jsonl"]
    for file in (one for one in files if one.is_file()):
        rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
        started = time.perf_counter()
        recall, alarm = measure(rows, lambda text: bool(lint(text)))
        each = (time.perf_counter() - started) / max(1, len(rows))
        base_recall, base_alarm = measure(rows, plain)
        print(f"blameless linter: {len(rows)} sentences ({file.parent.name}/{file.name})")
        print(f"recall      {recall:.3f} (word list {base_recall:.3f}, target >= 0.90)")
        print(f"false alarm {alarm:.3f} (word list {base_alarm:.3f}, target <= 0.05)")
        print(f"{each * 1000:.1f} ms for each sentence")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
