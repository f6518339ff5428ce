"""What `app.py owed`, `app.py backup` and `app.py check --audit` do, while the bot runs or not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.integrations.postmortem_anchors import anchors
from bot.timeline import inbox, owed
from bot.timeline.audit import audit
from bot.timeline.codec import Codec
from bot.timeline.database import Database, database
from bot.timeline.inbox import Input, unfinished
from bot.timeline.migrate import NewerDatabase, refuse_newer
from bot.timeline.owed import Owed

_FINE, _WRONG = 0, 1


def show_owed(where: str | Path, console: Console) -> int:
    """Everything that is owed, parked first. Returns the exit code: 1 when something is parked."""
    with closing(database(where)) as found:
        if not _readable(found, where, console):
            return _WRONG
        with found.readers.connect() as connection:
            reactions, inputs = owed.rows(connection), unfinished(connection)
    lines = [*map(_of_owed, reactions), *map(_of_input, inputs)]
    if not lines:
        console.print("Nothing is owed.")
        return _FINE
    table = Table("state", "what", "incident", "due (UTC)", "tries", "why", title="Owed")
    for line in sorted(lines, key=lambda line: (line[0] != "parked", line[3])):
        table.add_row(*line)
    console.print(table)
    parked = sum(line[0] == "parked" for line in lines)
    if parked:
        console.print(f"{parked} parked. When the cause is gone: app.py owed retry [NAME]")
    return _WRONG if parked else _FINE


def retry_owed(where: str | Path, console: Console, *, name: str = "") -> int:
    """Owe parked work again: of this name, or all. A running bot takes it up at once."""
    with closing(database(where)) as found:
        if not _readable(found, where, console):
            return _WRONG
        with found.writer() as connection, connection.begin():
            again = len(owed.unpark(connection, name=name))
            again += len(inbox.unpark(connection, name=name))
        rung = bool(again) and found.doorbell.ring()
    if not again:
        console.print(f"Nothing is parked under {name}." if name else "Nothing is parked.")
        return _FINE
    when = "The running bot has been told." if rung else "They run when the bot is started."
    console.print(f"{again} owed again. {when}")
    return _FINE


def back_up(where: str | Path, target: Path, console: Console) -> int:
    """A consistent copy, also while the bot runs."""
    with closing(database(where)) as found:
        if not _readable(found, where, console):
            return _WRONG
        if target.exists():
            console.print(f"{target} exists already. Nothing was written.")
            return _WRONG
        found.backup(target)
    console.print(f"Backed up to {target} ({target.stat().st_size / 1024:,.0f} KiB).")
    return _FINE


def check_audit(where: str | Path, console: Console, postmortems: Sequence[Path] = ()) -> int:
    """Walk the hash chain of every incident; 1 when an entry is not what was committed.

    What postmortems outside the database say of it has to be in it.
    """
    kept = list(anchors(postmortems))
    if postmortems and not kept:
        console.print("There is no postmortem with a timeline_hash in these places.")
        return _WRONG
    with closing(database(where)) as found:
        if not _readable(found, where, console):
            return _WRONG
        with found.readers.connect() as connection:
            problems = audit(connection, Codec(), kept)
    if problems:
        table = Table("incident", "entry", "what is wrong", title="The timeline was changed")
        for problem in problems:
            table.add_row(problem.incident, str(problem.seq), problem.what)
        console.print(table)
        return _WRONG
    console.print("The timeline is whole: every entry is what was committed.")
    many = f"{len(kept)} postmortem{'' if len(kept) == 1 else 's'}"
    if kept:
        console.print(f"It holds what {many} outside the database say of it.")
    else:
        console.print(
            "That nothing was cut off at the end only a hash kept elsewhere can show:"
            " check --audit --postmortems CHECKOUT."
        )
    return _FINE


def _readable(found: Database, where: str | Path, console: Console) -> bool:
    if not found.exists():
        console.print(f"There is no database at {where} yet.")
        return False
    try:
        with found.readers.connect() as connection:
            refuse_newer(connection)
    except NewerDatabase as error:
        console.print(str(error))
        return False
    return True


def _of_owed(row: Owed) -> tuple[str, ...]:
    return (row.state, row.reaction, row.incident, _moment(row.due), str(row.attempts), row.why)


def _of_input(row: Input) -> tuple[str, ...]:
    return (row.state, f"inbox: {row.kind}", "", _moment(row.due), str(row.attempts), row.why)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
