"""Rules about judging people: hindsight, character, guilt and questions that put on trial."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.blameless.findings import Category, Rule, rule
from bot.domain.blameless.people import GROUPS, MENTION, POSSESSIVES, names


def judgement(who: str) -> Iterable[Rule]:
    """Words about a person's character."""
    kind = Category.CHARACTER
    yield rule(
        kind,
        r"\b(?:careless(?:ly|ness)?|incompeten(?:t|ce|tly)|negligen(?:t|ce|tly)|stupid(?:ly|ity)?|idiot(?:s|ic)?|moron(?:s|ic)?|reckless(?:ly|ness)?|foolish(?:ly)?|irresponsib(?:le|ly)|complacen(?:t|cy)|inattentive(?:ness)?|unprofessional(?:ly)?|clueless|thoughtless(?:ly)?|ignoran(?:t|ce)|amateur(?:ish)?|lackadaisical|inept|laziness|sloppiness|arrogan(?:t|ce)|silly|ridiculous(?:ly)?|unforgivable|inexcusable|embarrassing(?:ly)?|shameful)\b",
    )
    yield rule(
        kind,
        r"\blazy\b(?!\s*-?\s*(?:load|init|eval|import|fetch|connect|mode|sequence|propert|bind|instan|allocat|unmount|write|delet|consisten|quorum|cach|creat|refresh|expir|m?map))",
    )
    yield rule(kind, r"\bsloppy\b(?!\s+(?:quorum|phrase))|\bdumb\b(?!\s+(?:terminal|pipe|proxy))")
    yield rule(
        kind,
        r"\b(?:poor|bad|terrible|questionable|faulty)\s+(?:personal\s+)?(?:judge?ment|decision(?:s|-making)?|discipline|attitude|work\s+ethic|choices?\s+by|engineering\s+practice|craftsmanship)\b|\berrors?\s+(?:of|in)\s+judge?ment\b",
    )
    yield rule(
        kind,
        r"\black(?:ed|s|ing)?\s+(?:of\s+)?(?:the\s+|any\s+|basic\s+|proper\s+)*(?:care|attention|discipline|diligence|ownership|competence|professionalism|common\s+sense|skills?|experience|judge?ment|responsibility|vigilance)\b",
    )
    yield rule(
        kind,
        rf"{who}\s+(?:\w+\s+)?(?:was|were|is|are|seemed|appeared)\s+(?:\w+ly\s+|too\s+|so\s+|very\s+|not\s+|just\s+)*(?:unaware|inexperienced|unqualified|incapable|unskilled|overconfident|confused|distracted|asleep|unprepared|untrained|oblivious|hasty|impatient|junior|new|unfamiliar|forgetful|undisciplined|disorgani[sz]ed|slow|competent|careful\s+enough|experienced\s+enough|good\s+enough|out\s+of\s+(?:his|her|their)\s+depth)\b",
    )
    yield rule(
        kind,
        r"\b(?:rookie|beginner'?s?|basic|dumb|silly|amateur|schoolboy|elementary|trivial)\s+(?:mistake|error|blunder)s?\b|\bcommon\s+sense\b|\b(?:asleep\s+at\s+the\s+(?:wheel|switch))\b|\bany\s+(?:competent|decent|good|reasonable|sensible)\s+(?:engineer|developer|person|operator|admin|sre)\b",
    )
    yield rule(
        kind,
        rf"{who}\s+(?:did\s+not|didn't|doesn't|don't|does\s+not|do\s+not|couldn't\s+be\s+bothered|could\s+not\s+be\s+bothered)\s+(?:care|bother|understand\s+(?:basic|how|the\s+basics)|think|pay\s+attention)\b",
    )


def hindsight(who: str) -> Iterable[Rule]:
    """Words that make the outcome look plain from the start."""
    kind = Category.HINDSIGHT
    yield rule(
        kind,
        r"(?<!not )(?<!n't )(?<!non-)(?<!no )(?<!less )(?<!never )(?<!nothing )(?<!anything )(?<!something )(?<!not immediately )(?<!not at all )(?<!not so )\bobvious(?:ly)?\b",
        r"\bmore\s+obvious\b|\bobvious\s+(?:fix|choice|candidate|suspect|next)\b|\bmake\b[^.]*\bobvious\b",
    )
    yield rule(
        kind,
        r"^clearly\b|(?:[,;]\s|\b(?:was|were|is|are|had|has|have|should|could|would|did|it's|they|we|he|she|team|engineer|responder|logs?|graphs?|dashboards?|signs?|warnings?|data|metrics)\s+)clearly\b(?!\s+(?:label|mark|document|nam|separat|defin|written|communicat|list|describ|own|scop|split|distinguish))",
    )
    yield rule(
        kind,
        r"\b(?:simply|merely)\s+(?:had|have|has|needed|needs?|required|should|ought|forgot|not\s+\w+)\b"
        r"|\b(?:simply|just|merely|only)\s+(?:needed\s+to|ought\s+to|a\s+(?:matter|case)\s+of|forgot\b"
        r"|should\s+have|(?:had|have)\s+to\b)|^simply\b",
        r"\bjust\s+had\s+been\b",
    )
    yield rule(kind, rf"{who}\s+(?:\w+\s+)?(?:simply|merely)\b")
    yield rule(
        kind,
        r"(?:^|[,;:–—-]\s*)of\s+course\b(?!\s+(?:page|content|cop|id|data|record|enrol|\d))|\bof\s+course\s*[,!]|\b(?:was|were|is|did|would|should|will)\s+of\s+course\b",
    )
    yield rule(
        kind,
        r"\b(?:could|should|would|might|can)\b[^.]{0,25}\beasily\b[^.]{0,15}\b(?:have|been)\b|\beasily\s+(?:have\s+)?(?:been\s+)?(?:avoid(?:ed|able)|prevent(?:ed|able)|caught|spotted|seen|detected|noticed|found|foreseen|fixed)\b|\beasy\s+to\s+(?:spot|see|notice|avoid|prevent|catch|foresee)\b|\beasily\s+(?:avoid|prevent|preventable|avoidable)",
        r"\b(?:alert|check|test|gate|rule|index|monitor)s?\s+can\s+easily\b",
    )
    yield rule(
        kind,
        r"\b(?:in|with(?:\s+the\s+benefit\s+of)?)\s+hindsight\b|\b(?:anyone|anybody|everyone|everybody)\s+(?:could|can|would|knows?|knew|should)\b|\bneedless\s+to\s+say\b|\bgoes\s+without\s+saying\b|\bas\s+everyone\s+knows\b|\bit\s+was\s+(?:plain|evident|apparent|predictable|inevitable|foreseeable)\b|\bunsurprisingly\b|\b(?:all|every)\s+the\s+(?:warning\s+)?signs\s+were\s+there\b|\b(?:bound|guaranteed)\s+to\s+(?:happen|fail|break)\b",
    )


