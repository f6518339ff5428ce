"""catalog/flags: the feature flags that may be set from chat, each a document with its owner and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.configuration.entities import PREFIX
from bot.configuration.lines import Document
from bot.configuration.own_files import Words
from bot.configuration.problem import Problem, suggestion
from bot.configuration.validation import Strict, validated
from bot.configuration.workflow_files import named
from bot.domain.catalog import DeclaredFlag, Resource
from bot.domain.waffle import KIND

_SOURCE = r"[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9-]{0,51}(/[a-z0-9][a-z0-9-]{0,62})?"


def _value(written: object) -> str:
    """`off` and `on` without quotes are false and true in YAML."""
    if isinstance(written, bool):
        return "on" if written else "off"
    found = re.fullmatch(r"(\d{1,3}) ?%", str(written))
    if written in ("on", "off"):
        return str(written)
    if found is None or not 0 < int(found[1]) <= 100:
        raise ValueError(f"`{written}` is no value of a flag: it is off, on or like 25%")
    return f"{int(found[1])}%"


class FlagFile(Strict):
    flag: str = Field(pattern=r"^[A-Za-z0-9][\w.-]{0,99}$")
    store: Words
    title: str = ""
    owner: Words
    services: tuple[Words, ...] = ()
    values: tuple[Annotated[str, BeforeValidator(_value)], ...] = ()


def flag(document: Document, problems: list[Problem]) -> DeclaredFlag | None:
    file = validated(FlagFile, document, problems)
    if file is None:
        return None
    return DeclaredFlag(
        name=file.flag,
        store=file.store,
        title=file.title,
        owner=file.owner,
        services=file.services,
        values=file.values,
    )


def unresolved(
    flags: Iterable[tuple[DeclaredFlag, Document]],
    *,
    stores: Sequence[tuple[Resource, Document]],
    services: Sequence[str],
    teams: Sequence[str],
) -> Iterable[Problem]:
    """References that lead nowhere, flags told twice, and stores that are not named as they have to be."""
    kept = [each.name for each, _ in stores if each.kind == KIND]
    first: dict[tuple[str, str], Document] = {}
    for each, document in flags:
        yield from named(document, ("owner",), (each.owner,), teams)
        yield from named(document, ("services",), each.services, services)
        if each.store not in kept:
            yield Problem(
                where=document.where("store"),
                what=f"`{each.store}` is no resource of the type `{KIND}`.",
                fix=suggestion(each.store, kept, "Add that resource, or correct the name."),
            )
        if (other := first.setdefault((each.store, each.name), document)) is not document:
            yield Problem(
                where=document.where("flag"),
                what=f"The flag `{each.name}` already exists, in {other.where('flag')}.",
                fix="Remove one of them.",
            )
    for store, document in stores:
        yield from _sources(store, document)


def _sources(store: Resource, document: Document) -> Iterable[Problem]:
    if store.kind != KIND:
        return
    for environment, written in store.identifiers:
        if not re.fullmatch(_SOURCE, written):
            annotation = f"{PREFIX}identifier.{environment}"
            yield Problem(
                where=document.where("metadata", "annotations", annotation),
                what=f"{annotation}: `{written}` does not say which CronJob lists the flags.",
                fix="Write it as <namespace>/<cronjob>, or <namespace>/<cronjob>/<container>.",
            )
