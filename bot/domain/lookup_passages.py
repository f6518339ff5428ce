"""Cuts a runbook into the passages that can be found: the file, or each alert in a large one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.runbook import Runbook, Section
from bot.domain.runbook_words import joined, looks_like_a_name, words

# Headings every runbook has; they say nothing about which trouble it is for.
USUAL = frozenset(
    [
        "meaning",
        "impact",
        "diagnosis",
        "mitigation",
        "overview",
        "summary",
        "description",
        "background",
        "context",
        "steps",
        "introduction",
        "prerequisites",
        "resolution",
        "troubleshooting",
        "references",
        "links",
        "contents",
        "verification",
        "escalation",
        "remediation",
        "investigation",
        "cause",
        "causes",
        "fullcontext",
        "additionalcontext",
        "related",
        "furtherreading",
        "rollback",
        "cleanup",
        "alerts",
        "playbooks",
        "runbooks",
        "appendix",
        "firstthreeactions",
        "isthisreal",
        "likelycausesranked",
        "verifyrecovery",
        "rollbackofthesesteps",
        "notes",
        "howtofix",
        "howitworks",
        "howtoinvestigate",
    ]
)
LARGE = 12_000
MANY_TOPICS = 6
MANY_NAMED = 3
LEAD = 600
PLACES = (("title", 1.0), ("lead", 0.85), ("heads", 0.8), ("body", 0.55))


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One thing a search can return; `anchor` is empty for a whole file.

    `coded` are those of its `names` that no one writes by chance, such as KubeletDown.
    """

    path: str
    anchor: str
    heading: str
    names: frozenset[str]
    coded: frozenset[str]
    mentions: frozenset[str]
    services: frozenset[str]
    counts: Mapping[str, Counter[str]]
    sizes: Mapping[str, int]
    everything: frozenset[str]
    pairs: frozenset[str]

    @property
    def title(self) -> Counter[str]:
        """Stems of the title, the file's name and its keywords."""
        return self.counts["title"]

    def length(self, field: str) -> int:
        """Words in one field."""
        return self.sizes[field]

    def place(self, stem: str) -> float:
        """How much a stem's best place says about the passage's subject."""
        return max((worth for field, worth in PLACES if stem in self.counts[field]), default=0.0)


def passages(book: Runbook) -> Iterable[Passage]:
    """The whole file, and each topic when the file holds many."""
    topics = _topics(book)
    yield _whole(book)
    for section, body in topics:
        yield _topic(book, section, body)


def _whole(book: Runbook) -> Passage:
    stem = _file_stem(book.path)
    heads = " ".join(one.title for one in book.sections if joined(one.title) not in USUAL)
    title = _distinct((book.title, stem, *book.alerts, *book.keywords))
    lead, body = _lead(book.body)
    return _passage(
        (book.path, "", book.title),
        {"title": title, "lead": lead, "heads": heads, "body": body},
        names=(stem, book.title, *book.alerts),
        mentions=book.mentions,
        services=book.services,
    )


def _topic(book: Runbook, section: Section, body: str) -> Passage:
    lead, rest = _lead(body)
    return _passage(
        (book.path, section.anchor, section.title),
        {"title": section.title, "lead": lead, "heads": book.title, "body": rest},
        names=(section.title, section.anchor),
        mentions=(),
        services=book.services,
    )


def _passage(
    where: tuple[str, str, str],
    texts: Mapping[str, str],
    *,
    names: Sequence[str],
    mentions: Sequence[str],
    services: Sequence[str],
) -> Passage:
    stems = {field: words(text) for field, text in texts.items()}
    counts = {field: Counter(found) for field, found in stems.items()}
    sizes = {field: sum(count.values()) for field, count in counts.items()}
    # "mis scheduled" in a name is "misscheduled" in prose; the pair is worth one word.
    counts["title"].update({a + b: 1 for a, b in pairwise(stems["title"]) if a != b})
    known = {joined(name) for name in names}
    return Passage(
        path=where[0],
        anchor=where[1],
        heading=where[2],
        names=frozenset(known - {""}),
        coded=frozenset(joined(name) for name in names if looks_like_a_name(name)),
        mentions=frozenset({joined(name) for name in mentions} - known - {""}),
        services=frozenset(joined(name) for name in services),
        counts=counts,
        sizes=sizes,
        everything=frozenset().union(*counts.values()),
        pairs=frozenset(f"{a} {b}" for found in stems.values() for a, b in pairwise(found)),
    )


def _topics(book: Runbook) -> list[tuple[Section, str]]:
    """Sections that are runbooks of their own, each with the text of the headings below it."""
    own = [
        one
        for one in book.sections
        if joined(one.title) not in USUAL and joined(one.title) != joined(book.title)
    ]
    named = [one for one in own if looks_like_a_name(one.title.strip("`"))]
    # A file named after one alert stays one runbook, however long it is.
    single = looks_like_a_name(_file_stem(book.path))
    if len(named) < MANY_NAMED and (single or len(book.body) < LARGE or len(own) < MANY_TOPICS):
        return []
    kept = {id(one) for one in own}
    return [
        (one, _with_children(book.sections, number))
        for number, one in enumerate(book.sections)
        if id(one) in kept
    ]


def _with_children(sections: Sequence[Section], number: int) -> str:
    own = sections[number]
    text = [own.body]
    for one in sections[number + 1 :]:
        if one.level <= own.level:
            break
        text.append(f"{one.title}\n{one.body}")
    return "\n".join(text)


def _lead(body: str) -> tuple[str, str]:
    """The opening prose, where a runbook says what its alert means, and the rest."""
    plain = re.sub(r"^#+.*$", "", body, flags=re.MULTILINE).strip()
    return plain[:LEAD], plain[LEAD:]


def _file_stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".md")


def _distinct(names: Iterable[str]) -> str:
    """Names with repeats dropped: "Kubelet Down" and KubeletDown are one title."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(joined(name), name)
    return " | ".join(kept.values())
