"""V3 webhooks: built, signed, sent in order per incident, retried as PagerDuty retries."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sandbox.core.delivery import Answer, Outgoing, deliver
from sandbox.core.simulation import Simulation
from sandbox.pagerduty.shapes import fine_stamp, reference
from sandbox.pagerduty.state import PagerDutyState, Ref, Subscription, Webhook

TIMEOUT = timedelta(seconds=5)
GIVES_UP = timedelta(hours=48)
DISABLED = timedelta(hours=24)
DROPS_TO_DISABLE = 3
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
PATH = "/webhooks/pagerduty"
MOMENT = timedelta(seconds=5)
"""Further back than this, the clock was moved back, and time starts over there."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something to tell every subscription that asked for it."""

    type: str
    data: dict[str, Any]
    agent: Ref | None = None
    client: dict[str, str] | None = None
    resource: str = ""
    """The incident (or service) by which deliveries queue."""
    service: str | None = None
    teams: tuple[str, ...] = ()
    later: timedelta = timedelta()
    """How much later than now it happened, for pairs that PagerDuty sends apart."""


def emit(sim: Simulation, event: Event) -> None:
    """Owe the event to each matching subscription and begin to deliver."""
    state: PagerDutyState = sim.pagerduty
    body = _body(sim, event)
    for subscription in state.subscriptions.values():
        if _wants(subscription, event, sim.clock.now()):
            _owe(sim, subscription, event=event, body=body)


def ping(sim: Simulation, subscription: Subscription, agent: Ref | None) -> None:
    """The test event, sent whatever the subscription listens to."""
    data = {"message": "Hello from your friend Pagey!", "type": "ping"}
    event = Event(type="pagey.ping", data=data, agent=agent, resource=subscription.id)
    _owe(sim, subscription, event=event, body=_body(sim, event))


def start(sim: Simulation) -> None:
    """Take up what is still owed."""
    for queue in list(sim.pagerduty.outbox):
        _go_on(sim, queue)


def enable(sim: Simulation, subscription: Subscription) -> None:
    subscription.active = True
    subscription.drops = 0
    subscription.disabled_until = None


def signature(secret: str, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _body(sim: Simulation, event: Event) -> bytes:
    agent = reference(sim, event.agent)
    if event.type == "pagey.ping" and agent is not None:
        agent = {"id": agent["id"], "type": agent["type"]}
    number = sim.serial("pagerduty event")
    told = {
        "id": "01" + hashlib.sha256(f"event {number}".encode()).hexdigest()[:24].upper(),
        "event_type": event.type,
        "resource_type": event.type.partition(".")[0],
        "occurred_at": fine_stamp(_occurred(sim, event)),
        "agent": agent,
        "client": event.client,
        "data": event.data,
    }
    return json.dumps({"event": told}, separators=(",", ":")).encode()


def _occurred(sim: Simulation, event: Event) -> datetime:
    at = sim.clock.now() + event.later
    last = sim.pagerduty.last_event_at
    if last is not None and last - MOMENT < at <= last:
        at = last + timedelta(milliseconds=1)
    sim.pagerduty.last_event_at = at
    return at


def _wants(subscription: Subscription, event: Event, now: datetime) -> bool:
    if subscription.disabled_until is not None and now >= subscription.disabled_until:
        # A disablement ends by itself after a day.
        subscription.disabled_until, subscription.drops = None, 0
    if not subscription.active or subscription.disabled_until is not None:
        return False
    if subscription.events and event.type not in subscription.events:
        return False
    match subscription.filter_type:
        case "service_reference":
            return subscription.filter_id == event.service
        case "team_reference":
            return subscription.filter_id in event.teams
        case _:
            return True


def _owe(sim: Simulation, subscription: Subscription, *, event: Event, body: bytes) -> None:
    queue = f"{subscription.id}/{event.resource}"
    number = sim.serial("webhook")
    owed = Webhook(
        webhook_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{sim.settings.seed} {number}")),
        subscription=subscription.id,
        resource=event.resource,
        event_type=event.type,
        body=body,
        first_at=sim.clock.now(),
    )
    waiting = sim.pagerduty.outbox.setdefault(queue, [])
    waiting.append(owed)
    if len(waiting) == 1:
        _go_on(sim, queue)


def _go_on(sim: Simulation, queue: str) -> None:
    """Deliver the queue's head, now or when its back-off is over."""
    waiting = sim.pagerduty.outbox.get(queue)
    if not waiting:
        sim.pagerduty.outbox.pop(queue, None)
        return
    due = waiting[0].due
    if due is not None and due > sim.clock.now():
        sim.clock.call_at(due, partial(_attempt, sim, queue, sim.generation))
    else:
        _attempt(sim, queue, sim.generation)


def _attempt(sim: Simulation, queue: str, generation: int) -> None:
    if sim.generation == generation:
        sim.spawn(_deliver_head(sim, queue), f"pagerduty webhook {queue}")


async def _deliver_head(sim: Simulation, queue: str) -> None:
    generation, waiting = sim.generation, sim.pagerduty.outbox.get(queue)
    if not waiting:
        return
    owed: Webhook = waiting[0]
    subscription = sim.pagerduty.subscriptions.get(owed.subscription)
    if subscription is None or subscription.disabled_until is not None:
        del sim.pagerduty.outbox[queue]
        return
    answer = await deliver(sim, "pagerduty", _outgoing(sim, subscription, owed))
    if sim.generation != generation:
        return
    owed.attempts += 1
    _conclude(sim, subscription, owed=owed, answer=answer, waiting=waiting)
    _go_on(sim, queue)


def _outgoing(sim: Simulation, subscription: Subscription, owed: Webhook) -> Outgoing:
    secret = sim.settings.pagerduty_webhook_secret
    return Outgoing(
        name=owed.event_type,
        url=subscription.url or sim.settings.bot_url + PATH,
        body=owed.body,
        sign=lambda skew: {"X-PagerDuty-Signature": signature(secret, owed.body)},
        headers={
            "Content-Type": "application/json",
            "User-Agent": "PagerDuty-Webhook/V3.0",
            "X-Webhook-Id": owed.webhook_id,
            "X-Webhook-Subscription": subscription.id,
        },
        shown=json.loads(owed.body),
        timeout=TIMEOUT,
        key=owed.webhook_id,
    )


def _conclude(
    sim: Simulation,
    subscription: Subscription,
    *,
    owed: Webhook,
    answer: Answer,
    waiting: list[Webhook],
) -> None:
    """Delivered, to be retried, or dropped; only the first and the last leave the queue."""
    now = sim.clock.now()
    if answer.status is not None and 200 <= answer.status < 300:
        subscription.drops = 0
        waiting.pop(0)
        return
    if answer.status is None or answer.status == 429 or answer.status >= 500:
        if now - owed.first_at < GIVES_UP:
            wait = min(FIRST_WAIT * 2 ** min(owed.attempts - 1, 16), LONGEST_WAIT)
            owed.due = now + wait
            return
        waiting.pop(0)
        sim.pagerduty.undelivered.append(owed)
        return
    waiting.pop(0)
    sim.pagerduty.undelivered.append(owed)
    subscription.drops += 1
    if subscription.drops >= DROPS_TO_DISABLE:
        subscription.disabled_until = now + DISABLED
        waiting.clear()
