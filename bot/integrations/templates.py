"""Renders the Markdown templates that a team may rewrite: a missing value is an error, never a gap."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import jinja2

from bot.domain.errors import VendorRejected

VENDOR = "the templates"


class JinjaTemplates:
    """Read from one folder, again whenever a file changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Markdown is written, not HTML: escaping would spoil every quote in it.
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, name: str, values: Mapping[str, object]) -> str:
        try:
            return self._environment.get_template(name).render(**values)
        except jinja2.TemplateNotFound as error:
            raise self._wrong(name, f"there is no {error.name}") from error
        except jinja2.TemplateSyntaxError as error:
            raise self._wrong(name, f"line {error.lineno}: {error.message}") from error
        except jinja2.UndefinedError as error:
            raise self._wrong(name, str(error.message)) from error

    def _wrong(self, name: str, why: str) -> VendorRejected:
        by_hand = f"Correct {self._folder / name}; `python app.py check` tries every template."
        return VendorRejected(VENDOR, f"render {name}", why, by_hand=by_hand)
