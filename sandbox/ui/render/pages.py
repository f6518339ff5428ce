"""The Jinja environment: every template escapes by itself, and one function draws blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from sandbox.ui.render import dates
from sandbox.ui.render.place import Place, named


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("sandbox.ui", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clock"] = dates.clock
    made.filters["full"] = dates.full
    made.filters["iso"] = dates.iso
    made.filters["lookup"] = lambda key, words: words.get(key, key)
    made.tests["lacks"] = lambda found, one: one not in found
    made.globals["draw"] = draw
    return made


def page(template: str, **values: Any) -> Markup:
    return Markup(environment().get_template(template).render(**values))


def draw(blocks: Sequence[Mapping[str, Any]], at: Place) -> Markup:
    """Blocks as HTML; a kind nobody knows is shown as such rather than dropped."""
    module = environment().get_template("blocks.html").module
    return Markup("").join(module.block(block, at) for block in named(blocks))  # type: ignore[attr-defined]
