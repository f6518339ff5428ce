"""Keeps postmortems in a git repository: one branch per incident, written by the real git."""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

import structlog

from bot.domain.errors import VendorDown, VendorError, VendorRejected
from bot.domain.review import Draft, Picture, Published
from bot.integrations.git_program import EMAIL, VENDOR, git
from bot.integrations.http import VendorHealth
from bot.integrations.marked_regions import index_with, merged
from bot.reactions import outside_decisions
from bot.tools import Gate

log = structlog.get_logger()

INDEX = "postmortems/README.md"
_TRIES = 3
_BY_HAND = "Check POSTMORTEM_REPO, and that its key may push branches."
_RACE = re.compile(
    r"non-fast-forward|fetch first|stale info|cannot lock ref|failed to update ref|\[rejected\]"
)


class _PushedBefore(Exception):
    """Somebody pushed to the branch in between: fetch and do it again."""


class PostmortemRepository:
    """`folder` holds a working copy that may be thrown away at any time."""

    def __init__(self, repository: str, folder: Path, *, gate: Gate) -> None:
        self._repository, self._folder, self._gate = repository, folder, gate
        self._lock = threading.Lock()
        self.health = VendorHealth(vendor=VENDOR)

    def publish(self, draft: Draft) -> Published:
        """Commit to the draft's branch. What people wrote outside the marked regions is kept;
        inside them the draft wins. The same draft twice makes no second commit."""
        outside_decisions()
        self._gate.allow("publish the postmortem")
        try:
            with self._lock:
                published = self._published(draft)
        except VendorError as error:
            self.health.did_not(error.why)
            raise
        self.health.answered()
        return published

    def read(self, branch: str, path: str) -> str:
        """The file as it stands on the branch now; "" where it is not."""
        outside_decisions()
        with self._lock:
            self._check_out(branch)
            return _read(self._folder / path)

    def _published(self, draft: Draft) -> Published:
        for _ in range(_TRIES):
            self._check_out(draft.branch)
            text, changed = self._written(draft)
            if not changed:
                return self._result(draft, text, changed=False)
            self._commit(draft.message)
            try:
                self._push(draft.branch)
            except _PushedBefore:
                log.info("postmortem branch moved, trying again", branch=draft.branch)
                continue
            return self._result(draft, text, changed=True)
        why = "somebody else kept pushing to the same branch"
        raise VendorDown(VENDOR, f"push {draft.branch}", why)

    def _result(self, draft: Draft, text: str, *, changed: bool) -> Published:
        commit = self._git("rev-parse", "HEAD", doing="read the commit").strip()
        return Published(
            path=draft.path, branch=draft.branch, commit=commit, text=text, changed=changed
        )

    def _check_out(self, branch: str) -> None:
        """A clean copy at the newest state of the branch, or at the main line where there is none."""
        if not self._usable():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._git("clone", "--quiet", self._repository, str(self._folder), doing="clone")
        self._git("fetch", "--quiet", "--prune", "origin", doing="fetch")
        start = f"origin/{branch}" if self._known(f"origin/{branch}") else self._main()
        if start:
            self._git("checkout", "--quiet", "--force", "-B", branch, start, doing="check out")
            self._git("clean", "-fdq", doing="clean the working copy")
        else:
            self._git("checkout", "--quiet", "--orphan", branch, doing="begin the branch")

    def _usable(self) -> bool:
        """Dirty, of another repository or half made by a crash: then it is thrown away."""
        if not (self._folder / ".git").is_dir() or any(self._folder.glob(".git/*.lock")):
            return False
        try:
            origin = self._git("remote", "get-url", "origin", doing="read the origin").strip()
            dirty = self._git("status", "--porcelain", doing="read the working copy")
        except VendorError:
            return False
        return origin == self._repository and not dirty

    def _main(self) -> str:
        """The branch that the remote calls its own; "" for an empty repository."""
        try:
            self._git("remote", "set-head", "origin", "--auto", doing="find the main branch")
            found = self._git("rev-parse", "--abbrev-ref", "origin/HEAD", doing="find main")
        except VendorRejected:
            found = ""
        named = (found.strip(), "origin/main", "origin/master")
        return next((each for each in named if each and self._known(each)), "")

    def _known(self, name: str) -> bool:
        try:
            self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", doing="look")
        except VendorRejected:
            return False
        return True

    def _written(self, draft: Draft) -> tuple[str, bool]:
        path, index = self._folder / draft.path, self._folder / INDEX
        old, old_index = _read(path), _read(index)
        text = merged(old, draft.text, base=self._ours(draft.path) if old else "")
        new_index = index_with(old_index, draft.index_line, draft.path)
        drawn = [each for each in draft.pictures if self._differs(each)]
        if text == old and new_index == old_index and not drawn:
            return text, False
        for place, content in ((path, text), (index, new_index)):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content, encoding="utf-8")
        for picture in drawn:
            (self._folder / picture.path).write_bytes(picture.content)
        paths = [draft.path, INDEX, *(each.path for each in drawn)]
        self._git("add", "--", *paths, doing="stage the postmortem")
        return text, True

    def _differs(self, picture: Picture) -> bool:
        place = self._folder / picture.path
        return not place.is_file() or place.read_bytes() != picture.content

    def _ours(self, path: str) -> str:
        """The file as we last wrote it: what differs from it now, people wrote."""
        doing = "read what was written before"
        found = self._git("log", "-1", f"--author={EMAIL}", "--format=%H", "--", path, doing=doing)
        commit = found.strip()
        return self._git("show", f"{commit}:{path}", doing=doing) if commit else ""

    def _commit(self, message: str) -> None:
        self._git("commit", "--quiet", "--no-verify", "-m", message, doing="commit the postmortem")

    def _push(self, branch: str) -> None:
        where = f"HEAD:refs/heads/{branch}"
        try:
            self._git("push", "--quiet", "origin", where, doing=f"push {branch}")
        except VendorRejected as error:
            if _RACE.search(error.why):
                raise _PushedBefore from error
            raise

    def _git(self, *arguments: str, doing: str) -> str:
        cloning = arguments[0] == "clone"
        where = self._folder.parent if cloning else self._folder
        return git(*arguments, where=where, doing=doing, by_hand=_BY_HAND)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
