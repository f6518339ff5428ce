"""Terraform's code as a source of changes: who committed what to the modules that a service stands on."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import Change, ChangeKind
from bot.domain.errors import VendorDown, VendorError, VendorRejected
from bot.domain.suspicion import stands_under_all
from bot.integrations.git_program import VENDOR, git, without_secret
from bot.integrations.http import VendorHealth
from bot.integrations.terraform_commits import (
    FORMAT,
    Commit,
    Touched,
    commits,
    page_of,
    paths,
    touched,
)
from bot.reactions import outside_decisions

NAME = "Terraform"
_HEAD = "refs/tocsin/head"
_QUICK, _FIRST = timedelta(seconds=7), timedelta(minutes=5)
"""For what is new since the last time; for all of it."""
_MOST = "200"
_BY_HAND = "Check TERRAFORM_REPO, and that its key may read."
_DOING = "read what was committed to Terraform"
_UNKNOWN = "committed then; whether and when it was applied is not known"


class TerraformRepository:
    """Read only. `folder` holds a bare copy that may be thrown away at any time.

    Only the main line counts: what was merged, when it was merged.
    """

    name = NAME

    def __init__(self, repository: str, folder: Path, catalog: Catalog) -> None:
        local = Path(repository)
        self._repository = str(local.resolve()) if local.is_dir() else repository
        self._folder, self._catalog = folder, catalog
        self._lock = threading.Lock()
        self.health = VendorHealth(vendor=NAME)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """One for each module that a commit touches in that environment."""
        outside_decisions()
        if not places:
            return []
        environment = places[0].environment
        try:
            with self._alone():
                found = self._log(environment, since, until)
        except VendorError as error:
            self.health.did_not(error.why)
            raise
        self.health.answered()
        return [
            self._told(each, part, place, environment)
            for each in found
            for part in touched(each, environment, self._catalog.modules)
            if (place := self._placed(part, places)) is not None
        ]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Whoever finds it busy is told so: it is asked again by itself."""
        if not self._lock.acquire(timeout=_QUICK.total_seconds()):
            raise VendorDown(VENDOR, _DOING, "it is being fetched for the first time")
        try:
            yield
        finally:
            self._lock.release()

    def _log(self, environment: str, since: datetime, until: datetime) -> list[Commit]:
        self._fetch()
        # A merge counts as what it brought to the main line.
        said = self._git(
            *("log", _HEAD, "--first-parent", "-m", "--no-renames", "--numstat", "-n", _MOST),
            *(f"--since={since.isoformat()}", f"--until={until.isoformat()}"),
            *(f"--format={FORMAT}", "--", *paths(environment, self._catalog.modules)),
        )
        return commits(said)

    def _fetch(self) -> None:
        if any(self._folder.glob("*.lock")) or any(self._folder.glob("refs/**/*.lock")):
            # Ended in the middle of a fetch: nobody else works here.
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--bare", ".")
        self._git(
            *("fetch", "--quiet", "--no-tags", "--force", self._repository, f"HEAD:{_HEAD}"),
            patience=_QUICK if self._known() else _FIRST,
        )

    def _known(self) -> bool:
        try:
            self._git("rev-parse", "--verify", "--quiet", _HEAD)
        except VendorRejected:
            return False
        return True

    def _placed(self, part: Touched, places: Sequence[Deployment]) -> str | None:
        """The nearest that is written down in the module; empty for what names no module."""
        if not part.module:
            return ""
        for each in places:
            known = self._catalog.service(each.service) or self._catalog.resource(each.service)
            if known is not None and known.terraform_module == part.module:
                return each.service
        shared = (each for each in self._catalog.resources if stands_under_all(each))
        return next((each.name for each in shared if each.terraform_module == part.module), None)

    def _told(self, commit: Commit, part: Touched, place: str, environment: str) -> Change:
        unplaced = f"not placed: {', '.join(part.paths[:3])} names no module of the catalog"
        return Change(
            id=f"terraform:{commit.sha[:12]}:{part.module}",
            source=NAME,
            service=place,
            environment=environment,
            at=commit.at,
            author=commit.author,
            message=f"{commit.subject} (module {part.module})" if part.module else commit.subject,
            kind=ChangeKind.INFRA,
            refs=(commit.sha,),
            diff=page_of(without_secret(self._repository), commit.sha),
            size=part.lines,
            notes=(_UNKNOWN,) if place else (_UNKNOWN, unplaced),
        )

    def _git(self, *arguments: str, patience: timedelta = _QUICK) -> str:
        # A file name in another script is shown as it is written.
        given = ("-c", "core.quotepath=off", *arguments)
        return git(*given, where=self._folder, doing=_DOING, by_hand=_BY_HAND, patience=patience)
