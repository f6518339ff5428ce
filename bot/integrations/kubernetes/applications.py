"""Argo CD's own objects, as the cluster keeps them: for when Argo CD's server is what is down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.errors import NotSent
from bot.integrations.kubernetes.api import Api, Patch, Place, Write

_GROUP = "argoproj.io/v1alpha1"
_UNPROCESSABLE = 422


class Applications:
    def __init__(self, api: Api) -> None:
        self._api = api

    def read(self, plural: str, name: str, *, namespace: str, doing: str) -> Mapping[str, Any]:
        where = Place(group=_GROUP, plural=plural, namespace=namespace)
        return self._api.read(where, name, doing=doing)

    def patch(
        self,
        name: str,
        operations: Sequence[Mapping[str, Any]],
        *,
        namespace: str,
        doing: str,
        by_hand: str,
    ) -> None:
        answer = self._api.send(
            Write(
                path=_applications(namespace).path(name),
                body=list(operations),
                doing=doing,
                by_hand=by_hand,
                how=Patch.JSON,
                expects=(_UNPROCESSABLE,),
            )
        )
        if answer.status_code == _UNPROCESSABLE:
            why = f"{name} changed while it was patched"
            raise NotSent(self._api.name, doing, why, by_hand=by_hand, may_pass=True)

    def merge(self, name: str, body: Mapping[str, Any], *, namespace: str, doing: str) -> None:
        self._api.send(
            Write(
                path=_applications(namespace).path(name), body=body, doing=doing, sent_once=False
            )
        )


def _applications(namespace: str) -> Place:
    return Place(group=_GROUP, plural="applications", namespace=namespace)
