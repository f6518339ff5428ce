"""A team's own fix as the catalog declares it: what it takes, what runs it, and what proves it."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import Refused
from bot.domain.redaction import redact

_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
_FEW = 5
"""Ways to run one workflow that are offered side by side."""
LONGEST = 200
OUTPUT = 300
"""Characters of what a run said that are kept, from its end."""


class InputKind(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    CHOICE = "choice"
    BOOLEAN = "boolean"


class Proof(StrEnum):
    RECOVERY = "recovery"
    """Its own success, and then the users' numbers."""
    SUCCESS = "success"
    """Its own success alone: where it helps no user at once."""


class By(StrEnum):
    """What runs it; each is a section of that name in the file."""

    JOB = "job"
    GITHUB = "github"
    SSM = "ssm"


@dataclass(frozen=True, kw_only=True)
class Input:
    """`passed_as` is what the run knows it by: an environment variable, an input, a parameter."""

    name: str
    kind: InputKind = InputKind.STRING
    passed_as: str = ""
    explains: str = ""
    pattern: str = ""
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None

    @property
    def usage(self) -> str:
        """`queue=<default|high>`."""
        match self.kind:
            case InputKind.CHOICE:
                return f"{self.name}=<{'|'.join(self.choices)}>"
            case InputKind.INTEGER:
                return f"{self.name}=<{self.lowest}..{self.highest}>"
            case InputKind.BOOLEAN:
                return f"{self.name}=<true|false>"
            case InputKind.STRING:
                return f"{self.name}=<{self.explains or 'text'}>"

    @property
    def values(self) -> tuple[str, ...]:
        """All that it can be, where they are counted."""
        match self.kind:
            case InputKind.CHOICE:
                return self.choices
            case InputKind.BOOLEAN:
                return (_TRUE[0], _FALSE[0])
            case _:
                return ()

    def wrong(self, text: str) -> str:
        """Why it is not taken; empty where it is."""
        match self.kind:
            case InputKind.CHOICE if text not in self.choices:
                return f"it is one of {', '.join(self.choices)}"
            case InputKind.BOOLEAN if text.lower() not in (*_TRUE, *_FALSE):
                return "it is true or false"
            case InputKind.INTEGER if not self._in_range(text):
                return f"it is a whole number from {self.lowest} to {self.highest}"
            case InputKind.STRING if not re.fullmatch(self.pattern, text):
                return f"it has to look like `{self.pattern}`"
            case _:
                return ""

    def _in_range(self, text: str) -> bool:
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            return False
        low = self.lowest if self.lowest is not None else int(text)
        high = self.highest if self.highest is not None else int(text)
        return low <= int(text) <= high

    def taken(self, text: str) -> str:
        """As it is passed on; `Refused` where it is not taken."""
        if len(text) > LONGEST:
            raise Refused(f"{self.name} is longer than {LONGEST} characters.")
        if why := self.wrong(text):
            raise Refused(f"{self.name}: {why}.")
        if not redact(text).clean:
            raise Refused(f"{self.name} looks like a secret: nothing secret is typed in a chat.")
        match self.kind:
            case InputKind.BOOLEAN:
                return "true" if text.lower() in _TRUE else "false"
            case InputKind.INTEGER:
                return str(int(text))
            case _:
                return text


@dataclass(frozen=True, kw_only=True)
class FromCronJob:
    """A Job is made from the CronJob's template; an empty container means all of them."""

    namespace: str
    cronjob: str
    container: str = ""
    arguments: tuple[str, ...] = ()
    """In place of those that the one container is given there."""
    behind: str = ""
    """What its command has to end in, so that the arguments mean what they should."""


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """A GitHub Actions workflow; its run is found by `marker`, an input that its `run-name` shows."""

    repository: str
    workflow: str
    ref: str = "main"
    marker: str = "tocsin"


@dataclass(frozen=True, kw_only=True)
class Document:
    """An Automation document of AWS Systems Manager."""

    name: str


Runs = FromCronJob | Dispatch | Document


