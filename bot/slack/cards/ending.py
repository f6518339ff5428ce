"""The forms of the end: resolved with its proof, suspects judged, and the work that follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.domain.events import SuspectVerdict
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.review import FollowUpType
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    View,
    actions,
    answer,
    clip,
    context,
    escape,
    press,
    section,
    write,
)
from bot.slack.cards.budgets import cost
from bot.slack.cards.inputs import day, person, select, words

_TYPES = {
    FollowUpType.PREVENT.value: "Prevent: it cannot happen again",
    FollowUpType.MITIGATE.value: "Mitigate: it ends faster next time",
    FollowUpType.DETECT.value: "Detect: it is seen sooner next time",
    FollowUpType.PROCESS.value: "Process: how we work together",
}


def resolve(incident: Incident) -> View:
    """With the proof where there is one, else it asks why not."""
    blocks: list[Block] = [section("\n".join(_state(incident)))]
    blocks.append(
        answer(
            "How did it end?",
            write("how", initial=incident.mitigated_how, lines=True, limit=1000),
            optional=bool(incident.mitigated_how),
        )
    )
    if not incident.proven:
        blocks.append(
            answer(
                "Why resolve without proof?",
                write("because", lines=True, limit=500),
                hint="Say `did …` first and the error rate is watched: then no reason is needed.",
            )
        )
    if left := "\n".join(_left(incident)):
        blocks.append(section(left))
    blocks.append(context("Root cause analysis may go on afterwards; resolving does not wait."))
    return View(
        name=Act.RESOLVE_FORM,
        title="Resolve the incident",
        submit="Resolve the incident",
        carries=carried(incident.id),
        blocks=tuple(blocks),
    )


def _state(incident: Incident) -> Iterable[str]:
    if incident.proven:
        yield f"✅ *Proven:* {escape(incident.proven)}"
    else:
        yield "⚠️ *Not proven:* nothing shows yet that users are well again."
    if told := cost(incident):
        yield f"💸 *Spent:* {escape(told)}"
    pages = len(incident.open_pages)
    if pages:
        yield f"{pages} open page{'' if pages == 1 else 's'} will be resolved in PagerDuty as you."


def _left(incident: Incident) -> Iterable[str]:
    standing = incident.standing_leftovers
    if standing:
        yield "*Stays behind:*"
    for left in standing[:5]:
        yield f"• {escape(left.text)}, for {escape(left.team or 'nobody')}"
    if len(standing) > 5:
        yield f"and {len(standing) - 5} more"


def suspects(incident: Incident) -> View:
    """Each change that is suspected, with what was found and what people said of it."""
    blocks: list[Block] = []
    for suspect in incident.suspects[:10]:
        change = suspect.change
        name = f"{change.service} {change.after}".strip()
        judged = incident.verdicts.get(change.id)
        said = f"*{judged.verdict.value}* by {judged.by.mention}" if judged else "not judged yet"
        reasons = escape(clip("; ".join(suspect.reasons), 300))
        blocks.append(section(f"*{escape(name)}* ({said})\n{reasons}"))
        value = carried(incident.id, change.id)
        buttons = [
            press(label, action, value)
            for verdict, label, action in (
                (SuspectVerdict.CONFIRMED, f"Confirm {name}", Act.CONFIRM_SUSPECT),
                (SuspectVerdict.RULED_OUT, f"Rule out {name}", Act.RULE_OUT_SUSPECT),
            )
            if judged is None or judged.verdict is not verdict
        ]
        blocks.append(actions(*buttons))
    if not blocks:
        blocks.append(
            section("No change is suspected: none was found before the first bad minute.")
        )
    for source in incident.changes_not_checked[:5]:
        blocks.append(context(f"Not checked: {escape(source)}"))
    return View(
        name=Act.SUSPECTS_FORM,
        title="Suspects",
        carries=carried(incident.id),
        blocks=tuple(blocks),
    )


def follow_up(incident: Incident, *, owner: Person, due: date, title: str = "") -> View:
    """One owner, a date, and how one sees that it is done."""
    return View(
        name=Act.FOLLOW_UP_FORM,
        title="Follow-up",
        submit="Add the follow-up",
        carries=carried(incident.id),
        blocks=(
            answer(
                "What is to be done?",
                write("title", initial=title, placeholder="Check the migration in CI", limit=200),
                hint="The verb first: add, remove, alert, check, document …",
            ),
            answer("Who owns it?", person("owner", "One person", user=owner.user_id)),
            answer(
                "What does it change?",
                select("type", "Type", words(_TYPES), value=FollowUpType.PREVENT.value),
            ),
            answer(
                "How does one see that it is done?",
                write("done", placeholder="A deploy with a missing column fails in CI", limit=300),
            ),
            answer("Until when?", day("due", due)),
        ),
    )
