"""Measures the runbook look-up beside a plain BM25, on labelled queries."""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.lookup import Lookup
from bot.domain.runbook import Query, Runbook, Verdict
from bot.integrations.runbook_files import read_runbooks

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared" / "data" / "runbook_search"
NO_FIT = frozenset({"negative", "near_miss"})
INDEX_BUDGET = 2.0
SEARCH_BUDGET = 0.050

Ranking = Callable[[str], tuple[list[tuple[str, str]], str]]


class PlainBm25:
    """The floor: whole files, words as written, nothing known about alerts."""

    def __init__(self, books: Sequence[Runbook]) -> None:
        self._places = [
            (book.path, Counter(_plain(f"{book.path} {book.title} {book.body}"))) for book in books
        ]
        self._seen = Counter(word for _, words in self._places for word in words)
        self._average = sum(sum(w.values()) for _, w in self._places) / max(1, len(self._places))

    def search(self, query: str) -> list[tuple[str, str]]:
        """Paths, best first."""
        scored = []
        for path, words in self._places:
            size = sum(words.values()) / (self._average or 1.0)
            score = 0.0
            for word in _plain(query):
                if not words[word]:
                    continue
                count, seen = words[word], self._seen[word]
                idf = math.log(1 + (len(self._places) - seen + 0.5) / (seen + 0.5))
                score += idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * size))
            if score:
                scored.append((-score, path))
        return [(path, "") for _, path in sorted(scored)[:10]]


def _plain(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


@dataclass
class Tally:
    """What one system did on one kind of query."""

    asked: int = 0
    first: int = 0
    reciprocal: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, rank: int, verdict: str) -> None:
        """One query; rank 0 is not found."""
        self.asked += 1
        self.first += rank == 1
        self.reciprocal += 1 / rank if rank else 0.0
        self.verdicts[verdict] += 1


def measure(rows: Sequence[dict[str, Any]], ranking: Ranking) -> dict[str, Tally]:
    """Tallies by kind, with "all" for the queries that have a runbook."""
    tallies: dict[str, Tally] = {}
    for row in rows:
        places, verdict = ranking(row["query"])
        sectioned = any("#" in one for one in row["expected"])
        keys = [f"{path}#{anchor}" if sectioned and anchor else path for path, anchor in places]
        rank = next((n for n, key in enumerate(keys, 1) if key in row["expected"]), 0)
        kinds = [row["kind"]] if not row["expected"] else [row["kind"], "all"]
        for kind in kinds:
            tallies.setdefault(kind, Tally()).add(rank, verdict)
    return tallies


def main(arguments: Sequence[str] = ()) -> int:
    """Prints both systems side by side; the first argument is a directory of data."""
    given = Path(arguments[0]) if arguments else SHARED
    own = not (given / "dev.jsonl").is_file()
    corpus = HERE.parent / "tests" / "fixtures" / "runbooks" if own else given / "corpus"
    file = HERE / "fixtures" / "runbooks.jsonl" if own else given / "dev.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]

    started = time.perf_counter()
    books = read_runbooks([corpus])
    lookup = Lookup(books)
    indexed = time.perf_counter() - started
    plain = PlainBm25(books)
    times: list[float] = []

    def ours(query: str) -> tuple[list[tuple[str, str]], str]:
        begun = time.perf_counter()
        answer = lookup.search(Query(text=query))
        times.append(time.perf_counter() - begun)
        return [(one.path, one.section) for one in answer.matches], answer.verdict.value

    def floor(query: str) -> tuple[list[tuple[str, str]], str]:
        return plain.search(query), "-"

    mine, base = measure(rows, ours), measure(rows, floor)
    print(f"runbook look-up: {len(books)} files, {len(rows)} queries ({file.name})")
    _print_table(mine, base)
    _print_verdicts(rows, mine)
    times.sort()
    late = times[int(0.95 * (len(times) - 1))]
    print(f"index {indexed:.2f} s (budget {INDEX_BUDGET:.0f} s)")
    print(f"search p95 {late * 1000:.1f} ms (budget {SEARCH_BUDGET * 1000:.0f} ms)")
    return 0


def _print_table(mine: dict[str, Tally], base: dict[str, Tally]) -> None:
    print(f"{'kind':<12}{'n':>5}{'recall@1':>10}{'bm25':>7}{'MRR@10':>9}{'bm25':>7}")
    for kind, one in mine.items():
        if kind in NO_FIT:
            continue
        other = base[kind]
        print(
            f"{kind:<12}{one.asked:>5}{one.first / one.asked:>10.3f}"
            f"{other.first / other.asked:>7.3f}{one.reciprocal / one.asked:>9.3f}"
            f"{other.reciprocal / other.asked:>7.3f}"
        )


def _print_verdicts(rows: Sequence[dict[str, Any]], mine: dict[str, Tally]) -> None:
    for kind, one in mine.items():
        said = ", ".join(f"{verdict.value} {one.verdicts[verdict]}" for verdict in Verdict)
        print(f"verdicts, {kind:<12} {said}")
    unfit = [row for row in rows if not row["expected"]]
    told = sum(mine[kind].verdicts[Verdict.NONE] for kind in {row["kind"] for row in unfit})
    print(f"no runbook fits: said so {told} of {len(unfit)} times (plain BM25 never does)")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
