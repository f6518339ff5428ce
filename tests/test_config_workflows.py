"""Workflows of the catalog: read as they are written, each mistake told at its line."""

from pathlib import Path

import pytest

from bot.config import load, survey
from bot.domain.workflow import FromCronJob, InputKind, Proof
from tests.small_catalog import ENVIRONMENTS, LMS, TEAM

CATALOG = {"environments.yaml": ENVIRONMENTS, "teams.yaml": TEAM, "lms.yaml": LMS}
PARK = """\
workflow: park
owner: team-lms
services: [lms]
environments: [production]
undo: unpark
inputs:
  queue: {type: choice, choices: [default, high], as: QUEUE}
  minutes: {type: integer, min: 1, max: 60, default: 30}
job: {namespace: lms, cronjob: park}
---
workflow: unpark
owner: team-lms
services: [lms]
environments: [production, staging]
risk: low
proven_by: success
inputs:
  queue: {type: choice, choices: [default, high], as: QUEUE}
job: {namespace: lms, cronjob: unpark, container: app}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in CATALOG.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "workflows").mkdir()
    return tmp_path


def written(folder: Path, text: str = PARK) -> dict[str, str]:
    (folder / "workflows" / "celery.yaml").write_text(text)
    return {"TOCSIN_CATALOG": str(folder)}


def told(folder: Path, old: str, new: str) -> dict[str, str]:
    assert old in PARK
    problems = survey(written(folder, PARK.replace(old, new, 1))).problems
    return {each.where.rpartition("/")[2]: f"{each.what} {each.fix}" for each in problems}


def test_workflows_are_read_as_they_are_written(folder):
    park, unpark = load(written(folder)).catalog.workflows

    assert park.runs == FromCronJob(namespace="lms", cronjob="park")
    assert (park.risky, park.proof, park.undo) == (True, Proof.RECOVERY, "unpark")
    assert (unpark.risky, unpark.proof, unpark.undo) == (False, Proof.SUCCESS, "")
    queue, minutes = park.inputs
    assert (queue.kind, queue.choices, queue.passed_as) == (
        InputKind.CHOICE,
        ("default", "high"),
        "QUEUE",
    )
    assert (minutes.lowest, minutes.highest, minutes.default) == (1, 60, "30")
    assert unpark.serves("lms", "staging")
    assert not park.serves("lms", "staging")


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("owner: team-lms", "owner: team-lsm", 2, "`team-lsm` is not in the catalog. Did you"),
        ("[lms]", "[lsm]", 3, "`lsm` is not in the catalog. Did you mean lms"),
        ("[production]", "[prod]", 4, "`prod` is not in the catalog."),
        ("undo: unpark", "undo: unparc", 5, "There is no workflow `unparc`"),
        ("undo: unpark", "undoes: unpark", 5, "`undoes` is not a setting that exists."),
        ("as: QUEUE", "env: QUEUE", 7, "is not a setting that exists."),
        ("type: choice, choices: [default, high]", "type: choice", 7, "says its `choices`"),
        ("type: choice,", "type: list,", 7, "has a value that does not exist"),
        ("max: 60", "max: many", 8, "should be a valid integer"),
        ("max: 60", "max: 0", 8, "`min` is above `max`"),
        ("default: 30", "default: 90", 8, "a whole number from 1 to 60"),
        ("max: 60,", "max: 60, pattern: x,", 8, "`pattern` is for inputs of the type string"),
        ("minutes:", "Minutes:", 8, "`Minutes` is no name for an input"),
        ("type: integer, min: 1, max: 60", 'type: string, pattern: "["', 8, "not a regular"),
        ("cronjob: park}", "cronjob: Park}", 9, "should match pattern"),
        ("job: {", "ssm: {document: Park}\njob: {", 1, "exactly one of `job`"),
        ("workflow: unpark", "workflow: park", 11, "already exists, in"),
    ],
)
def test_a_mistake_is_told_at_its_line(folder, old, new, line, what):
    found = told(folder, old, new)

    assert what in found[f"celery.yaml:{line}"]


def test_undoing_has_to_be_possible_wherever_it_was_done(folder):
    found = told(folder, "[production]", "[production, staging]")
    assert found == {}

    found = told(folder, "[production, staging]", "[staging]")
    assert "`unpark` takes it back, but is not for production/lms." in found["celery.yaml:5"]


def test_undoing_has_to_get_its_inputs(folder):
    found = told(folder, "  queue: {type: choice, choices: [default, high], as: QUEUE}\n", "")

    assert "`unpark` needs the input `queue`" in found["celery.yaml:5"]
