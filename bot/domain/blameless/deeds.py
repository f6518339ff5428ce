"""Rules about what people did or did not do, told apart from what machines did."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.blameless.findings import Category, Rule, rule
from bot.domain.blameless.people import GROUPS, MENTION, POSSESSIVES, names

ADVERBS = (
    r"(?:\s+(?:also|again|then|simply|just|clearly|obviously|repeatedly|completely|totally|even"
    r"|still|initially|first|somehow|apparently|probably|mistakenly|entirely|both|all|really"
    r"|consistently|routinely|deliberately|carelessly|\w+ly|had|has|have|who|that))*"
)
# Past participles of what people do at work; a machine that "should have printed" is a fact.
PARTICIPLE = r"(?:\w+ed|been|done|known|seen|read|told|taken|made|run|gone|caught|kept|held|left|set|put|thought|understood|written|given|asked|begun|sent|brought|found|got|gotten|had|spoken|stopped|chosen|built|paid|met|let|come)"
HUMAN_WORK = (
    r"(?:reviewed|tested|caught|noticed|checked|double-checked|verified|prevented|avoided"
    r"|escalated|rolled back|done|spotted|seen|documented|communicated|told|informed|considered"
    r"|anticipated|foreseen|raised|asked|planned|announced|declared|mitigated earlier|fixed"
    r"|identified|addressed|questioned|followed|discussed|approved|investigated|acted on|known"
    r"|understood|taken|coordinated|reverted|handled better|thought|made|read|picked up|learned"
    r"|flagged|staffed|trained|monitored|shorter|smaller|faster|quicker|avoidable)"
)
NEUTRAL_AFTER_NOT = (
    r"(?:have|need|know|see|receive|get|lose|find|observe|own|affect|experience|want|require|yet"
    r"|change|cause|contribute|impact|apply|matter|work|use|help|exist)"
)
SPEC = r"\b(?:SLOs?|SLAs?|API|spec|specification|schema|contract|RFC|expected output|by design)\b"
CAUSED = r"(?:caused|triggered|introduced|induced|brought on|broken|taken down)"


def counterfactual(who: str) -> Iterable[Rule]:
    """Should have, could have: a past that did not happen."""
    modal = r"(?:should|could|ought\s+to|might|must|would|needed\s+to)"
    have = r"(?:(?:\s+not|n't)?(?:\s+\w+ly|\s+just|\s+at\s+least|\s+also|\s+never)?\s+have|n?'ve)"
    lucky = r"\bhave\s+(?:lost|been\s+(?:much\s+)?worse)\b"
    kind = Category.COUNTERFACTUAL
    yield rule(
        kind,
        rf"{who}\s+would\s+(?:never\s+)?have\s+(?:known|noticed|seen|caught|checked|spotted|asked)\b",
    )
    yield rule(
        kind,
        rf"{who}{ADVERBS}\s+(?:should|could|ought\s+to|needed\s+to){have}\s+(?:\w+ly\s+)?{PARTICIPLE}\b",
        f"{SPEC}|{lucky}",
    )
    yield rule(
        kind,
        rf"\b{modal}{have}\s+(?:\w+ly\s+)?been\s+(?:\w+ly\s+|more\s+\w+\s+)?{HUMAN_WORK}\b",
        SPEC,
    )
    yield rule(
        kind,
        rf"\bshould{have}\s+(?:\w+ly\s+)?(?:known|noticed|realised|realized|thought|asked|checked|tested|remembered|escalated|consulted|spoken|listened|waited)\b",
        SPEC,
    )


def conditional(who: str) -> Iterable[Rule]:
    """ "If only", "had we": the same wish in another grammar."""
    kind = Category.COUNTERFACTUAL
    yield rule(kind, r"\bif\s+only\b(?!\s+(?:one|two|three|a|an|some|part|half|the\s+first|\d))")
    yield rule(
        kind,
        rf"\bif\s+(?:{who})\s+(?:had|hadn't)\s+(?:not\s+|only\s+|just\s+|\w+ly\s+)?{PARTICIPLE}\b",
    )
    yield rule(
        kind,
        r"\bif\b[^.?!]*\b(?:had|hadn't)\b[^.?!]*\b(?:would|could|might)(?:n't|\s+not)?\s+have\b",
    )
    yield rule(
        kind,
        r"\b(?:would|could|might)(?:n't|\s+not)?\s+have\b[^.?!]*\b(?:if|had)\b[^.?!]*\b(?:had|been|not|\w+ed)\b",
        SPEC,
    )
    yield rule(
        kind,
        rf"(?:^|[;:,]\s)had\s+(?:the|an?|this|that|it|there|any|our|{who}|\w+)\b[^?]*,[^?]*$(?<!\?)",
        r"^had\s+to\b",
    )
    yield rule(
        kind,
        r"\b(?:would\s+not|wouldn't|would\s+never)\s+have\s+(?:happened|occurred|gone|broken|failed|been)\b",
    )
    yield rule(kind, rf"{who}\s+(?:was|were)\s+(?:supposed|meant)\s+to\b")


def failed(who: str) -> Iterable[Rule]:
    """A person who failed, forgot, missed; a pod may fail as it likes."""
    kind = Category.PERSON_FAILED
    no_prior = r"(?<!\bby )(?<!\bfor )(?<!\bfrom )(?<!\bto )(?<!\bwith )(?<!\bof )(?<!\bof the )(?<!\bby the )(?<!\bfor the )(?<!\bfrom the )(?<!\bto the )(?<!\bwith the )"
    verbs = (
        r"(?:failed|fails|failing|neglected|omitted|refused)\s+to|forgot|forgets|forgotten|missed"
        r"|misses|ignored|ignores|ignoring|overlooked|overlooks|skipped|skips|neglected|neglects"
        r"|disregarded|bypassed|dropped the ball|messed up|screwed up|slipped up|botched|fumbled"
        r"|misread|misjudged|misunderstood|misconfigured|mishandled|mistyped|bungled|panicked"
        r"|never\s+(?:bothered|checked|tested|told|asked|read|looked|noticed|verified|reviewed"
        r"|ran|followed|informed|escalated|updated|documented|warned|thought|considered)"
        r"|chose\s+not\s+to|did\s+nothing|took\s+too\s+long|was\s+too\s+slow|were\s+too\s+slow"
        r"|lacked|blundered|made\s+(?:a|an|the|several|some)\s+(?:\w+\s+){0,2}(?:mistakes?|errors?|blunders?)"
        r"|(?:was|were)\s+(?:not|n't)\s+(?:paying|following|watching|aware|careful|prepared|trained)"
        r"|(?:wasn't|weren't)\s+(?:paying|following|watching|careful|prepared)"
    )
    yield rule(
        kind,
        rf"{no_prior}{who}{ADVERBS},?\s+(?:{verbs})\b",
        r"\bmissed\s+(?:calls?|pages?)\s+(?:rate|metric)",
    )
    yield rule(
        kind,
        rf"{no_prior}{who}{ADVERBS}\s+(?:did\s+not|didn't|has\s+not|hasn't|had\s+not|hadn't|have\s+not|haven't)(?:\s+(?:even|bother\s+to|properly|\w+ly))*\s+(?!{NEUTRAL_AFTER_NOT}\b)\w+",
        r"\bif\s+(?:you|they)\b|\bbut\s+you\s+did\b",
    )
    yield rule(
        kind,
        r"\b(?:nobody|no\s+one|no-one|none\s+of\s+(?:us|the\s+\w+))\s+(?:\w+ly\s+)?(?:checked|noticed|tested|looked|reviewed|thought|bothered|told|asked|read|escalated|updated|verified|caught|spotted|acted|responded|realised|realized|picked|took|was\s+(?:watching|paying))\b",
    )
    yield rule(
        kind,
        rf"\b(?:forgotten|missed|ignored|overlooked|skipped|neglected|mishandled|misread|misconfigured|disregarded|bypassed|botched|unnoticed|not\s+(?:noticed|checked|tested|reviewed|read|followed))\s+by\s+(?:{who})",
    )
    yield rule(
        kind,
        r"^(?:action:\s*)?(?:forgot|failed|neglected)\s+to\s+(?:tell|ask|check|test|update|notify|inform|escalate|read|review|follow|run)\b",
    )
    yield rule(kind, rf"{who}\s+(?:should|must|need\s+to)\s+(?:have\s+)?know(?:n)?\s+better\b")


def human_error() -> Iterable[Rule]:
    """Error given as a person's, told apart from a metric that counts errors."""
    error = (
        r"(?:human|pilot|people|personnel|engineer|developer|administrator|admin|manual|clerical)"
        r"[ -](?:errors?|mistakes?|slips?|failing)\b"
    )
    tail = r"(?!\s*(?:rates?|counts?|budget|messages?|codes?|pages?|reports?|logs?|handling|handler|metrics?|dashboard|percentage|ratio|responses?|types?|-))"
    yield rule(Category.HUMAN_ERROR, rf"\b{error}{tail}")
    yield rule(
        Category.HUMAN_ERROR,
        rf"\b(?:caused\s+by|due\s+to|because\s+of|result\s+of|attributed\s+to|down\s+to|was|were|is|cause:|simple|plain|classic|another|an?)\s+(?:an?\s+|\w+\s+)?(?:user|operator)[ -]errors?\b{tail}|^(?:user|operator)\s+error\b{tail}",
    )
    yield rule(Category.HUMAN_ERROR, r"\bfat[ -]finger(?:s|ed|ing)?\b|\bPEBKAC\b")


