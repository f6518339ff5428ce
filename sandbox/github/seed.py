"""Writes the platform repository's history: charts, values and the code that releases change."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import yaml

from sandbox.github.repository import Author, Commit, Repository
from sandbox.github.services import (
    BEN,
    BOT,
    COURSE_VIEW,
    KENJI,
    SERVICES,
    START,
    UPCOMING,
    Release,
    Service,
)

PLATFORM = "demo/platform"
POSTMORTEMS = "demo/postmortems"
MAIN = "main"
LEAD = timedelta(minutes=4)
"""How long before its deployment a scenario's release was pushed."""


REPUBLISH = """\
name: Republish the catalog site
run-name: Republish the catalog site (${{ inputs.tocsin }})
on:
  workflow_dispatch:
    inputs:
      tocsin: {description: Who asked, required: true}
      locale: {description: Which language, default: all}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - {name: Build, run: make site}
      - {name: Publish, run: make publish}
"""


def platform() -> Repository:
    """The repository of a fresh world; commits and trees, which nobody changes, are written once."""
    seeded = _platform()
    return Repository(
        name=seeded.name,
        commits=dict(seeded.commits),
        trees=dict(seeded.trees),
        branches=dict(seeded.branches),
    )


@lru_cache(maxsize=1)
def _platform() -> Repository:
    repository = Repository(name=PLATFORM)
    repository.commit(
        MAIN, _imported(), message="Import the charts", author=BEN, at=START - timedelta(days=90)
    )
    due = sorted(
        ((release.age, service, release) for service in SERVICES for release in service.releases),
        key=lambda item: -item[0],
    )
    for age, service, release in due:
        push(repository, service, release, START - age)
    return repository


def _imported() -> dict[str, str | None]:
    files: dict[str, str | None] = {
        "README.md": "# Platform\n\nCharts and code of the platform.\n"
    }
    files["lms/djangoapps/courseware/views.py"] = COURSE_VIEW
    files[".github/workflows/republish-site.yaml"] = REPUBLISH
    for service in SERVICES:
        files[f"{service.path}/Chart.yaml"] = chart_file(service, "3.7.2")
        files[f"{service.path}/values.yaml"] = dump(first_values(service))
    return files


def chart_file(service: Service, version: str) -> str:
    """Chart.yaml of a service."""
    name = service.image or service.name
    return dump({"apiVersion": "v2", "name": name, "type": "application", "version": version})


def first_values(service: Service) -> dict[str, object]:
    """The values a chart starts with; releases change them."""
    settings = f"{service.image or service.name}.envs.production"
    return {
        "image": {"repository": service.repository, "tag": "r1"},
        "replicas": service.replicas,
        "worker": {"replicas": service.worker},
        "env": {"DJANGO_SETTINGS_MODULE": settings},
        "resources": {
            "requests": {"cpu": "500m", "memory": "1Gi"},
            "limits": {"cpu": "2", "memory": "2Gi"},
        },
        "migrations": {"enabled": service.migrates},
    }


def push(repository: Repository, service: Service, release: Release, at: datetime) -> Commit:
    """Commits a release to main: its code, its image tag and the values it changes."""
    path = f"{service.path}/values.yaml"
    values = copy.deepcopy(parsed(repository.trees[repository.branches[MAIN]][path]))
    values["image"]["tag"] = release.tag
    values.update(release.values)
    changes: dict[str, str | None] = {**release.files, path: dump(values)}
    if release.chart:
        changes[f"{service.path}/Chart.yaml"] = chart_file(service, release.chart)
    message = f"{release.message}\n\nDeploys {service.image or service.name} {release.tag}."
    return repository.commit(MAIN, changes, message=message, author=release.author, at=at)


def deployed(repository: Repository, name: str, tag: str, at: datetime) -> Commit:
    """The commit that deploys a tag of a service; pushed now when git does not have it yet.

    A tag newer than what main has is always pushed anew: it may have been reverted before.
    """
    service = next(one for one in SERVICES if one.name == name)
    path = f"{service.path}/values.yaml"
    head = repository.branches[MAIN]
    if _number(tag) <= _number(tag_at(repository, head, service.path)):
        for commit in repository.lineage(head):
            if path in commit.changes and tag_at(repository, commit.sha, service.path) == tag:
                return commit
    release = UPCOMING.get((name, tag)) or Release(
        tag=tag, age=timedelta(), author=KENJI, message=f"Release {tag}"
    )
    return push(repository, service, release, at - LEAD)


def reverted(repository: Repository, name: str, tag: str, at: datetime) -> Commit:
    """The commit that makes main deploy an older tag again, with everything as it was then."""
    service = next(one for one in SERVICES if one.name == name)
    head = repository.branches[MAIN]
    current = tag_at(repository, head, service.path)
    target = deployed(repository, name, tag, at)
    if current == tag:
        return target
    roots = (service.path + "/", f"{service.name}/")
    changes = {
        one.path: one.after
        for one in repository.changed(head, target.sha)
        if one.path.startswith(roots)
    }
    message = f"Revert {service.name} {current}"
    return repository.commit(MAIN, changes, message=message, author=KENJI, at=at)


def _number(tag: str) -> int:
    digits = tag.removeprefix("r")
    return int(digits) if digits.isdigit() else 0


def tag_at(repository: Repository, sha: str, folder: str) -> str:
    """The image tag that a commit deploys from a folder."""
    text = repository.trees[sha].get(f"{folder}/values.yaml", "")
    return str((parsed(text).get("image") or {}).get("tag", ""))


@lru_cache(maxsize=1000)
def parsed(text: str) -> dict[str, Any]:
    """A YAML file's mapping; shared between callers, so never changed by them."""
    found = yaml.safe_load(text)
    return found if isinstance(found, dict) else {}


def dump(value: object) -> str:
    """YAML as people write it: keys in the given order."""
    return yaml.safe_dump(value, sort_keys=False)


def author_of(login: str) -> Author:
    """The author of a change that came through the API."""
    return BOT if login == BOT.login else KENJI
