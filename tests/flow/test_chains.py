"""Fact → reaction → facts: no chain comes back to its beginning without waiting."""

from __future__ import annotations

from tests.flow.chains import House, Reaction, loops
from tests.golden.names import fact_kinds
from tests.house_rules import of

FACTS = frozenset(kind.__name__ for kind in fact_kinds())
TWO = """
@reacts_to(Ping, name="pong")
def pong(tools, entry):
    with tools.timeline.open(entry.incident) as incident:
        _answer(incident)

def _answer(incident):
    incident.answer()

@reacts_to(Pong, name="ping")
def ping(tools, entry):
    {wait}
    incident.record(Ping())
"""
RULES = "class Incident:\n    def answer(self):\n        self.record(Pong())\n"


def bot() -> list[Reaction]:
    house = House(FACTS)
    for module, text in of("bot/domain/incident"):
        house.read(module, text, rules=True)
    house.imports["rules"] = {}
    for module, text in of("bot/flow", "bot/slack"):
        house.read(module, text)
    return list(house.reactions())


def small(wait: str) -> list[Reaction]:
    house = House(frozenset({"Ping", "Pong"}))
    house.read("incident", RULES, rules=True)
    house.imports["rules"] = {}
    house.read("flow", TWO.format(wait=wait))
    return list(house.reactions())


def test_two_reactions_that_wake_each_other_are_found() -> None:
    assert loops(small("pass")) == ["ping → pong"]


def test_a_loop_that_waits_is_allowed() -> None:
    assert loops(small("return Later(1)")) == []


def test_no_chain_of_the_bot_bites_itself() -> None:
    assert loops(bot()) == []


def test_the_chain_is_read_as_far_as_the_incident() -> None:
    found = {one.name: one for one in bot()}
    assert "MitigationUnderway" in found["carry-out"].records
    assert {"MitigationVerified", "Mitigated"} <= found["watch-mitigation"].records
    assert {"Declared", "Paged"} <= found["reconcile"].records
    assert "UpdateSnoozed" in found["remind-update"].facts
