"""What was changed by hand and Terraform would put back: proposed to Terraform as a draft pull request."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    LeftoverCleared,
    LeftoverKeepAsked,
    LeftoverKeepFailed,
    LeftoverKept,
)
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident, Leftover, MitigationState
from bot.domain.people import Person
from bot.domain.written import Keeping, Kept
from bot.reactions import reacts_to
from bot.tools import Tools


def ask_to_keep(tools: Tools, incident_id: str, leftover: str, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.ask_to_keep(leftover, by=by)


@reacts_to(LeftoverKeepAsked, name="keep-leftover", key=lambda fact: getattr(fact, "leftover", ""))
def keep_leftover(tools: Tools, entry: Entry) -> None:
    """Found again by its marker: after a crash the same one is the answer."""
    asked = entry.fact
    assert isinstance(asked, LeftoverKeepAsked)
    incident = tools.timeline.read(entry.incident)
    left = incident.leftovers[asked.leftover]
    if left.kept or not left.standing:
        return
    held = incident.mitigation(left.mitigation)
    fact: Fact
    try:
        fact = _told(left, _proposed(tools, incident, held), asked.by)
    except Refused as refused:
        fact = LeftoverKeepFailed(leftover=left.id, why=str(refused), by_hand=_by_hand(held))
    except VendorDown:
        raise
    except VendorError as failed:
        by_hand = f"{failed.by_hand} {_by_hand(held)}".strip()
        fact = LeftoverKeepFailed(leftover=left.id, why=failed.why, by_hand=by_hand)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(fact)


def stays(tools: Tools, left: Leftover) -> bool:
    """Whether what was proposed for it was merged, or done by hand."""
    if not left.kept or tools.forge is None:
        return False
    return tools.forge.settled(left.kept, doing="see what became of the pull request")


def _told(left: Leftover, made: Kept | None, by: Person) -> Fact:
    if made is None:
        shows = "Terraform's code says so already"
        return LeftoverCleared(leftover=left.id, shows=shows, by=by, kept=True)
    return LeftoverKept(leftover=left.id, address=made.address, why=made.why)


def _proposed(tools: Tools, incident: Incident, held: MitigationState) -> Kept | None:
    plan = held.plan
    module = tools.catalog.module_of(plan.owned_by, plan.environment)
    if module is None:
        raise Refused(f"The catalog no longer says where {plan.owned_by} lies.")
    if tools.forge is None:
        raise Refused("GitHub is not configured.")
    tools.gate.allow("open a pull request")
    keeping = Keeping(
        marker=f"{incident.id}-{held.id}",
        title=f"Keep {plan.service} as it was set by hand: {plan.live_label} → {plan.target_label}",
        body="\n".join(_body(incident, held)),
        module=module.name,
        folders=module.folders(plan.environment),
        settings=plan.written,
    )
    return tools.forge.keep(keeping, doing=f"propose to {plan.owned_by} what was set by hand")


def _body(incident: Incident, held: MitigationState) -> Iterator[str]:
    plan = held.plan
    yield f"**{plan.title}** was done by hand in {plan.environment}, around {plan.owned_by}."
    yield "Terraform puts it back at its next run."
    yield ""
    yield "| | before | after |"
    yield "|---|---|---|"
    for each in plan.differences:
        yield f"| {_cell(each.what)} | {_cell(each.before)} | {_cell(each.after)} |"
    yield ""
    yield from _written(held)
    yield f"- Incident: {incident.id}: {incident.title}{_channel(incident)}"
    for page in incident.pages.values():
        yield f"- Page: {page.page.address}"
    yield f"- Proposed by {held.proposed_by.name}{_approved(held)}"
    if held.underway_at:
        yield f"- In force since {held.underway_at:%Y-%m-%d %H:%M} UTC"
    yield ""
    yield f"**Merge it** to keep {plan.target_label}."
    yield f"**Close it** to let Terraform put {plan.live_label} back."


def _written(held: MitigationState) -> Iterator[str]:
    for each in held.plan.written:
        yield f"- In the code: {each.told}"


def _approved(held: MitigationState) -> str:
    if held.approved_by is None or held.approved_at is None:
        return ""
    alone = f", alone: {held.broke_glass}" if held.broke_glass else ""
    return f", approved by {held.approved_by.name} at {held.approved_at:%H:%M} UTC{alone}"


def _channel(incident: Incident) -> str:
    if not incident.channel:
        return ""
    name = incident.channel_name or incident.wanted_name
    return f" ([#{name}](https://slack.com/app_redirect?channel={incident.channel}))"


def _by_hand(held: MitigationState) -> str:
    changes = [each.told for each in held.plan.written]
    changes = changes or [f"{d.what}: {d.before} → {d.after}" for d in held.plan.differences]
    return f"Commit it to {held.plan.owned_by} yourself: {'; '.join(changes)}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
