"""What people say around a PagerDuty incident: notes, status updates, calls for help."""

from datetime import timedelta

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import shapes
from sandbox.pagerduty.record import log, new_id, tell_about
from sandbox.pagerduty.state import Incident, Note, Responder, StatusUpdate, User
from sandbox.pagerduty.webhooks import Event


def annotate(
    sim: Simulation,
    incident: Incident,
    *,
    by: User,
    content: str,
    later: timedelta = timedelta(),
) -> Note:
    agent = shapes.user_ref(by)
    note = Note(id=new_id(sim, "note"), user=by.id, content=content, created_at=sim.clock.now())
    incident.notes.append(note)
    log(sim, incident, what="annotate_log_entry", agent=agent, summary=f"Note by {by.name}")
    trimmed = len(content) > 2000
    data = {"id": note.id, "content": content[:2000], "trimmed": trimmed, "type": "incident_note"}
    told = Event(type="incident.annotated", data=data, agent=agent, later=later)
    tell_about(sim, incident, told)
    return note


def update_status(sim: Simulation, incident: Incident, *, by: User, message: str) -> StatusUpdate:
    made = StatusUpdate(
        id=new_id(sim, "status"), message=message, created_at=sim.clock.now(), sender=by.id
    )
    incident.status_updates.append(made)
    data = {
        "id": made.id,
        "message": message,
        "trimmed": False,
        "type": "incident_status_update",
    }
    agent = shapes.user_ref(by)
    told = Event(type="incident.status_update_published", data=data, agent=agent)
    tell_about(sim, incident, told)
    return made


def ask_responder(
    sim: Simulation, incident: Incident, *, user: User, by: User, message: str
) -> Responder:
    made = Responder(
        user=user.id,
        state="pending",
        message=message,
        requested_at=sim.clock.now(),
        requester=by.id,
    )
    incident.responders.append(made)
    policy = sim.pagerduty.policies[incident.policy]
    data = {
        "user": shapes.reference(sim, shapes.user_ref(user)),
        "escalation_policy": shapes.reference(sim, shapes.policy_ref(policy)),
        "message": message,
        "state": made.state,
        "type": "incident_responder",
    }
    told = Event(type="incident.responder.added", data=data, agent=shapes.user_ref(by))
    tell_about(sim, incident, told)
    return made
