"""Turns runbooks and alert text into comparable words, dropping what only names one instance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "there",
        "their",
        "they",
        "them",
        "we",
        "our",
        "you",
        "your",
        "i",
        "as",
        "if",
        "then",
        "than",
        "so",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "shall",
        "should",
        "only",
        "also",
        "each",
        "which",
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "into",
        "out",
        "over",
        "under",
        "again",
        "more",
        "most",
        "such",
        "same",
        "just",
        "about",
        "because",
        "while",
        "during",
        "after",
        "before",
        "between",
        "both",
        "but",
        "nor",
        "s",
        "t",
        "d",
        "ll",
        "re",
        "ve",
        "please",
        "see",
        "via",
        "using",
        "use",
        "used",
        "which",
        "since",
        "until",
        "one",
        "two",
        "per",
        "very",
        "all",
    ]
)
# Words that carry the status of a notification, not its subject.
NOISE = frozenset(
    ["firing", "resolved", "critical", "warning", "info", "page", "alert", "alerts", "alertname"]
)

# True of nearly every page, so a match on them means little.
GENERIC = frozenset(
    [
        "hour",
        "hours",
        "minute",
        "minutes",
        "second",
        "seconds",
        "day",
        "days",
        "longer",
        "last",
        "next",
        "past",
        "currently",
        "current",
        "number",
        "total",
        "time",
        "times",
        "state",
        "status",
        "cluster",
        "clusters",
        "namespace",
        "namespaces",
        "value",
        "values",
        "found",
        "experiencing",
        "experience",
        "experienced",
        "running",
        "many",
        "lot",
        "lots",
        "reason",
        "reporting",
        "reported",
        "detected",
        "something",
        "happening",
        "getting",
        "going",
        "seems",
        "seem",
        "keeps",
        "keep",
        "keeping",
        "started",
        "encountered",
        "ago",
        "midnight",
        "morning",
        "today",
        "tonight",
        "thing",
        "things",
        "our",
        "yesterday",
        "even",
        "though",
        "still",
    ]
)
FAINT = 0.08
LONGEST_QUESTION = 4_000
VAGUE = 0.45
CODED = 0.4

CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/'-]*")
BADGE = re.compile(
    r"\[(?:FIRING|RESOLVED|TRIGGERED|ALERT|PROD|[A-Z]+:\s*\d+)[^\]]*\]", re.IGNORECASE
)
URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://\S+", re.IGNORECASE)
NAMED = re.compile(r"^\W*([A-Za-z][A-Za-z0-9_]*[a-z][A-Z][A-Za-z0-9_]*)\s*(?=[:(\[|,-]|$)")
TRAILING_LABELS = re.compile(r"\(([^()]*)\)\s*$")
SCOPE = re.compile(
    r"\b(?:(?:namespace|cluster|environment|region|container)[ =:]+|pod/)[\"'`]?([\w./-]+)"
    r"|\bin ([\w./-]+) (?:namespace|cluster|environment|region)\b",
    re.IGNORECASE,
)
QUOTED_THING = re.compile(r"['\"`]([^'\"`\s]*[-/.:\d][^'\"`\s]*)['\"`]")
POD_TAIL = re.compile(r"-(?:[0-9a-f]{6,10}-[a-z0-9]{5}|(?=[a-z0-9]*\d)[a-z0-9]{4,10})$")
NEGATED = re.compile(r"(?:\b(?:ca|wo)|(?<=[a-z]))n't\b|\bcannot\b", re.IGNORECASE)
MEASURE = re.compile(r"^\d[\d.,]*(?:%|[smhdx]|ms|[kmgt]i?b?|min|minutes)?$", re.IGNORECASE)
HTTP_CODE = re.compile(r"^[45](?:\d\d|xx)$", re.IGNORECASE)

SUFFIXES = (
    "izations", "ization", "ations", "ation", "ilities", "ility", "ments", "ment", "ingly",
    "ings", "ing", "ions", "ion", "ures", "ure", "ness", "ers", "ied", "ies", "ed", "er",
    "ly", "es", "al", "s",
)  # fmt: skip
SHORTEST_STEM = 3


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A crude stem: the same for failed, failing, fails and failure, and not meant for people."""
    if len(word) <= SHORTEST_STEM or not word.isalpha():
        return word
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_STEM:
            if suffix == "s" and word.endswith("ss"):
                break
            word = word[: -len(suffix)] + ("y" if suffix in {"ies", "ied"} else "")
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def joined(name: str) -> str:
    """A name without its punctuation and case: how two spellings of one alert are compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def pieces(token: str) -> list[str]:
    """Lower-case words of one token, split at punctuation and at CamelCase humps."""
    if re.fullmatch(r"[A-Z]+s", token):
        return [token[:-1].lower()]
    if HTTP_CODE.match(token):
        return [token.lower()]
    return [part.lower() for part in CAMEL.findall(token)]


def words(text: str) -> list[str]:
    """Stems in order, for the text of a runbook."""
    found = []
    for token in WORD.findall(text):
        for part in pieces(token):
            if (
                part not in STOP
                and (len(part) > 1)
                and (not part.isdigit() or HTTP_CODE.match(part))
            ):
                found.append(stem(part))
    return found


def looks_like_a_name(token: str) -> bool:
    """CamelCase with a second hump, as alert names have."""
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*", token))


@dataclass(frozen=True, kw_only=True)
class Term:
    """One word of a question: what it weighs, and whether it came from the alert's name."""

    stem: str
    weight: float = 1.0
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A pasted query taken apart."""

    name: str
    tokens: tuple[str, ...]
    terms: tuple[Term, ...]


def is_instance(token: str) -> bool:
    """Whether a token names one pod, host, address or path and not a kind of trouble."""
    if token.startswith("/") or POD_TAIL.search(token) or re.search(r"-\d+$", token):
        return True
    if re.search(r"\d+\.\d+\.\d+|:\d{2,5}$", token):
        return True
    return "/" in token and bool(re.search(r"[-.\d]", token))


def read_question(text: str, labels: Mapping[str, str]) -> Question:
    """Takes a pasted line apart into the alert's name (if one leads it) and weighed terms."""
    plain = URL.sub(" ", BADGE.sub(" ", text[:LONGEST_QUESTION])).strip()
    plain = NEGATED.sub(" not", plain.replace("’", "'"))
    named = NAMED.match(plain)
    name = named.group(1) if named else ""
    values = {value.lower() for value in labels.values() if value}
    if name and (tail := TRAILING_LABELS.search(plain)):
        values.update(tail.group(1).lower().split())
    values.update(
        (one or two).strip(".,").lower() for one, two in SCOPE.findall(plain) if one or two
    )
    values.update(thing.lower() for thing in QUOTED_THING.findall(plain))
    tokens = tuple(token.strip(".:'-/") for token in WORD.findall(plain))
    return Question(name=name, tokens=tokens, terms=tuple(_terms(tokens, name, values)))


def _terms(tokens: Iterable[str], name: str, instances: set[str]) -> Iterable[Term]:
    for token in tokens:
        if not token or (MEASURE.match(token) and not HTTP_CODE.match(token)):
            continue
        faint = token.lower() in instances or is_instance(token)
        # "ImagePullBackOff" and "limits.cpu" are one value, not so many words.
        coded = token != name and (looks_like_a_name(token) or bool(re.search(r"\w[._]\w", token)))
        known = CODED if coded else 1.0
        for part in pieces(token):
            if part in STOP or part in NOISE or len(part) < 2:
                continue
            if part.isdigit() and not HTTP_CODE.match(part):
                continue
            weight = FAINT if faint else VAGUE if part in GENERIC else known
            yield Term(stem=stem(part), weight=weight, word=part)
