"""Feature flags of the catalog: read as they are written, each mistake told at its line."""

from pathlib import Path

import pytest

from bot.config import load, survey
from bot.domain.catalog import DeclaredFlag

CATALOG = {
    "environments.yaml": "environments:\n  production: {production: true}\n",
    "teams.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-lms}
""",
    "lms.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: lms}
spec: {type: service, owner: team-lms, dependsOn: [resource:default/lms-flags]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: lms-flags
  annotations:
    tocsin.dev/identifier.production: lms/lms-flags/app
spec: {type: waffle, owner: team-lms}
""",
}
FLAG = """\
flag: courseware.new_search
store: lms-flags
title: New search
owner: team-lms
services: [lms]
values: [off, on, 25%]
---
flag: course_experience.relative_dates
store: lms-flags
owner: team-lms
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in CATALOG.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "flags").mkdir()
    return tmp_path


def written(folder: Path, text: str = FLAG) -> dict[str, str]:
    (folder / "flags" / "lms.yaml").write_text(text)
    return {"TOCSIN_CATALOG": str(folder)}


def told(environ: dict[str, str]) -> dict[str, str]:
    found = survey(environ).problems
    return {each.where.rpartition("/")[2]: f"{each.what} {each.fix}" for each in found}


def test_flags_are_read_as_they_are_written(folder):
    search, dates = load(written(folder)).catalog.flags_in("lms-flags")

    assert search == DeclaredFlag(
        name="courseware.new_search",
        store="lms-flags",
        title="New search",
        owner="team-lms",
        services=("lms",),
        values=("off", "on", "25%"),
    )
    assert dates.values == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("flag: courseware", "flag: -courseware", 1, "should match pattern"),
        ("store: lms-flags", "store: lms-flag", 2, "Did you mean lms-flags"),
        ("store: lms-flags", "store: lms", 2, "`lms` is no resource of the type `waffle`."),
        ("owner: team-lms", "owner: team-lsm", 4, "Did you mean team-lms"),
        ("owner: team-lms\n", "", 1, "`owner` is missing."),
        ("[lms]", "[lsm]", 5, "`lsm` is not in the catalog."),
        ("25%]", "125%]", 6, "`125%` is no value of a flag"),
        ("values:", "allowed:", 6, "`allowed` is not a setting that exists."),
        ("course_experience.relative_dates", "courseware.new_search", 8, "already exists, in"),
    ],
)
def test_a_mistake_is_told_at_its_line(folder, old, new, line, what):
    assert old in FLAG
    found = told(written(folder, FLAG.replace(old, new, 1)))

    assert what in found[f"lms.yaml:{line}"]


def test_a_store_says_which_cronjob_lists_it(folder):
    (folder / "lms.yaml").write_text(CATALOG["lms.yaml"].replace("lms/lms-flags/app", "lms-flags"))

    found = told(written(folder))

    assert "`lms-flags` does not say which CronJob lists the flags." in found["lms.yaml:11"]
