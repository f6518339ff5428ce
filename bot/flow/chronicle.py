"""The incident as a reader wants it afterwards: roles instead of names, times computed, gaps named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from bot.domain.catalog import Catalog
from bot.domain.events import RoleGiven, StepState, SuspectVerdict
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.mitigation import MitigationStage
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.flow import budget_words
from bot.flow.shown import lasting
from bot.flow.telling import tell

_GAP = timedelta(minutes=15)
_MOST_GAPS = 5
_TOUCHED = 0.001
"""Of a budget: what costs less is not worth a line."""


@dataclass(frozen=True)
class Chronicle:
    """Everything the postmortem's template asks for."""

    incident: Incident
    entries: Sequence[Entry]
    catalog: Catalog
    head: str

    def values(self) -> dict[str, object]:
        incident = self.incident
        return {
            "facts": self._front(),
            "summary": self._summary(),
            "impact": self._impact(),
            "timeline": self._timeline(),
            "detection": self._detection(),
            "factors": [self._clean(text) for text, _by in incident.factors],
            "trigger": self._trigger(),
            "response": self._response(),
            "recovery": self._clean(incident.proven or incident.unverified_because),
            "open_questions": self._questions(),
            "actions": [self._action(f) for f in incident.follow_ups.values()],
            "runbook_changes": self._runbook_changes(),
            "external_message": self._public(),
            "gaps": self._gaps(),
            "similar": [],
        }

    def _front(self) -> dict[str, object]:
        i = self.incident
        start, detected = i.impact_start, i.opened_at
        severity = i.severity.value if i.severity else ""
        return {
            "id": i.id,
            "title": self._clean(i.title),
            "severity": severity,
            "status": "draft",
            "owner": "",
            "commander": "incident commander" if i.commander else "",
            "services": [i.service] if i.service else [],
            "environment": i.environment,
            "started_at": _stamp(start),
            "detected_at": _stamp(detected),
            "acked_at": _stamp(i.acknowledged_at),
            "mitigated_at": _stamp(i.mitigated_at),
            "resolved_at": _stamp(i.resolved_at),
            "ttd_s": _between(start, detected),
            "tta_s": _between(detected, i.acknowledged_at),
            "ttm_s": _between(start, i.mitigated_at),
            "ttr_s": _between(start, i.resolved_at),
            "slo": [each.objective for each in i.budgets],
            "budget_spent": _spent(i),
            "customer_impact": bool(i.public),
            "trigger": self._clean(self._trigger()),
            "detection": "alert" if i.pages else "human",
            "change_refs": [s.change.after for s in i.suspects[:1]],
            "runbooks_used": [i.checklist.path] if i.checklist else [],
            "follow_ups": [f.ticket or f.id for f in i.follow_ups.values()],
            "tags": [],
            "visibility": i.visibility.value,
            "timeline_hash": self.head,
        }

    def _summary(self) -> str:
        i = self.incident
        where = f"{i.service or 'an unnamed service'} in {i.environment}"
        parts = [f"{self._clean(i.title)}: {where}."]
        if i.impact_start and i.mitigated_at:
            parts.append(f"Users were hit for about {lasting(i.mitigated_at - i.impact_start)}.")
        done = [
            m
            for m in i.mitigations.values()
            if m.stage is MitigationStage.VERIFIED and not m.plan.then
        ]
        if done:
            parts.append(self._clean(f"{done[-1].plan.title} ended it ({done[-1].evidence})."))
        elif i.resolved_how:
            parts.append(self._clean(f"It ended: {i.resolved_how}."))
        return " ".join(parts)

    def _impact(self) -> str:
        """What was said of it, and what it cost in numbers."""
        i = self.incident
        said = self._clean(i.updates[-1][2].impact if i.updates else "")
        touched = [each for each in i.budgets if (each.spent or 0) >= _TOUCHED]
        costs = "; ".join(budget_words.spent(each) for each in touched)
        return "\n\n".join(part for part in (said, f"It spent {costs}." if costs else "") if part)

    def _timeline(self) -> list[dict[str, str]]:
        lines: list[tuple[datetime, str, str]] = []
        for entry in self.entries:
            told = tell(entry, self.incident)
            if told is not None:
                lines.append((entry.when, self._line(entry, told.text), told.link))
        days = {at.date() for at, _text, _link in lines}
        shape = "%m-%d %H:%M" if len(days) > 1 else "%H:%M"
        return [
            {"at": format(at, shape), "text": text, "link": link}
            for at, text, link in sorted(lines, key=lambda line: line[0])
        ]

    def _line(self, entry: Entry, text: str) -> str:
        """A role taken is told without its holder: their name is that role everywhere else."""
        if isinstance(entry.fact, RoleGiven):
            return f"{entry.fact.role.label}: somebody took it"
        cleaned = self._clean(text)
        return cleaned[:1].upper() + cleaned[1:]

    def _detection(self) -> str:
        i = self.incident
        if i.declared_by is not None:
            return "A person noticed it and declared the incident."
        alert = i.alerts[0] if i.alerts else None
        first = "PagerDuty paged"
        if alert:
            first += f" for “{self._clean(alert.summary)}”"
            if alert.condition:
                first += f" ({alert.condition}: {alert.value}, limit {alert.threshold})"
        ttd = _between(i.impact_start, i.opened_at)
        return (
            f"{first}, {lasting(timedelta(seconds=ttd))} after users began to be hit."
            if ttd
            else f"{first}."
        )

    def _trigger(self) -> str:
        i = self.incident
        confirmed = {c for c, v in i.verdicts.items() if v.verdict is SuspectVerdict.CONFIRMED}
        open_ones = [s for s in i.suspects if s.change.id not in i.verdicts]
        for suspect in i.suspects:
            if suspect.change.id in confirmed:
                c = suspect.change
                return f"Deploy of {c.service} {c.before} → {c.after} (confirmed by responders)."
        if open_ones:
            c = open_ones[0].change
            return f"Suspected, not confirmed: deploy of {c.service} {c.before} → {c.after}."
        return ""

    def _response(self) -> list[str]:
        lines = [
            self._clean(f"{m.plan.title}: {m.stage}. {m.evidence or m.why}".strip())
            for m in self.incident.mitigations.values()
        ]
        lines += [
            self._clean(f"By hand: {w.text}. {w.evidence or 'not verified'}")
            for w in self.incident.watches.values()
        ]
        return lines

    def _questions(self) -> list[str]:
        i = self.incident
        questions = [
            f"Was the deploy of {s.change.service} {s.change.after} part of it? Nobody said yet."
            for s in i.suspects
            if s.change.id not in i.verdicts
        ]
        if i.unverified_because:
            questions.append(
                "It was resolved without proof of recovery. What shows that it is over?"
            )
        if any(m.broke_glass for m in i.mitigations.values()):
            questions.append(
                "A change was approved without a second person. Was nobody reachable, and why?"
            )
        return questions

    def _action(self, follow: object) -> dict[str, str]:
        return {
            "title": self._clean(str(getattr(follow, "title", ""))),
            "owner": self._role_of(str(getattr(follow, "owner", ""))),
            "due": str(getattr(follow, "due", "") or ""),
            "type": str(getattr(follow, "type", "")),
            "done_when": self._clean(str(getattr(follow, "done_when", ""))),
            "ticket": str(getattr(follow, "ticket", "")),
        }

    def _runbook_changes(self) -> list[str]:
        held = self.incident.checklist
        if held is None:
            return []
        wrong = [
            f"{held.path}: step {t.step.number} was marked wrong: {self._clean(t.step.text)}"
            for t in held.steps
            if t.state is StepState.WRONG
        ]
        return wrong + [f"{held.path}: missing: {self._clean(text)}" for text in held.missing]

    def _public(self) -> str:
        posted = [p for p in self.incident.public if p.posted_at]
        return "\n\n".join(
            f"**{p.update.status.value.capitalize()}** ({p.posted_at:%H:%M} UTC): {p.update.body}"
            for p in posted
        )

    def _gaps(self) -> list[str]:
        i = self.incident
        end = i.resolved_at
        times = sorted(e.when for e in self.entries if end is None or e.when <= end)
        found = [
            f"{one:%H:%M} to {other:%H:%M}" for one, other in pairwise(times) if other - one > _GAP
        ]
        return found[:_MOST_GAPS]

    def _role_of(self, user_id: str) -> str:
        return next(
            (role for person, role in self._roles if person.user_id == user_id), "a responder"
        )

    @cached_property
    def _roles(self) -> list[tuple[Person, str]]:
        """Everybody who appears, by what they were there for."""
        i = self.incident
        named: list[tuple[Person, str]] = []
        for role, person in i.roles.items():
            named.append((person, f"the {role.label.lower()}"))
        named += [(p, "the on-call engineer") for p in i.on_call]
        named += [(p, "a responder") for p in i.people]
        if i.declared_by:
            named.append((i.declared_by, "the person who declared it"))
        return named

    def _clean(self, text: str) -> str:
        """Names and mentions become roles; secrets and addresses go."""
        for person, role in self._roles:
            text = text.replace(person.mention, role)
            if person.name:
                text = re.sub(rf"\b{re.escape(person.name)}\b", role, text)
        for known in self.catalog.people:
            if known.name and known.name in text:
                text = re.sub(rf"\b{re.escape(known.name)}\b", "a colleague", text)
        text = re.sub(r"<@[UW][A-Z0-9]+>", "a colleague", text)
        return redact(text).text


def _spent(incident: Incident) -> float | None:
    """The largest share of a budget that it cost, 0.11 = 11%; None where nothing was measured."""
    known = [each.spent for each in incident.budgets if each.spent is not None]
    return round(max(known), 4) if known else None


def _stamp(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def _between(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return max(0, round((end - start).total_seconds()))