def slips(who: str) -> Iterable[Rule]:
    """A person who typed, pushed or left the wrong thing."""
    kind = Category.PERSON_CAUSE
    yield rule(
        kind,
        rf"{who}(?:\s+had|\s+has|\s+who)?\s+(?:typed|ran|deployed|pushed|merged|applied|entered"
        rf"|used|left|picked|selected|committed|shipped|set|copied|edited|deleted|restarted|released)"
        rf"\s+(?:\w+\s+){{0,3}}(?:wrong|bad|broken|faulty|incorrect|buggy|untested)\b",
    )


def cause(who: str, people: tuple[str, ...]) -> Iterable[Rule]:
    """A person, or their error, given as the cause."""
    owned = rf"(?:(?:{names(people)}|{MENTION}|(?-i:{GROUPS})|\b(?:the|an?|our)\s+(?:[\w-]+\s+){{0,2}}(?:engineer|developer|operator|admin|reviewer|team|vendor|intern|contractor|dba|sre|manager|author|colleague|on-call|responder|person|employee|staff|lead)(?:s)?)(?:'s|s'|')|\b(?:{POSSESSIVES}))"
    kind = Category.PERSON_CAUSE
    yield rule(
        kind,
        rf"\b{CAUSED}\s+(?:\w+ly\s+)?by\s+(?:{who}|{owned})",
        r"\bby\s+(?:the\s+|a\s+)?(?:vendor|supplier|manager)\s+(?:API|outage|issue)",
    )
    yield rule(
        kind,
        rf"\b(?:due\s+to|because\s+of|result\s+of|thanks\s+to|down\s+to|traced\s+to|attributed\s+to|stemmed\s+from|led\s+to\s+by)\s+(?:{owned})\s+(?:\w+\s+){{0,3}}(?:mistake|error|oversight|failure|carelessness|decision|change|deploy|deployment|commit|negligence|misunderstanding|inattention|lack|action|actions|inaction|typo|laziness|haste)",
    )
    yield rule(
        kind,
        rf"{who}(?:\s+\w+ly|\s+who|\s+had|\s+has)*\s+(?:broke|caused|took\s+down|brought\s+down|took\s+(?:\w+\s+){{1,3}}(?:down|offline)|crashed|killed|wiped|ruined|was\s+(?:the\s+cause|responsible\s+for)|were\s+(?:the\s+cause|responsible\s+for)|is\s+responsible\s+for\s+(?:the|this)\s+(?:\w+\s+)?(?:outage|incident|failure|downtime|mistake|error))\b",
    )
    yield rule(
        kind,
        rf"{who}(?:\s+had|\s+has|\s+who)?\s+(?:accidentally|mistakenly|inadvertently|wrongly|incorrectly|erroneously|unwittingly|blindly|recklessly|hastily|prematurely)\s+\w+",
        r"\bif\s+you\b",
    )
    yield rule(
        kind,
        rf"(?:{owned})\s+(?:\w+\s+){{0,2}}(?:mistakes?|blunders?|oversights?|negligence|carelessness|incompetence|errors?\s+in\s+judge?ment|inexperience|inattention|failure\s+to|inability\s+to|laziness|haste)\b",
    )
    yield rule(
        kind,
        rf"\b(?:mistake|oversight|blunder|error)\s+(?:made\s+)?by\s+(?:{who})|\bmistake\s+(?:of|on\s+the\s+part\s+of)\s+(?:{who})",
    )
    yield rule(
        kind,
        rf"\bcause\s+(?:was|is|of\s+the\s+\w+\s+was)\s+(?:that\s+)?(?:{names(people)}|{MENTION})",
    )
