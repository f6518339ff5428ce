"""Renders every template once on made-up values: a typo is found here, not while users wait."""

import traceback
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.exceptions import TemplateSyntaxError

from bot.checking.row import Row, State
from bot.checking.samples import sample

_AREA = "templates"


def rows(folder: Path) -> list[Row]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.j2"))
    if not names:
        return [
            Row(
                area=_AREA,
                where=str(folder),
                state=State.PROBLEM,
                what="There are no templates, so no update and no postmortem can be written.",
                fix="Restore the folder from the repository, or point TOCSIN_TEMPLATES at yours.",
            )
        ]
    # Markdown and plain text: escaping for HTML would spoil it.
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = [row for name in names if (row := _rendered(environment, folder, name))]
    return found or [
        Row(area=_AREA, where=str(folder), state=State.OK, what=f"{len(names)} templates")
    ]


def _rendered(environment: Environment, folder: Path, name: str) -> Row | None:
    shown_as = f"{folder.name}/{name}"
    try:
        environment.get_template(name).render(sample(name))
    except TemplateSyntaxError as error:
        return _row(f"{shown_as}:{error.lineno}", f"{error.message}.", "Correct the tag.")
    except (TemplateError, TypeError, ValueError, ZeroDivisionError) as error:
        return _row(
            f"{shown_as}:{_line(error, name)}",
            f"It cannot be filled in: {error}.",
            "Use the variables listed in the comment at the top of the shipped file.",
        )
    except UnicodeDecodeError:
        return _row(shown_as, "It is not UTF-8.", "Save it as UTF-8.")
    return None


def _line(error: Exception, name: str) -> int:
    """Jinja2 rewrites its frames so that they carry the template's own name and line."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno or 1 for each in reversed(frames) if each.filename.endswith(name)), 1)


def _row(where: str, what: str, fix: str) -> Row:
    return Row(area=_AREA, where=where, state=State.PROBLEM, what=what, fix=fix)
