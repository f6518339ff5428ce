"""Empties the cache in front of a site of stated paths, so that what was fixed is also seen."""

from __future__ import annotations

from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending
from bot.domain.mitigation import (
    Cleared,
    Difference,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    Settled,
    StillThere,
    TooEarly,
    Untouched,
    Waiting,
)
from bot.domain.purging import paths_in
from bot.mitigations.own_plan import named_there
from bot.tools import Tools

EVERYTHING = "/*"


class PurgeCache:
    """`where`: the environments whose account is configured."""

    name = "purge_cache"
    label = "Purge the cache of"
    free = "paths, like “/courses/* /static/app.js”"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        return named_there(self.where, deployment, "cloudfront")

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        """Nothing is suggested: which paths are stale is for people to say."""
        return [
            Offer(
                mitigation=self.name,
                target=EVERYTHING,
                title=f"Purge all of {deployment.service}",
                label="everything",
                warning="the origin takes every request until the cache is warm again",
            )
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        paths = paths_in(target)
        site = tools.cloud(deployment.environment).cache.serves(deployment.identifier)
        return Plan(
            mitigation=self.name,
            title=f"Purge {_shown(paths)} from {deployment.service}",
            service=deployment.service,
            environment=deployment.environment,
            target=" ".join(paths),
            target_label=_shown(paths),
            live=deployment.identifier,
            live_label=site,
            differences=tuple(
                Difference(what=each, before="cached", after="fetched anew") for each in paths
            ),
            migrations=Migrations.IRRELEVANT,
            steps=(
                f"ask CloudFront to forget {_shown(paths)} of {site}; it takes a minute or two",
                "browsers keep what they have until its own time is up",
            ),
            risk_reasons=_doubts(paths),
            undoable=False,
            system="CloudFront",
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        doing = f"purge {plan.target_label}"
        cache = tools.cloud(plan.environment).cache
        with before_sending(doing):
            cache.serves(plan.live)
        by_hand = (
            f"aws cloudfront create-invalidation --distribution-id {plan.live}"
            f" --paths {' '.join(repr(each) for each in paths_in(plan.target))}"
        )
        reference = cache.purge(
            plan.live, paths_in(plan.target), attempt, doing=doing, by_hand=by_hand
        )
        summary = f"CloudFront took the invalidation {reference}"
        return Receipt(reference=reference, summary=summary, at=tools.clock.now())

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        found = tools.cloud(plan.environment).cache.find(plan.live, attempt)
        if found is None:
            return Untouched(shows="CloudFront has no invalidation of ours")
        summary = f"CloudFront has the invalidation {found.id}"
        return Receipt(reference=found.id, summary=summary, at=tools.clock.now())

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        found = tools.cloud(plan.environment).cache.purged(plan.live, receipt.reference)
        if not found.done:
            return TooEarly(progress=f"CloudFront is forgetting {plan.target_label}")
        return Settled(evidence=f"CloudFront forgot {plan.target_label}", at=receipt.at)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        raise Refused("A purge has no undo: the cache fills again by itself.")

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a purge leaves nothing behind")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("A purge leaves nothing behind that could be put back.")


def _shown(paths: tuple[str, ...]) -> str:
    if EVERYTHING in paths:
        return "everything"
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _doubts(paths: tuple[str, ...]) -> tuple[str, ...]:
    if EVERYTHING in paths:
        return ("everything is fetched anew: the origin has to stand that",)
    return ()
