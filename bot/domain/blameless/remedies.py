"""Rules about what a report asks for: actions that change nothing, one cause, and names."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.blameless.findings import Category, Rule, rule
from bot.domain.blameless.people import MENTION, names


def weak(who: str) -> Iterable[Rule]:
    """Asking people to be more careful."""
    kind = Category.WEAK_ACTION
    more = r"(?:more|extra|very|really|super|much\s+more|especially|a\s+bit\s+more)"
    yield rule(
        kind,
        rf"\b(?:be|being|are|is)\s+(?:{more}\s+)?careful\b(?!\s*:)|\bbe\s+{more}\s+(?:vigilant|diligent|thorough|mindful|aware|attentive|cautious|responsible|proactive|disciplined|observant|considerate|conscientious|rigorous)\b|\bbe\s+(?:vigilant|mindful|cautious|attentive|diligent)\b",
    )
    yield rule(
        kind,
        r"\b(?:take|exercise|use|with|apply|show)\s+(?:more|greater|extra|better|additional)\s+(?:care|caution|diligence|attention)\b|\bmore\s+(?:care|caution|diligence|vigilance)\b",
    )


def lectures(who: str) -> Iterable[Rule]:
    """Reminding, training and telling people."""
    kind = Category.WEAK_ACTION
    everyone = r"(?:everyone|everybody|all|people|staff|the\s+\w+|engineers?|developers?|teams?|ops|devs?|on-?calls?|responders?|reviewers?|operators?|colleagues|each\s+other|ourselves|folks|members)"
    yield rule(
        kind,
        rf"(?:^|[:;,]\s*|\b(?:to|will|must|should|and|need\s+to)\s+)(?:re-?mind|re-?train|re-?educate|coach|warn|urge|encourage|instruct|lecture)\s+(?:\w+\s+){{0,3}}?{everyone}\b",
        r"\b(?:bot|system|scheduler|job|pipeline|workflow|tool|automation|cron|pagerduty|slack)\b|\b(?:retrain|re-train)\b[^.]*\b(?:models?|classifiers?|detectors?|rankers?|networks?|embeddings?)\b",
    )
    yield rule(
        kind,
        r"\bpay(?:ing)?\s+(?:\w+\s+)?attention\b|\battention\s+to\s+detail\b|\braise\s+awareness\b|\bawareness\s+(?:session|training|campaign)\b|\b(?:try|work)\s+harder\b|\bdo\s+(?:a\s+)?better(?:\s+job)?\b|\bthink\s+(?:twice|before|harder|carefully)\b|\bremember\s+to\b|\bdon't\s+(?:do\s+(?:that|this|it)|make\s+(?:this|that|the\s+same)\b)|\bnot\s+make\s+(?:this|that|the\s+same)\s+mistake\b|\bavoid\s+(?:making\s+)?(?:such|these|this|similar)\s+mistakes?\b",
    )
    yield rule(
        kind,
        r"\bcommunicate\s+(?:\w+\s+){0,3}?(?:better|more|earlier|sooner|clearly|effectively|often)\b|\b(?:better|improve[ds]?|improving|clearer|more)\s+(?:\w+\s+){0,3}?communications?\b|\bcommunication\s+(?:needs?\s+to|must|should)\s+(?:be\s+)?improve",
        r"\b(?:metric|latency|protocol|channel)s?\b",
    )
    yield rule(
        kind,
        rf"(?:^|[:;]\s*)(?:\w+ )?(?:re-?train(?:ing)?|additional\s+training|more\s+training|better\s+training|refresher\s+training|training\s+for|provide\s+(?:\w+\s+)?training|train\s+(?:the\s+)?{everyone})\b",
        r"\b(?:models?|classifiers?|detectors?|jobs?|data\s*set|pipeline)\b",
    )
    yield rule(
        kind,
        rf"\b(?:make\s+sure|ensure|tell|ask|encourage|urge)\s+(?:that\s+)?{everyone}\s+(?:to\s+)?(?:always\s+|properly\s+|really\s+)?(?:follows?|know|knows|remembers?|reads?|check|checks|understands?|double|stop|be|are|is\s+(?:aware|careful)|use|test|think|communicate)\b",
    )
    yield rule(
        kind,
        r"(?:\baction(?:\s+items?)?\s*\d*\s*:\s*|^)(?:always\s+|please\s+)?(?:double[- ]check|triple[- ]check|check\s+(?:twice|more\s+carefully|carefully)|follow\s+the\s+(?:process|procedure|checklist|runbook|rules)|stop\s+making|avoid\s+human)\b",
    )
    yield rule(
        kind,
        rf"{who}\s+(?:must|should|need\s+to|needs\s+to|has\s+to|have\s+to|will|ought\s+to)\s+(?:always\s+|really\s+|also\s+)?(?:be\s+(?:more|less|better|reminded|told|warned|retrained)|pay|double[- ]check|follow\s+the|remember|learn\s+(?:to|from)|improve\s+(?:his|her|their)|take\s+(?:more|better|greater))\b",
    )


def soft(people: tuple[str, ...]) -> Iterable[Rule]:
    """Softer habits: one root cause, and people by name."""
    yield rule(
        Category.SINGLE_CAUSE,
        r"\b(?:the|a|single|sole|one|only|true|real|actual|ultimate|primary|main)\s+root[ -]cause\b(?!\s+analys)|^root[ -]cause\s*(?::|was\b|is\b)|^root[ -]cause$",
        r"\b(?:no|not|never|without|rather\s+than|instead\s+of)\b[^.]*\broot[ -]cause\b",
    )
    yield rule(Category.PERSON_NAMED, MENTION)
    past = r"(?:\w+ed|was|were|had|did|ran|took|made|began|saw|found|told|wrote|sent|set|put|went|said|knew|thought|left|got|built|chose|broke|forgot|restarted|rolled)"
    known = names(people)
    yield rule(
        Category.PERSON_NAMED, rf"(?<![\w-])(?:{known})\s+(?:\w+ly\s+)?(?:and\s+\w+\s+)?{past}\b"
    )
    yield rule(
        Category.PERSON_NAMED,
        rf"\b(?:by|asked|told|paged|called|from|to|with|and|owner)\s+(?:{known})(?:\s*[.,;)]|\s+(?:at|to|and|on|in|who|from|for)\b|$)|(?<![\w-])(?:{known})'s\b",
    )
