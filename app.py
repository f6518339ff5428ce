"""The command line: serve, demo, check, runbook, lint, owed, backup."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn
from rich.console import Console

from bot import check as checking
from bot import demo as demonstration
from bot import lint_command, owed_command, redact_command, runbook_command
from bot.config import Config, ConfigError, from_environment, load
from bot.serving import Serving
from bot.timeline.database import database
from bot.timeline.migrate import newer

cli = typer.Typer(
    help="Tocsin: the on-call bot that undoes the bad change and proves it worked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _logging() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _config() -> Config:
    try:
        return load(from_environment())
    except ConfigError as wrong:
        for problem in wrong.problems:
            typer.echo(f"{problem.where}: {problem.what} {problem.fix}", err=True)
        typer.echo("Nothing was started. `python app.py check` looks at everything.", err=True)
        raise typer.Exit(2) from None


@cli.command()
def serve(host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0") -> None:
    """Web and engine in one process."""
    _logging()
    config = _config()
    base = database(config.database)
    if refused := newer(base):
        typer.echo(f"{refused} Nothing was started.", err=True)
        raise typer.Exit(2)
    lost = base.volatile()
    if lost and not config.volatile_disk_allowed:
        typer.echo(
            f"DATABASE_URL: {lost}. Mount a volume, or set TOCSIN_ALLOW_VOLATILE_DISK=1 if"
            " incidents may be lost.",
            err=True,
        )
        raise typer.Exit(2)
    uvicorn.run(
        Serving(config).app(),
        host=host,
        port=config.port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


@cli.command()
def demo(
    fresh: Annotated[bool, typer.Option(help="Forget what an earlier run left.")] = False,
) -> None:
    """The real bot and the demo world beside it; nothing leaves this machine."""
    raise typer.Exit(demonstration.run(from_environment(), fresh=fresh))


@cli.command()
def check(
    audit: Annotated[bool, typer.Option(help="Walk the timeline's hash chain instead.")] = False,
    postmortems: Annotated[
        list[Path] | None,
        typer.Option(help="With --audit: a checkout whose hashes it has to hold; repeatable."),
    ] = None,
) -> None:
    """Validates everything it can, and tells all problems at once."""
    if audit:
        kept = postmortems or []
        raise typer.Exit(owed_command.check_audit(_config().database, Console(), kept))
    raise typer.Exit(checking.run(from_environment()))


@cli.command()
def runbook(
    query: Annotated[str, typer.Argument(help="What you would type or paste at 3 a.m.")],
    directory: Annotated[list[Path] | None, typer.Option("--dir", help="Where to look.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Finds the runbook that fits, or says that none does."""
    raise typer.Exit(runbook_command.run(query, directory or [Path("runbooks")], as_json))


@cli.command()
def lint(
    file: Annotated[Path, typer.Argument(help="A Markdown file.")],
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Blameless wording: what reads as blame, and how to say it instead."""
    raise typer.Exit(lint_command.run(file, as_json))


@cli.command()
def owed(
    action: Annotated[str, typer.Argument(help="Nothing, or `retry`.")] = "",
    name: Annotated[str, typer.Argument(help="Which reaction to retry; all if empty.")] = "",
) -> None:
    """What is owed, parked or waiting; `retry` owes what was parked again."""
    where = _config().database
    if action == "retry":
        raise typer.Exit(owed_command.retry_owed(where, Console(), name=name))
    if action:
        raise typer.BadParameter(f"“{action}” is not known here: nothing, or `retry`.")
    raise typer.Exit(owed_command.show_owed(where, Console()))


@cli.command()
def backup(path: Annotated[Path, typer.Argument(help="The copy to write.")]) -> None:
    """A consistent copy of the database while the bot runs."""
    raise typer.Exit(owed_command.back_up(_config().database, path, Console()))


@cli.command()
def redact(
    incident: Annotated[str, typer.Argument(help="Its id, as the card shows it.")],
    entry: Annotated[int, typer.Argument(help="The number of the entry.")],
    by: Annotated[str, typer.Option(help="Who decided it.")],
    why: Annotated[str, typer.Option(help="For the record.")],
    field: Annotated[list[str] | None, typer.Option(help="Only this field; repeatable.")] = None,
) -> None:
    """Takes an entry's text out of a stopped bot's timeline, for good."""
    place, fields = (incident, entry), tuple(field or ())
    raise typer.Exit(redact_command.run(_config().database, place, fields, by=by, why=why))


if __name__ == "__main__":
    cli()