@dataclass(frozen=True, kw_only=True)
class Workflow:
    name: str
    runs: Runs
    title: str = ""
    description: str = ""
    owner: str = ""
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    risky: bool = True
    proof: Proof = Proof.RECOVERY
    undo: str = ""
    """The workflow that takes it back; it is given the inputs that it knows by name."""

    @property
    def label(self) -> str:
        return self.title or self.name

    @property
    def by(self) -> By:
        match self.runs:
            case FromCronJob():
                return By.JOB
            case Dispatch():
                return By.GITHUB
            case Document():
                return By.SSM

    @property
    def usage(self) -> str:
        """The name and every input that has to be given."""
        needed = (each.usage for each in self.inputs if each.default is None)
        return " ".join((self.name, *needed))

    @property
    def complete(self) -> bool:
        """Its name is all that has to be said."""
        return all(each.default is not None for each in self.inputs)

    @property
    def choices(self) -> tuple[str, ...]:
        """Every way to complete it, where all that is missing is one choice among a few."""
        needed = [each for each in self.inputs if each.default is None]
        if len(needed) != 1 or not 0 < len(needed[0].values) <= _FEW:
            return ()
        return tuple(f"{needed[0].name}={value}" for value in needed[0].values)

    @property
    def mark(self) -> str:
        """Tells one declaration from another: an approval is for this one."""
        told = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def serves(self, service: str, environment: str) -> bool:
        return service in self.services and environment in self.environments

    def given(self, texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Every input with its value, in the order of the declaration."""
        known = {each.name for each in self.inputs}
        if strange := sorted(set(texts) - known):
            names = ", ".join(sorted(known)) or "none"
            raise Refused(f"{self.name} takes no input “{strange[0]}”. It takes: {names}.")
        missing = [e for e in self.inputs if e.default is None and e.name not in texts]
        if missing:
            raise Refused(f"{self.name} needs {missing[0].name}. Say `{self.usage}`.")
        return tuple((e.name, e.taken(texts.get(e.name, e.default or ""))) for e in self.inputs)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A workflow to be run with exactly these inputs."""

    workflow: Workflow
    environment: str
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """As it is typed, and as it is stored."""
        pairs = (shlex.quote(f"{name}={value}") for name, value in self.inputs)
        return " ".join((self.workflow.name, *pairs))

    @property
    def passed(self) -> tuple[tuple[str, str], ...]:
        """By the names that the run knows."""
        known = {each.name: each.passed_as or each.name for each in self.workflow.inputs}
        return tuple((known[name], value) for name, value in self.inputs)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What would run, as it stands now; another `version` means other content."""

    version: str
    label: str
    steps: tuple[str, ...]
    worries: tuple[str, ...] = ()
    pinned: str = ""
    """What of several versions is asked for by name; empty where there is but one."""


class RunState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of ours. `output` is the end of what it said, already safe to show."""

    name: str
    state: RunState
    words: str
    output: str = ""
    link: str = ""
    ended: datetime | None = None

    @property
    def told(self) -> str:
        link = f" ({self.link})" if self.link else ""
        said = f". Its last words: {self.output}" if self.output else ""
        return f"{self.name}: {self.words}{link}{said}"


def ordered(text: str, workflows: Sequence[Workflow], environment: str) -> Order:
    """`clear-queue queue=high reason='too long'`."""
    try:
        name, *pairs = shlex.split(text) or [""]
    except ValueError as error:
        raise Refused("A quote is not closed.") from error
    found = next((each for each in workflows if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in workflows) or "none"
        raise Refused(f"There is no workflow “{name}” here. There is: {names}.")
    texts: dict[str, str] = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if not mark:
            raise Refused(f"“{pair}” is no input. Say `{found.usage}`.")
        texts[key] = value
    return Order(workflow=found, environment=environment, inputs=found.given(texts))


def last_words(text: str) -> str:
    """Redacted first, capped after: half a secret is not recognised any more."""
    clean = " ".join(redact(text).text.split())
    return clean if len(clean) <= OUTPUT else f"…{clean[-OUTPUT:]}"
