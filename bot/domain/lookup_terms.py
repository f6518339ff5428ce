"""Knows which words the runbooks use, and what a question's words can stand for among them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.runbook_synonyms import PHRASES, synonyms
from bot.domain.runbook_words import Question, Term, stem

SYNONYM = 0.35
SPLIT = 0.75
MISSPELT = 0.8
SHORTEST_MISSPELT = 6
SHORTEST_PART = 3


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A word of the question with everything in the runbooks that would answer it."""

    stem: str
    word: str
    weight: float
    alternatives: tuple[tuple[str, float], ...]


class Vocabulary:
    """The words of an index and how rare each is."""

    def __init__(self, documents: Iterable[frozenset[str]]) -> None:
        self._seen: Counter[str] = Counter()
        self._size = 0
        for document in documents:
            self._size += 1
            self._seen.update(document)
        self._synonyms = synonyms()
        self._by_start: dict[str, list[str]] = {}
        for one in self._seen:
            self._by_start.setdefault(one[:2], []).append(one)

    def idf(self, stem: str) -> float:
        """How much a word narrows things down; an unknown word as much as the rarest."""
        seen = self._seen.get(stem, 0)
        return math.log(1.0 + (self._size - seen + 0.5) / (seen + 0.5))

    def wanted(self, question: Question) -> list[Wanted]:
        """Each word once, with its weight and its stand-ins."""
        terms: dict[str, Term] = {}
        for term in self._phrases(question):
            if term.stem not in terms or terms[term.stem].weight < term.weight:
                terms[term.stem] = term
        return [self._wanted(term) for term in terms.values()]

    def _phrases(self, question: Question) -> Iterable[Term]:
        yield from question.terms
        line = " ".join(question.tokens).lower()
        for phrase, meant in PHRASES:
            if phrase in line:
                yield from (Term(stem=stem(word), weight=0.7, word=word) for word in meant.split())
        known = [term for term in question.terms if term.weight >= 1.0]
        for one, other in pairwise(known):
            pair = one.stem + other.stem
            if pair in self._seen:
                yield Term(stem=pair, weight=0.6, word=one.word + other.word)

    def _wanted(self, term: Term) -> Wanted:
        found = {term.stem: 1.0} if term.stem in self._seen else {}
        for other in self._synonyms.get(term.stem, ()):
            if other in self._seen:
                found.setdefault(other, SYNONYM)
        if term.stem not in self._seen:
            for part in self._split(term.stem):
                found[part] = max(found.get(part, 0.0), SPLIT)
            if not found:
                found.update(dict.fromkeys(self._misspelt(term.stem), MISSPELT))
        weight = term.weight * self.idf(term.stem)
        return Wanted(
            stem=term.stem,
            word=term.word or term.stem,
            weight=weight,
            alternatives=tuple(found.items()),
        )

    def _split(self, word: str) -> tuple[str, ...]:
        """ "apiserver" where the runbooks write "api server"."""
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            parts = (stem(word[:cut]), stem(word[cut:]))
            if all(part in self._seen for part in parts):
                return parts
        return ()

    def _misspelt(self, word: str) -> list[str]:
        if len(word) < SHORTEST_MISSPELT:
            return []
        near = self._by_start.get(word[:2], ())
        return [one for one in near if abs(len(one) - len(word)) <= 1 and one_edit(one, word)]


def one_edit(one: str, other: str) -> bool:
    """Whether one letter added, dropped, changed or swapped with its neighbour tells them apart."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
