"""Who is who across vendors: what people.yaml says first, then Slack's own e-mail addresses."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.catalog import Catalog
from bot.domain.errors import Refused, VendorError, VendorRejected
from bot.domain.people import Person
from bot.slack.people import People


@dataclass(frozen=True)
class SlackDirectory:
    """That Slack knows nobody is an answer; that it does not answer is `VendorDown`."""

    catalog: Catalog
    people: People

    def email(self, person: Person) -> str:
        known = self.catalog.person_by_slack(person.user_id)
        if known is not None and known.email:
            return known.email
        try:
            return self.people.email(person.user_id)
        except (Refused, VendorRejected):
            return ""

    def by_email(self, email: str) -> Person | None:
        known = self.catalog.person_by_email(email)
        if known is not None and known.slack:
            return self.by_id(known.slack)
        try:
            return self.people.by_email(email)
        except VendorRejected:
            return None

    def by_id(self, user_id: str) -> Person:
        """By its bare id where Slack cannot be asked now."""
        try:
            return self.people.person(user_id)
        except (Refused, VendorError):
            known = self.catalog.person_by_slack(user_id)
            return Person(
                user_id=user_id,
                team_id=self.people.team_id,
                name=known.name if known else user_id,
            )


@dataclass(frozen=True)
class CatalogDirectory:
    """Where Slack is not configured: people.yaml alone."""

    catalog: Catalog

    def email(self, person: Person) -> str:
        known = self.catalog.person_by_slack(person.user_id)
        return known.email if known else ""

    def by_email(self, email: str) -> Person | None:
        known = self.catalog.person_by_email(email)
        return Person(user_id=known.slack, name=known.name) if known else None

    def by_id(self, user_id: str) -> Person:
        known = self.catalog.person_by_slack(user_id)
        return Person(user_id=user_id, name=known.name if known else user_id)
