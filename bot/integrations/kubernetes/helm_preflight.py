"""Applies the manifests of an older release without storing them: rights and admission say no beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import VendorRejected
from bot.integrations.kubernetes.api import Api, Patch, Place, Write
from bot.integrations.kubernetes.kinds import metadata

_MOST = 80
_UNTRIED = "does not support dry run"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What would be refused, and what could not be tried, each a sentence."""

    refused: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()


def tried(api: Api, objects: list[dict[str, Any]], namespace: str, *, doing: str) -> Tried:
    refused: list[str] = []
    untried: list[str] = []
    kinds: dict[str, dict[str, tuple[str, bool]]] = {}
    for each in objects[:_MOST]:
        called = f"{each.get('kind')} {metadata(each).get('name')}"
        place = _place(api, each, namespace, kinds, doing=doing)
        if place is None:
            refused.append(f"{called}: the cluster no longer knows this kind")
            continue
        try:
            _apply(api, place, each, doing)
        except VendorRejected as error:
            told = untried if _UNTRIED in error.why else refused
            told.append(f"{called}: {error.why}")
    if len(objects) > _MOST:
        untried.append(f"{len(objects) - _MOST} more objects")
    return Tried(refused=tuple(refused), untried=tuple(untried))


def _apply(api: Api, place: Place, one: Mapping[str, Any], doing: str) -> None:
    write = Write(
        path=place.path(str(metadata(one).get("name"))),
        body=one,
        doing=doing,
        how=Patch.APPLY,
        rehearsal=True,
    )
    api.send(write)


def _place(
    api: Api,
    one: Mapping[str, Any],
    namespace: str,
    kinds: dict[str, dict[str, tuple[str, bool]]],
    *,
    doing: str,
) -> Place | None:
    """By the API's own list of kinds."""
    group = str(one.get("apiVersion"))
    if group not in kinds:
        listed = api.discover(group, doing=doing)
        kinds[group] = {
            str(each["kind"]): (str(each["name"]), bool(each.get("namespaced")))
            for each in listed
            if "/" not in str(each["name"])
        }
    found = kinds[group].get(str(one.get("kind")))
    if found is None:
        return None
    plural, inside = found
    where = str(metadata(one).get("namespace") or namespace) if inside else ""
    return Place(group=group, plural=plural, namespace=where)
