"""Starts the program a hundred times for the price of one: a process that has read all of its modules
forks for each start. Arguments, environment, folder, log and signals are as with a start anew.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from sandbox.github.seed import platform
from sandbox.world.loader import quiet

ROOT = Path(__file__).parent.parent
_OFTEN = 0.02


class Forked:
    """As much of `subprocess.Popen` as is asked for here."""

    def __init__(self, template: Template, pid: int) -> None:
        self._template, self.pid = template, pid

    @property
    def returncode(self) -> int | None:
        return self._template.ended.get(self.pid)

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        with self._template.news:
            if not self._template.news.wait_for(lambda: self.returncode is not None, timeout):
                raise subprocess.TimeoutExpired("a forked start", timeout or 0.0)
        code = self.returncode
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Template:
    """One for a test process; started on the first use, and gone with all that it made."""

    def __init__(self) -> None:
        self.ended: dict[int, int] = {}
        self.news = threading.Condition()
        self._turn = threading.Lock()
        self._started: list[int] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        threading.Thread(target=self._listen, name="forked", daemon=True).start()
        atexit.register(self.close)

    def start(
        self, command: Sequence[str], log: Path, environ: Mapping[str, str] | None
    ) -> Forked:
        """`command` without the interpreter: `app.py …` or `-m package …`."""
        asked = {"command": list(command), "log": str(log), "env": dict(environ or os.environ)}
        assert self._process.stdin is not None
        with self._turn:
            before = len(self._started)
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            with self.news:
                came = self.news.wait_for(lambda: len(self._started) > before, 60)
            assert came, "the template of the processes does not answer"
            return Forked(self, self._started[before])

    def close(self) -> None:
        """What it made ends with it."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(30)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            with self.news:
                if "started" in told:
                    self._started.append(told["started"])
                else:
                    self.ended[told["ended"]] = told["code"]
                self.news.notify_all()


def main() -> None:
    """The template itself: reads orders line by line, and tells who began and who ended."""
    for read_once in ("app", "sandbox.__main__"):
        import_module(read_once)
    # What a world keeps of its beginning: its children need not write it again.
    platform()
    quiet()
    alive: set[int] = set()
    orders = b""
    while True:
        readable, _, _ = select.select([0], [], [], _OFTEN if alive else None)
        if readable:
            came = os.read(0, 1 << 20)
            if not came:
                break
            orders += came
            *whole, orders = orders.split(b"\n")
            for line in whole:
                alive.add(_fork(json.loads(line)))
        _reap(alive)
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _fork(order: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(_become(order))
    _tell({"started": pid})
    return pid


def _become(order: Mapping[str, Any]) -> int:
    """What a start anew would be, in the child."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["env"])
    command = order["command"]
    try:
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command
            runpy.run_path(command[0], run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 - the child may not go on as a second template
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _reap(alive: set[int]) -> None:
    for pid in list(alive):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            alive.discard(pid)
            _tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(what: Mapping[str, int]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
