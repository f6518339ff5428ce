"""The forms about the incident itself: how bad, which service, who does what."""

from __future__ import annotations

from bot.domain.catalog import Catalog
from bot.domain.events import Role
from bot.domain.incident import HOUSE, Incident
from bot.domain.severity import Severity
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, View, actions, answer, clip, option, press, section, write
from bot.slack.cards.inputs import grouped, person, select

_UNOWNED = "nobody's"
_TAKE = {
    Role.COMMANDER: "Take command",
    Role.COMMS: "Take communications",
    Role.SCRIBE: "Be the scribe",
}


def declare(*, text: str = "", carries: str = HOUSE) -> View:
    """One sentence; everything else is guessed, and shown as a guess."""
    return View(
        name=Act.DECLARE_FORM,
        title="Declare an incident",
        submit="Declare the incident",
        carries=carries,
        blocks=(
            answer(
                "What is wrong, in one sentence?",
                write(
                    "text",
                    initial=clip(" ".join(text.split()), 300),
                    placeholder="Checkout fails for everybody since 03:10",
                    limit=300,
                ),
                hint="Service, severity and start are guessed from it and changed with one tap.",
            ),
        ),
    )


def severity(incident: Incident, *, wanted: Severity | None = None) -> View:
    """Lowering wants a reason; raising never does."""
    options = [option(f"{s.value}: {s.meaning}", s.value) for s in Severity]
    now = incident.severity
    lower = wanted is not None and now is not None and wanted.rank > now.rank
    asked = (
        f"Why {wanted} and no longer {now}?"
        if lower
        else "Why? (lowering it needs a reason, raising does not)"
    )
    return View(
        name=Act.SEVERITY_FORM,
        title="Change the severity",
        submit="Change the severity",
        carries=carried(incident.id),
        blocks=(
            section(f"Now *{now or 'SEV?'}*: {incident.severity_reason}"),
            answer(
                "Severity",
                select("severity", "Severity", options, value=(wanted or now or Severity.SEV3)),
            ),
            answer(asked, write("reason", limit=500), optional=not lower),
        ),
    )


def service(incident: Incident, catalog: Catalog) -> View:
    """Every service of the catalog, under the team that owns it."""
    if not catalog.services:
        text = (
            "The catalog names no services. A mapping in `catalog/services/` adds owner, deploys,"
            " error rate and rollback; until then write the service into a note."
        )
        return View(name=Act.SERVICE_FORM, title="Name the service", blocks=(section(text),))
    groups: dict[str, list[Block]] = {}
    for each in sorted(catalog.services, key=lambda s: (s.owner or _UNOWNED, s.name)):
        groups.setdefault(each.owner or _UNOWNED, []).append(option(each.name, each.name))
    places = [option(e.name, e.name) for e in catalog.environments] or [
        option("production", "production")
    ]
    where = select("environment", "Environment", places, value=incident.environment)
    which = grouped("service", "Choose the service", groups, value=incident.service)
    return View(
        name=Act.SERVICE_FORM,
        title="Name the service",
        submit="Name the service",
        carries=carried(incident.id),
        blocks=(answer("Which service is broken?", which), answer("Where?", where)),
    )


def role(incident: Incident) -> View:
    """Free roles one tap away; everything else by name."""
    free = [r for r in _TAKE if r not in incident.roles]
    held = [f"*{r.label}:* {p.mention}" for r, p in incident.roles.items()]
    offered = [f"{r.label} was offered to {p.mention}" for r, p in incident.handovers.items()]
    blocks: list[Block] = [section("\n".join([*held, *offered]) or "Nobody has a role yet.")]
    if free:
        blocks.append(
            actions(
                *(
                    press(
                        _TAKE[r],
                        f"{Act.TAKE_ROLE}:{r.value}",
                        carried(incident.id, r.value),
                    )
                    for r in free
                )
            )
        )
    options = [option(r.label, r.value) for r in Role]
    blocks.append(answer("Role", select("role", "Role", options, value=Role.COMMANDER.value)))
    blocks.append(
        answer(
            "Who?",
            person("person", "Choose somebody"),
            hint="A role that somebody holds is offered: they stay in charge until the other accepts.",
        )
    )
    return View(
        name=Act.ROLE_FORM,
        title="Take or give a role",
        submit="Give the role",
        carries=carried(incident.id),
        blocks=tuple(blocks),
    )
