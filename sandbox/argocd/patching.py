"""Applies JSON patches (RFC 6902) and merge patches (RFC 7386) to an application."""

from __future__ import annotations

import copy
from typing import Any


class BadPatch(ValueError):
    """A patch that does not fit the document; the text says why."""


def merged(document: Any, patch: Any) -> Any:
    """RFC 7386: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def patched(document: Any, operations: Any) -> Any:
    """RFC 6902, all of it but `move` and `copy`; nothing is applied when one step fails."""
    if not isinstance(operations, list):
        raise BadPatch("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    result = copy.deepcopy(document)
    for operation in operations:
        _step(result, operation)
    return result


def _step(document: Any, operation: dict[str, Any]) -> None:
    path = str(operation.get("path", ""))
    parts = [p.replace("~1", "/").replace("~0", "~") for p in path.split("/")[1:]]
    if not parts:
        raise BadPatch("the whole document cannot be replaced")
    place = _walk(document, parts[:-1], path)
    last: Any = parts[-1]
    if isinstance(place, list):
        last = len(place) if last == "-" else int(last)
    present = last < len(place) if isinstance(place, list) else last in place
    match operation.get("op"):
        case "add" if isinstance(place, list):
            place.insert(last, operation.get("value"))
        case "add":
            place[last] = operation.get("value")
        case "replace" if present:
            place[last] = operation.get("value")
        case "remove" if present:
            del place[last]
        case "test":
            if not present or place[last] != operation.get("value"):
                raise BadPatch(f"testing value {path} failed: test failed")
        case "replace" | "remove" as verb:
            raise BadPatch(f"{verb} operation does not apply: doc is missing key: {path}")
        case other:
            raise BadPatch(f"Unexpected kind: {other}")


def _walk(document: Any, parts: list[str], path: str) -> Any:
    place = document
    for part in parts:
        try:
            place = place[int(part)] if isinstance(place, list) else place[part]
        except (KeyError, IndexError, ValueError):
            raise BadPatch(f"doc is missing path: {path}") from None
    if not isinstance(place, (dict, list)):
        raise BadPatch(f"doc is missing path: {path}")
    return place
