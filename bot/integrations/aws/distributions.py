"""CloudFront as the cache in front of everything: invalidations, found again by their reference."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.purging import Purge
from bot.integrations.aws.account import EDGE, Account

_LATEST = 50


class Distributions:
    def __init__(self, account: Account) -> None:
        self._account = account

    def serves(self, identifier: str) -> str:
        """What it is called by browsers: the proof that it exists."""
        found = self._account.read(
            "cloudfront",
            "get_distribution",
            doing=f"read the distribution {identifier}",
            region=EDGE,
            Id=identifier,
        )["Distribution"]
        aliases = found["DistributionConfig"].get("Aliases", {}).get("Items") or ()
        return str(next(iter(aliases), found["DomainName"]))

    def purge(
        self, identifier: str, paths: Sequence[str], marker: str, *, doing: str, by_hand: str
    ) -> str:
        """A marker that was used before starts nothing: CloudFront answers with the first one."""
        answered = self._account.write(
            "cloudfront",
            "create_invalidation",
            doing=doing,
            by_hand=by_hand,
            region=EDGE,
            DistributionId=identifier,
            InvalidationBatch={
                "Paths": {"Quantity": len(paths), "Items": list(paths)},
                "CallerReference": marker,
            },
        )
        return str(answered["Invalidation"]["Id"])

    def purged(self, identifier: str, reference: str) -> Purge:
        return self._purge(identifier, reference)[0]

    def find(self, identifier: str, marker: str) -> Purge | None:
        listed = self._account.read(
            "cloudfront",
            "list_invalidations",
            doing="list the invalidations",
            region=EDGE,
            DistributionId=identifier,
            MaxItems=str(_LATEST),
        )["InvalidationList"]
        for each in listed.get("Items") or ():
            found, reference = self._purge(identifier, each["Id"])
            if reference == marker:
                return found
        return None

    def _purge(self, identifier: str, reference: str) -> tuple[Purge, str]:
        shown = self._account.read(
            "cloudfront",
            "get_invalidation",
            doing="see how far the invalidation is",
            region=EDGE,
            DistributionId=identifier,
            Id=reference,
        )["Invalidation"]
        batch = shown["InvalidationBatch"]
        made = Purge(
            id=shown["Id"],
            done=str(shown["Status"]).lower() == "completed",
            paths=tuple(batch["Paths"].get("Items") or ()),
        )
        return made, str(batch["CallerReference"])
