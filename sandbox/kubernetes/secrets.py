"""Secrets as Helm's own client writes them: it speaks the API server's protobuf, whatever we answer in."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

PROTOBUF = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\0"
_RAW = 2
"""Of `runtime.Unknown`: the object itself."""
_METADATA, _DATA, _TYPE = 1, 2, 3
_NAME, _NAMESPACE, _VERSION, _LABELS = 1, 3, 6, 11
_KEY, _VALUE = 1, 2


class Unreadable(ValueError):
    """Bytes that are no Secret."""


def secret(content: bytes, sort: str) -> dict[str, Any]:
    """What a request holds, as JSON has it, with a name. `sort` is its content type."""
    try:
        protobuf = sort.partition(";")[0] == PROTOBUF
        found = _from_protobuf(content) if protobuf else json.loads(content)
    except (IndexError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Unreadable("no Secret") from error
    if not isinstance(found, dict) or not (found.get("metadata") or {}).get("name"):
        raise Unreadable("a Secret without a name")
    return found


def _from_protobuf(content: bytes) -> dict[str, Any]:
    if not content.startswith(_MAGIC):
        raise Unreadable("no protobuf of Kubernetes")
    raw = b"".join(each for number, each in _fields(content[len(_MAGIC) :]) if number == _RAW)
    meta: dict[str, Any] = {"labels": {}}
    found: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": {}}
    for number, value in _fields(raw):
        if number == _METADATA:
            _read_metadata(value, meta)
        elif number == _DATA:
            key, held = _pair(value)
            found["data"][key] = base64.b64encode(held).decode()
        elif number == _TYPE:
            found["type"] = value.decode()
    return found


def _read_metadata(content: bytes, into: dict[str, Any]) -> None:
    texts = {_NAME: "name", _NAMESPACE: "namespace", _VERSION: "resourceVersion"}
    for number, value in _fields(content):
        if number in texts:
            into[texts[number]] = value.decode()
        elif number == _LABELS:
            key, held = _pair(value)
            into["labels"][key] = held.decode()


def _pair(content: bytes) -> tuple[str, bytes]:
    """An entry of a map; what is left out is empty."""
    found = dict(_fields(content))
    return found.get(_KEY, b"").decode(), found.get(_VALUE, b"")


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each field with a length; numbers are passed over."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        if key & 7 == 0:
            _, at = _varint(content, at)
            continue
        if key & 7 != 2:
            raise Unreadable(f"a field of wire type {key & 7}")
        size, at = _varint(content, at)
        if at + size > len(content):
            raise Unreadable("a field that is cut off")
        yield key >> 3, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and where the next thing begins."""
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
