"""How a PagerDuty incident keeps and tells what happens to it: ids, log entries, webhooks."""

import hashlib
from dataclasses import replace

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import shapes
from sandbox.pagerduty.state import Incident, LogEntry, Ref
from sandbox.pagerduty.webhooks import Event, emit


def new_id(sim: Simulation, kind: str, prefix: str = "P", length: int = 7) -> str:
    """An id of PagerDuty's look: capital letters and digits, never the same one twice."""
    number = sim.serial(f"pagerduty {kind}")
    digest = hashlib.sha256(f"{sim.settings.seed} {kind} {number}".encode()).digest()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return prefix + "".join(letters[byte % 36] for byte in digest[: length - len(prefix)])


def log(
    sim: Simulation, incident: Incident, *, what: str, agent: Ref | None, summary: str
) -> None:
    now = sim.clock.now()
    incident.updated_at = now
    entry = LogEntry(
        id=new_id(sim, "log", "R", 26), type=what, created_at=now, agent=agent, summary=summary
    )
    incident.log.append(entry)


def tell(
    sim: Simulation,
    incident: Incident,
    what: str,
    *,
    agent: Ref | None,
    client: dict[str, str] | None = None,
) -> None:
    """Owe a webhook whose data is the incident itself."""
    data = shapes.hooked_incident(sim, incident)
    _emit(sim, incident, Event(type=f"incident.{what}", data=data, agent=agent, client=client))


def tell_about(sim: Simulation, incident: Incident, event: Event) -> None:
    """Owe a webhook about something that belongs to the incident; its data gains the incident."""
    about = shapes.reference(sim, shapes.incident_ref(incident))
    _emit(sim, incident, replace(event, data={"incident": about, **event.data}))


def _emit(sim: Simulation, incident: Incident, event: Event) -> None:
    service = sim.pagerduty.services[incident.service]
    placed = replace(event, resource=incident.id, service=service.id, teams=service.teams)
    emit(sim, placed)
    shown(sim, incident)


def shown(sim: Simulation, incident: Incident) -> None:
    sim.changes.publish("pagerduty", {"incident": incident.id, "status": incident.status})