def questions(who: str) -> Iterable[Rule]:
    """Who did it, and why did they."""
    kind = Category.WHO_WHY
    lead = r"^(?:(?:open\s+)?questions?\s*:?\s*|Q\d*[:.]\s*|and\s+|so,?\s+|but\s+)?"
    yield rule(
        kind,
        rf"{lead}who(?:\s+(?:exactly|else|actually|on\s+the\s+team))?\s+(?:\w+ly\s+)?(?!noticed|detected|reported|responded|saw|used|joined|acked|acknowledged|owned|needed|received|got)(?:\w+ed|did|made|let|broke|wrote|left|forgot|took|put|gave|ran|thought|said|knew|built|set|told|chose|sent|was\s+(?:responsible|supposed|to\s+blame|at\s+fault|meant|behind|in\s+charge|watching|negligent)|is\s+(?:responsible|to\s+blame|at\s+fault|accountable|behind)|should\s+have|could\s+have|screwed|messed|authori[sz]ed)\b[^?]*\?",
        r"\bwho\s+was\s+(?:affected|impacted|paged|on\s+call)\b",
    )
    yield rule(
        kind,
        rf"(?:^|[:;,]\s|\bask(?:ed)?\s)(?:and\s+|so\s+|but\s+)?why\s+(?:did|didn't|was|wasn't|were|weren't|had|hadn't|would|wouldn't|does|doesn't|do|don't|is|isn't|are|could|couldn't|on\s+earth\s+did)\s+(?:not\s+)?(?:{who})\b",
    )
    yield rule(
        kind,
        r"\bwhose\s+(?:fault|mistake|idea|decision|responsibility|change|job)\b[^?]*\?|\bwhat\s+(?:was|were)\s+(?:he|she|they|you|the\s+\w+)\s+thinking\b|\bhow\s+could\s+(?:he|she|they|you|anyone|we|the\s+(?:team|engineer))\b",
    )


def blame(who: str, people: tuple[str, ...]) -> Iterable[Rule]:
    """Fault and guilt."""
    kind = Category.BLAME
    hardware = (
        r"(?!\s*-?\s*(?:light|code|toleran|domain|log|handler|inject|line|rate|detect|isolat))"
    )
    yield rule(
        kind,
        rf"(?:\b(?:{POSSESSIVES}|nobody's|anyone's)|(?:{names(people)}|{MENTION}|(?-i:{GROUPS})|\b(?:engineer|developer|team|vendor|operator|reviewer|admin|manager|intern|contractor|customer|user|responder|support)s?)(?:'s|'))\s+(?:own\s+)?faults?\b{hardware}",
    )
    yield rule(
        kind,
        rf"\bat\s+fault\b|\bfaults?\s+(?:of|lies\s+with|is\s+with|rests\s+with)\s+(?:{who})|\bfault\s+lies\b",
    )
    yield rule(
        kind,
        r"\b(?:to|the|take|takes|took|deserves?|share|bears?|shift|assign)\s+(?:\w+\s+)?blame\b|\bblam(?:ed|es|ing)\b|\bblame\s+(?:lies|falls|rests|goes|for)\b|\b(?:we|i|they|can|must|should)\s+blame\b",
        r"\bgit\s+blame\b|\bblame\s+(?:output|view|layer|tool|line|annotat|history)\b|\b(?:without|no|not|avoid|never|nobody)\b[^.]*\bblam|\bblame-?(?:less|free)\b",
    )
    yield rule(
        kind,
        r"\bguilty\b|\bguilt\b|\bculpab(?:le|ility)\b|\bheld\s+(?:\w+\s+)?(?:accountable|responsible)\b|\bdisciplin(?:ary|ed)\b|\breprimand(?:ed)?\b|\bpunish(?:ed|ment)?\b|\bshame\b|\bscapegoat\b|\blet\s+(?:us|everyone|the\s+team|customers)\s+down\b|\bpoint(?:ed|ing)?\s+(?:the\s+|a\s+)?fingers?\b",
    )
    yield rule(
        kind,
        rf"\bculprit\b[^.]*(?:{names(people)}|{MENTION})|(?:{who})\s+(?:was|were|is)\s+(?:the\s+)?culprits?\b",
    )
    yield rule(
        kind,
        rf"{who}\s+(?:was|were|is|are)\s+(?:solely\s+|fully\s+|entirely\s+|directly\s+)?(?:responsible|accountable)\s+for\s+(?:the|this)\s+(?:\w+\s+)?(?:outage|incident|failure|downtime|mistake|error|breakage|mess)",
    )
