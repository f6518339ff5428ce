"""catalog/workflows: a team's own fixes, each a document that says what it takes and what runs it."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from bot.configuration.lines import Document
from bot.configuration.own_files import Words
from bot.configuration.problem import Problem, suggestion
from bot.configuration.validation import Strict, validated
from bot.domain.errors import Refused
from bot.domain.workflow import (
    By,
    Dispatch,
    FromCronJob,
    Input,
    InputKind,
    Proof,
    Runs,
    Workflow,
)
from bot.domain.workflow import Document as Automation

_KUBERNETES = r"^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$"


def _closed(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"`{text}` is not a regular expression: {error}") from None
    return text


class InputPart(Strict):
    type: InputKind
    as_: str = Field(default="", alias="as", pattern=r"^([A-Za-z_][\w-]*)?$")
    explains: str = ""
    pattern: Annotated[str, AfterValidator(_closed)] = ""
    min: StrictInt | None = None
    max: StrictInt | None = None
    choices: tuple[Words, ...] = ()
    default: StrictBool | StrictInt | str | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        wanted = {
            InputKind.STRING: ("pattern",),
            InputKind.INTEGER: ("min", "max"),
            InputKind.CHOICE: ("choices",),
            InputKind.BOOLEAN: (),
        }
        for kind, names in wanted.items():
            for name in names:
                there = getattr(self, name) not in ("", None, ())
                if kind is self.type and not there:
                    raise ValueError(f"an input of the type {kind} says its `{name}`")
                if kind is not self.type and there:
                    raise ValueError(f"`{name}` is for inputs of the type {kind}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` is above `max`")
        return self

    @property
    def written_default(self) -> str | None:
        match self.default:
            case None:
                return None
            case bool(value):
                return str(value).lower()
            case value:
                return str(value)


class JobPart(Strict):
    namespace: str = Field(pattern=_KUBERNETES)
    cronjob: str = Field(pattern=_KUBERNETES)
    container: str = ""


class GitHubPart(Strict):
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    workflow: str = Field(pattern=r"^[\w.-]+\.ya?ml$")
    ref: str = Field(default="main", pattern=r"^[\w./-]+$")
    marker: str = Field(default="tocsin", pattern=r"^[A-Za-z_][\w-]*$")


class SsmPart(Strict):
    document: str = Field(pattern=r"^[\w.:/-]{3,200}$")


class ProofPart(StrEnum):
    RECOVERY = "recovery"
    SUCCESS = "success"


class RiskPart(StrEnum):
    LOW = "low"
    HIGH = "high"


class WorkflowFile(Strict):
    workflow: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$")
    title: str = ""
    description: str = ""
    owner: Words
    services: tuple[Words, ...] = Field(min_length=1)
    environments: tuple[Words, ...] = Field(min_length=1)
    inputs: dict[str, InputPart] = Field(default_factory=dict)
    risk: RiskPart = RiskPart.HIGH
    proven_by: ProofPart = ProofPart.RECOVERY
    undo: str = ""
    job: JobPart | None = None
    github: GitHubPart | None = None
    ssm: SsmPart | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(getattr(self, each) is not None for each in By) != 1:
            raise ValueError("exactly one of `job`, `github` and `ssm` says what runs it")
        return self


def workflow(document: Document, problems: list[Problem]) -> Workflow | None:
    file = validated(WorkflowFile, document, problems)
    if file is None:
        return None
    found = Workflow(
        name=file.workflow,
        title=file.title,
        description=file.description,
        owner=file.owner,
        services=file.services,
        environments=file.environments,
        inputs=tuple(_input(name, part) for name, part in file.inputs.items()),
        risky=file.risk is RiskPart.HIGH,
        proof=Proof(file.proven_by),
        undo=file.undo,
        runs=_runs(file),
    )
    problems += _bad_inputs(found, document)
    return found


def _input(name: str, part: InputPart) -> Input:
    return Input(
        name=name,
        kind=part.type,
        passed_as=part.as_,
        explains=part.explains,
        pattern=part.pattern,
        lowest=part.min,
        highest=part.max,
        choices=part.choices,
        default=part.written_default,
    )


def _runs(file: WorkflowFile) -> Runs:
    if file.job:
        return FromCronJob(**file.job.model_dump())
    if file.github:
        return Dispatch(**file.github.model_dump())
    assert file.ssm is not None
    return Automation(name=file.ssm.document)


def _bad_inputs(found: Workflow, document: Document) -> Iterable[Problem]:
    for each in found.inputs:
        where = document.where("inputs", each.name)
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", each.name):
            yield Problem(
                where=where,
                what=f"`{each.name}` is no name for an input.",
                fix="Use small letters, digits and _, as it is typed in a chat.",
            )
        if each.default is not None:
            try:
                each.taken(each.default)
            except Refused as refused:
                yield Problem(
                    where=document.where("inputs", each.name, "default"),
                    what=f"The default of {str(refused).rstrip('.')}.",
                    fix="Write a default that could be typed as well.",
                )


def unresolved(
    workflows: Iterable[tuple[Workflow, Document]],
    *,
    services: list[str],
    teams: list[str],
    environments: list[str],
) -> Iterable[Problem]:
    """References that lead nowhere, and undoing that could not be done."""
    known = list(workflows)
    by_name = {each.name: each for each, _ in known}
    first: dict[str, Document] = {}
    for each, document in known:
        if (other := first.setdefault(each.name, document)) is not document:
            where = other.where("workflow")
            yield Problem(
                where=document.where("workflow"),
                what=f"The workflow `{each.name}` already exists, in {where}.",
                fix="Give one of them another name.",
            )
        yield from named(document, ("owner",), (each.owner,), teams)
        yield from named(document, ("services",), each.services, services)
        yield from named(document, ("environments",), each.environments, environments)
        if each.undo:
            yield from _undoing(each, by_name.get(each.undo), document, list(by_name))


def named(
    document: Document, path: tuple[str], names: tuple[str, ...], known: Sequence[str]
) -> Iterable[Problem]:
    """References of a document of ours to what the catalog has."""
    for place, name in enumerate(names):
        if name not in known:
            yield Problem(
                where=document.where(*path, place),
                what=f"`{name}` is not in the catalog.",
                fix=suggestion(name, known, "Add it, or correct the name."),
            )


def _undoing(
    each: Workflow, back: Workflow | None, document: Document, names: list[str]
) -> Iterable[Problem]:
    where = document.where("undo")
    if back is None:
        others = [name for name in names if name != each.name]
        what = f"There is no workflow `{each.undo}` that could take it back."
        yield Problem(
            where=where,
            what=what,
            fix=suggestion(each.undo, others, "Write it, or remove `undo`."),
        )
        return
    places = [(s, e) for s in each.services for e in each.environments]
    if lacking := [f"{e}/{s}" for s, e in places if not back.serves(s, e)]:
        what = f"`{back.name}` takes it back, but is not for {lacking[0]}."
        yield Problem(where=where, what=what, fix=f"Add it to {back.name} too.")
    given = {one.name for one in each.inputs}
    for one in back.inputs:
        if one.default is None and one.name not in given:
            yield Problem(
                where=where,
                what=f"`{back.name}` needs the input `{one.name}`, which this one does not have.",
                fix="Give it a default, or add the input here.",
            )
