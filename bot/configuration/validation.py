"""Holds what a file says against a pydantic model and puts every complaint into plain words."""

import re
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from bot.configuration.lines import Document
from bot.configuration.problem import Problem, suggestion

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Strict(BaseModel):
    """Our own files: a misspelt key is a mistake, not an extension."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Open(BaseModel):
    """Backstage's files: other tools keep their own keys there."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Validated = TypeVar("Validated", bound=BaseModel)


def duration(text: Any) -> Any:
    """`15m`, `3d`, `90s`; anything else is left for pydantic to refuse."""
    if isinstance(text, str) and (found := re.fullmatch(r"(\d+)\s*([smhdw])", text.strip())):
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if isinstance(text, str):
        raise ValueError(f"`{text}` is not a length of time")
    return text


def _unless_never(text: Any) -> Any:
    return None if text in ("never", "none", None) else duration(text)


def _share(text: object) -> float:
    """`20%` is a fifth."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?) ?%", text) if isinstance(text, str) else None
    if found is None or float(found[1]) > 100:
        raise ValueError("it is written like 20%")
    return float(found[1]) / 100


Share = Annotated[float, BeforeValidator(_share)]
Span = Annotated[timedelta, BeforeValidator(duration)]
SpanOrNever = Annotated[timedelta | None, BeforeValidator(_unless_never)]


def validated(
    model: type[Validated], document: Document, problems: list[Problem]
) -> Validated | None:
    """The model, or None with every complaint added to `problems`."""
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        problems += [_problem(model, document, each) for each in error.errors()]
        return None


def _problem(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Problem:
    place = tuple(part for part in detail["loc"] if not str(part).startswith("function-"))
    written = ".".join(str(part) for part in place) or "the document"
    what, fix = _words(model, detail, written)
    return Problem(where=document.where(*place), what=what, fix=fix)


def _words(model: type[BaseModel], detail: ErrorDetails, written: str) -> tuple[str, str]:
    match detail["type"]:
        case "missing":
            return f"`{written}` is missing.", f"Add `{written.rsplit('.', 1)[-1]}: …`."
        case "extra_forbidden":
            last = written.rsplit(".", 1)[-1]
            known = _keys(model, detail["loc"][:-1])
            return (
                f"`{written}` is not a setting that exists.",
                suggestion(last, known, f"Use one of {', '.join(known)}, or remove it."),
            )
        case "value_error":
            said = detail["msg"].removeprefix("Value error, ")
            if "length of time" in said:
                return (
                    f"`{written}`: {said}.",
                    "Write a number and s, m, h, d or w, like 15m or 3d.",
                )
            return f"`{written}`: {said}.", "Write it as the example in catalog/README.md has it."
        case "enum" | "literal_error":
            expected = detail.get("ctx", {}).get("expected", "one of the known values")
            return f"`{written}` has a value that does not exist.", f"Use {expected}."
        case _:
            return f"`{written}`: {detail['msg'].lower()}.", _shape(detail["type"])


def _shape(kind: str) -> str:
    match kind:
        case "string_type":
            return 'Write text; put numbers and dates in quotes, like "123".'
        case "list_type" | "tuple_type":
            return "Write a list: `[one, two]`, or one `- item` a line."
        case "dict_type" | "model_type" | "model_attributes_type":
            return "Write `key: value` pairs, indented below it."
        case "int_type" | "int_parsing" | "float_type" | "float_parsing":
            return "Write a number, without quotes."
        case "bool_type" | "bool_parsing":
            return "Write true or false."
        case _:
            return "Write it as the shipped file has it."


def _keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys that exist at a place in the model, as far as its types tell."""
    current: Any = model
    for part in path:
        written = _written(current)
        known = written.get(str(part))
        current = _inner(known.annotation if known else current)
    return sorted(_written(current))


def _written(model: Any) -> dict[str, Any]:
    """The fields of a model by the names that stand in files."""
    fields = getattr(model, "model_fields", {})
    return {each.alias or name: each for name, each in fields.items()}


def _inner(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    inside = [_inner(each) for each in getattr(annotation, "__args__", ())]
    return next((each for each in inside if hasattr(each, "model_fields")), annotation)
