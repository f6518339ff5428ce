"""Whether others may tell us of changes: nothing outside has to be asked for that."""

from bot.checking.row import Row, State
from bot.config import Config

_WHERE = "CHANGES_WEBHOOK_SECRETS"


def rows(config: Config) -> list[Row]:
    number = len(config.change_secrets)
    if not number:
        return [
            Row(
                area="credentials",
                where=_WHERE,
                state=State.OFF,
                what="Change webhook is not configured.",
                fix="No CI job and no script can tell of a change (docs/changes.md).",
            )
        ]
    signed = f"signed with one of {number} secrets" if number > 1 else "signed with one secret"
    return [
        Row(area="credentials", where=_WHERE, state=State.OK, what=f"Change webhook: {signed}")
    ]
