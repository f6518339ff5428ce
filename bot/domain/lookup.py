"""Finds the runbook for an alert, and says when none fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.lookup_passages import Passage, passages
from bot.domain.lookup_terms import Vocabulary, Wanted
from bot.domain.lookup_verdict import Evidence, probability, verdict
from bot.domain.runbook import Answer, Match, Query, Runbook, Verdict
from bot.domain.runbook_words import Question, joined, looks_like_a_name, read_question

# Where a word stands says more than how often it stands there.
FIELD_WEIGHTS = (("title", 4.0), ("lead", 2.5), ("heads", 1.6), ("body", 1.0))
SATURATION = 1.4
LENGTH = 0.45
SHORTEST_JOINED_NAME = 10
LONGEST_JOINED_NAME = 8
SHOWN = 10
PAIR = 0.4
NAMED = 6.0
OURS = 0.4
OWN = 1.5
BOTH_WAYS = 0.3
TITLE_USED = 0.5


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One passage weighed against one query."""

    passage: Passage
    rank: float
    evidence: Evidence
    reason: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """A word of the question that a passage answers, by itself or by a stand-in."""

    stem: str
    word: str
    weight: float
    likeness: float
    points: float
    place: float


class Lookup:
    """An index over runbooks, built whole and never changed: build another when files change."""

    def __init__(self, runbooks: Sequence[Runbook]) -> None:
        self._passages = tuple(one for book in runbooks for one in passages(book))
        self._vocabulary = Vocabulary(one.everything for one in self._passages)
        self._postings: dict[str, list[int]] = {}
        for number, passage in enumerate(self._passages):
            for stem in passage.everything:
                self._postings.setdefault(stem, []).append(number)
        self._names: dict[str, list[int]] = {}
        self._mentions: dict[str, list[int]] = {}
        for number, passage in enumerate(self._passages):
            for name in passage.names:
                self._names.setdefault(name, []).append(number)
            for name in passage.mentions:
                self._mentions.setdefault(name, []).append(number)
        self._average = {
            field: sum(one.length(field) for one in self._passages) / max(1, len(self._passages))
            for field, _ in FIELD_WEIGHTS
        }
        self._strength = tuple(self._strengths(passage) for passage in self._passages)

    def search(self, query: Query, most: int = SHOWN) -> Answer:
        """The best matches, best first, and whether the first deserves to be believed."""
        scored = self.weigh(query)[:most]
        if not scored:
            return Answer(verdict=Verdict.NONE, matches=())
        matches: list[Match] = []
        for one in scored:
            # A later match may look likelier by itself, but it never outscores the ones above.
            ceiling = matches[-1].score if matches else 1.0
            matches.append(_match(one, scored[0].rank, ceiling))
        return Answer(verdict=matches[0].confidence, matches=tuple(matches))

    def weigh(self, query: Query) -> list[Scored]:
        """Every passage that shares anything with the query, best first."""
        line = ": ".join(part for part in (query.alert, query.text) if part)
        question = read_question(line, query.labels)
        wanted = self._vocabulary.wanted(question)
        exact = self._exact(query, question)
        numbers = set(exact)
        for one in wanted:
            for stem, _ in one.alternatives:
                numbers.update(self._postings.get(stem, ()))
        scored = [
            self._weigh(number, wanted, exact.get(number, ("", 0.0)), (query, question))
            for number in numbers
        ]
        scored.sort(key=lambda one: (-one.rank, one.passage.path, one.passage.anchor))
        return _one_per_place(scored)

    def _exact(self, query: Query, question: Question) -> dict[int, tuple[str, float]]:
        """Passages that carry the alert's very name, or that the alert's own link points to."""
        found: dict[int, tuple[str, float]] = {}

        def note(numbers: Iterable[int], reason: str, strength: float) -> None:
            for number in numbers:
                if found.get(number, ("", 0.0))[1] < strength:
                    found[number] = (reason, strength)

        for name in _candidate_names(query, question):
            note(self._names.get(joined(name), ()), f"is named after the alert {name}", 1.0)
        for name in (query.alert, query.labels.get("alertname", ""), question.name):
            note(self._mentions.get(joined(name), ()), f"mentions the alert {name}", 0.35)
        for token in question.tokens:
            if len(joined(token)) >= SHORTEST_JOINED_NAME:
                coded = [n for n in self._names.get(joined(token), ()) if self._is_coded(n, token)]
                note(coded, f"is named “{token}”", 0.9)
        for spelled, name in _joined_names(question.tokens):
            whole = [n for n in self._names.get(name, ()) if not self._passages[n].anchor]
            note(whole, f"is named “{spelled}”", 0.9)
        url = query.runbook_url.split("#")[0].lower()
        for tail in _tails(query.runbook_url):
            linked = list(self._names.get(joined(tail), ()))
            note(linked, "the alert links to it", 0.95)
            exact = [n for n in linked if url.endswith("/" + self._passages[n].path.lower())]
            note(exact, "the alert links to it", 1.1)
        return found

    def _is_coded(self, number: int, token: str) -> bool:
        """Whether a single word is surely a name: no plain word, here or in the query."""
        return token.count("-") > 1 or joined(token) in self._passages[number].coded

    def _weigh(
        self,
        number: int,
        wanted: Sequence[Wanted],
        exact: tuple[str, float],
        asked: tuple[Query, Question],
    ) -> Scored:
        passage = self._passages[number]
        query, question = asked
        total = sum(one.weight for one in wanted) or 1.0
        found = self._found(number, wanted)
        titles = [one for one in found if one.stem in passage.title]
        evidence = Evidence(
            exact=exact[1],
            covered=sum(one.weight * one.likeness * one.place for one in found) / total,
            titled=sum(one.weight * one.likeness for one in titles) / total,
            title_used=self._title_used(passage, titles),
            unknown_name=bool(question.name) and not exact[1],
            foreign=sum(one.weight for one in wanted if not one.alternatives) / total,
            service=bool(query.service) and joined(query.service) in passage.services,
            own=passage.path in query.own,
        )
        reached = sum(one.weight * one.points for one in found) + PAIR * _pairs(passage, wanted)
        close = 1.0 + BOTH_WAYS * evidence.title_used * evidence.titled
        close += TITLE_USED * evidence.title_used
        rank = reached * close / total + NAMED * evidence.exact + OURS * evidence.service
        rank += OWN * evidence.own
        return Scored(
            passage=passage,
            rank=rank,
            evidence=evidence,
            reason=exact[0] or _reason(titles, found),
        )

    def _found(self, number: int, wanted: Sequence[Wanted]) -> list[Found]:
        """What of the question the passage has, each word by its best stand-in."""
        found = []
        strengths = self._strength[number]
        passage = self._passages[number]
        for one in wanted:
            present = [
                (likeness * strengths[stem], stem, likeness)
                for stem, likeness in one.alternatives
                if stem in strengths
            ]
            if not present:
                continue
            points, stem, likeness = max(present)
            found.append(
                Found(
                    stem=stem,
                    word=one.word,
                    weight=one.weight,
                    likeness=likeness,
                    points=points,
                    place=passage.place(stem),
                )
            )
        return found

    def _strengths(self, passage: Passage) -> dict[str, float]:
        """How strongly a passage speaks of each of its words, whatever is asked later."""
        amounts: dict[str, float] = {}
        for field, weight in FIELD_WEIGHTS:
            size = passage.length(field) / (self._average[field] or 1.0)
            worth = weight / (1.0 - LENGTH + LENGTH * size)
            for stem, count in passage.counts[field].items():
                amounts[stem] = amounts.get(stem, 0.0) + worth * count
        return {
            stem: amount * (SATURATION + 1.0) / (SATURATION + amount)
            for stem, amount in amounts.items()
        }

    def _title_used(self, passage: Passage, titles: Sequence[Found]) -> float:
        whole = sum(self._vocabulary.idf(stem) for stem in passage.title)
        best: dict[str, float] = {}
        for one in titles:
            best[one.stem] = max(best.get(one.stem, 0.0), one.likeness)
        used = sum(self._vocabulary.idf(stem) * likeness for stem, likeness in best.items())
        return used / whole if whole else 0.0


