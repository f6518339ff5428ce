"""Every handler module in one list, and the book that finds a handler by what was asked."""

from __future__ import annotations

from types import ModuleType

from bot.slack.handlers import (
    acknowledge,
    adopt,
    approve,
    causes,
    change,
    changes,
    declare,
    did,
    freeze,
    helping,
    home,
    learning,
    leftovers,
    looking,
    marks,
    menu,
    mitigated,
    note,
    resolve,
    role,
    rollback,
    runbook,
    service,
    severity,
    slo,
    start,
    statuspage,
    update,
)
from bot.slack.handling import Book, collect

MODULES: tuple[ModuleType, ...] = (
    declare,
    looking,
    acknowledge,
    severity,
    service,
    start,
    role,
    note,
    did,
    runbook,
    rollback,
    change,
    changes,
    slo,
    approve,
    leftovers,
    freeze,
    update,
    statuspage,
    mitigated,
    causes,
    resolve,
    learning,
    helping,
    menu,
    marks,
    home,
    adopt,
)


def book() -> Book:
    return Book(tuple(collect(*MODULES)))
