"""`python app.py check`: everything that can be wrong before the first page comes, in one table."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.checking import credentials, doors, objectives, runbooks, templates
from bot.checking.row import Row, State, told
from bot.config import Config, Survey, survey
from bot.configuration.lines import documents
from bot.timeline.disk import volatile

__all__ = ["Row", "State", "problems", "run"]

_STYLE = {State.OK: "green", State.OFF: "dim", State.WARNING: "yellow", State.PROBLEM: "bold red"}


def run(environ: Mapping[str, str], *, today: date | None = None) -> int:
    """Print the table; 1 when anything has to be put right."""
    rows = problems(environ, today=today)
    console = Console(highlight=False)
    console.print(table(rows))
    wrong = sum(row.state is State.PROBLEM for row in rows)
    warned = sum(row.state is State.WARNING for row in rows)
    console.print(_verdict(wrong, warned))
    return 1 if wrong else 0


def problems(environ: Mapping[str, str], *, today: date | None = None) -> list[Row]:
    """Every row of the table: what is wrong, what is off, and what was found in order."""
    found = survey(environ)
    config = found.config
    return [
        *_configuration(found),
        storage(config),
        *objectives.rows(config),
        *runbooks.rows(config.runbooks_dir, config.catalog, today or date.today()),
        *templates.rows(config.templates_dir),
        *asyncio.run(credentials.rows(config, _scopes(Path("slack-manifest.yaml")), environ)),
        *doors.rows(config),
    ]


def table(rows: Sequence[Row]) -> Table:
    """Folds long words rather than cutting them: what to write instead has to be readable."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("", no_wrap=True)
    shown.add_column("where", overflow="fold", ratio=3)
    shown.add_column("what", overflow="fold", ratio=4)
    shown.add_column("do", overflow="fold", ratio=4)
    area = ""
    for row in rows:
        if row.area != area:
            shown.add_section()
            area = row.area
        shown.add_row(
            Text(row.state, style=_STYLE[row.state]),
            Text(row.where),
            Text(row.what),
            Text(row.fix),
        )
    return shown


def _configuration(found: Survey) -> list[Row]:
    rows = [told("configuration", each) for each in found.problems]
    rows += [told("configuration", each, State.WARNING) for each in found.warnings]
    catalog = found.config.catalog
    if catalog.empty:
        rows.append(
            Row(
                area="catalog",
                where=str(found.config.catalog_dir),
                state=State.OFF,
                what="The catalog is empty: every page opens as *service unknown*.",
                fix="A mapping would add owners, blast radius, runbooks and rollbacks.",
            )
        )
    elif not found.problems:
        rows.append(
            Row(
                area="catalog",
                where=str(found.config.catalog_dir),
                state=State.OK,
                what=f"{len(catalog.services)} components, {len(catalog.resources)} resources, "
                f"{len(catalog.environments)} environments, {len(catalog.paging)} paging rules",
            )
        )
    return rows


def storage(config: Config) -> Row:
    """Tries the write that storing will do; leaves nothing behind."""
    folder = config.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".check"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Row(
            area="storage",
            where="TOCSIN_DATA_DIR",
            state=State.PROBLEM,
            what=f"{folder} cannot be written: {error.strerror}.",
            fix="Write the path of a folder on a lasting disk that this user may write to.",
        )
    if lost := volatile(config.database):
        allowed = config.volatile_disk_allowed
        return Row(
            area="storage",
            where="TOCSIN_DATA_DIR" if config.database.parent == folder else "DATABASE_URL",
            state=State.WARNING if allowed else State.PROBLEM,
            what=f"{lost}.",
            fix="Mount a volume, or set TOCSIN_ALLOW_VOLATILE_DISK=1 if incidents may be lost.",
        )
    return Row(area="storage", where="TOCSIN_DATA_DIR", state=State.OK, what=f"{folder}")


def _scopes(manifest: Path) -> tuple[str, ...]:
    """What the app asks Slack for; empty where the manifest does not lie beside the program."""
    if not manifest.is_file():
        return ()
    found, _ = documents(manifest, manifest.name)
    content = found[0].content if found else {}
    for key in ("oauth_config", "scopes", "bot"):
        content = content.get(key, {}) if isinstance(content, dict) else {}
    return tuple(content) if isinstance(content, list) else ()


def _verdict(wrong: int, warned: int) -> Text:
    if wrong:
        return Text(f"{wrong} to put right, {warned} to look at.", style="bold red")
    return Text(f"Nothing to put right, {warned} to look at.", style="green")