def _match(one: Scored, best: float, ceiling: float) -> Match:
    likely = probability(one.evidence)
    return Match(
        path=one.passage.path,
        section=one.passage.anchor,
        title=one.passage.heading,
        score=min(ceiling, round(likely * one.rank / best if best else 0.0, 3)),
        reason=one.reason,
        confidence=verdict(likely),
    )


def _reason(titles: Sequence[Found], found: Sequence[Found]) -> str:
    """The words that decided, as the responder wrote them."""
    chosen = titles or found
    heavy = sorted(chosen, key=lambda one: -one.weight * one.likeness)[:4]
    said = ", ".join(dict.fromkeys(one.word for one in heavy if one.likeness > 0))
    return f"its title speaks of {said}" if titles else f"its text speaks of {said}"


def _pairs(passage: Passage, wanted: Sequence[Wanted]) -> float:
    """Neighbouring words of the question that are neighbours in the passage too."""
    return sum(
        one.weight + other.weight
        for one, other in pairwise(wanted)
        if f"{one.stem} {other.stem}" in passage.pairs
    )


def _one_per_place(scored: list[Scored]) -> list[Scored]:
    """A file that was found by one of its sections is not listed a second time as a whole."""
    sections = {one.passage.path for one in scored if one.passage.anchor}
    seen: set[tuple[str, str]] = set()
    kept = []
    for one in scored:
        place = (one.passage.path, one.passage.anchor)
        if place in seen or (one.passage.path in sections and not one.passage.anchor):
            continue
        seen.add(place)
        kept.append(one)
    return kept


def _candidate_names(query: Query, question: Question) -> list[str]:
    names = [query.alert, query.labels.get("alertname", ""), question.name]
    names += [token for token in question.tokens if looks_like_a_name(token)]
    return [name for name in dict.fromkeys(names) if joined(name)]


def _joined_names(tokens: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Runs of words as one name: "Prometheus operator not ready" is PrometheusOperatorNotReady."""
    for start in range(len(tokens)):
        for size in range(2, LONGEST_JOINED_NAME + 1):
            run = tokens[start : start + size]
            name = joined("".join(run))
            if len(run) == size and len(name) >= SHORTEST_JOINED_NAME:
                yield " ".join(run), name


def _tails(url: str) -> list[str]:
    """The last parts of a runbook link, which by custom are the alert's name or the file's."""
    place, _, anchor = url.partition("#")
    above, last = ["", *place.split("?")[0].rstrip("/").rsplit("/", 2)][-2:]
    named = last.removesuffix(".md").removesuffix(".html")
    # `…/discovery/traffic-shift` is the file discovery-traffic-shift.md, laid in a folder.
    return [part for part in (anchor, named, f"{above}-{named}" if named else "") if part]
