"""The steps that every story takes: pages, presses, commands, and what the screens show after them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo import Ports, of_account, of_cluster
from tests.living import Bot, Life, World, free_port, wait_for

Message = dict[str, Any]


@contextmanager
def alive(
    folder: Path,
    *,
    before: Callable[[World], object] | None = None,
    patience: float = 20.0,
    aws: bool = False,
    cluster: bool = False,
    objectives: bool = False,
    **extra: str,
) -> Iterator[Life]:
    """A fresh demo world and the real bot, with these variables besides the demo's own.

    `before` changes the world before the bot comes; with `aws` moto plays an account beside it,
    with `cluster` the world plays Kubernetes too, with `objectives` the bot measures them.
    """
    ports = Ports(bot=free_port(), sandbox=free_port())
    world = World(ports=ports, folder=folder, aws=aws)
    known = of_account(ports) if aws else {}
    known |= of_cluster(ports, folder) if cluster else {}
    bot = Bot(ports=ports, folder=folder, extra={**known, **extra}, objectives=objectives)
    world.start()
    try:
        if before is not None:
            before(world)
        bot.start()
        yield Life(world=world, bot=bot, patience=patience)
    finally:
        bot.stop()
        world.stop()


@dataclass(frozen=True)
class Room:
    """One incident's channel, as people see it and act in it."""

    life: Life
    id: str

    def seen(self) -> dict[str, Any]:
        return next(r for r in self.life.world.channels("") if r["id"] == self.id)

    def messages(self) -> list[Message]:
        return said(self.seen())

    def marked(self, what: str) -> list[Message]:
        """Our messages whose marker begins so, oldest first."""
        return [m for m in self.messages() if what_of(m).startswith(what)]

    def only(self, what: str) -> Message:
        """The one message of ours whose marker begins so. A vendor's answer may have been late."""
        found = wait_for(lambda: self.marked(what), what, 15, told=self.whispered)
        assert len(found) == 1, [shown(each) for each in found]
        return found[0]

    def whispered(self) -> str:
        """The last that anybody was told alone here, for whoever reads why a story failed."""
        told = self.life.world.state()["slack"]["ephemerals"]
        return next((shown(e) for e in reversed(told) if e["channel"] == self.id), "nothing")

    def card(self) -> Message:
        return self.only("card")

    def proposal(self) -> Message:
        """The newest card of a change."""
        return self.marked("mitigation:")[-1]

    def page(self) -> dict[str, Any]:
        """The room's own page, by the title that its card carries."""
        told = shown(self.card())
        return next(p for p in pages(self.life) if json.dumps(p["title"])[1:-1] in told)

    def ours(self) -> str:
        """Everything that we wrote here, as one text."""
        return "\n".join(shown(m) for m in self.messages() if m["bot_id"])

    def whispers(self, person: str) -> list[str]:
        """What this person alone was shown here, oldest first."""
        return whispers(self.life, person, self.id)

    def click(self, person: str, action: str, *, on: Message | None = None, **more: Any) -> Any:
        """Presses a button: on this message, else on the newest one that has it."""
        where = {"ts": on["ts"]} if on else {}
        done = self.life.world.act(
            "click", person, channel=self.id, action_id=action, **where, **more
        )
        assert done["ok"], done
        self.life.settle()
        return done

    def say(self, person: str, text: str) -> Any:
        """`/incident <text>`."""
        done = self.life.world.act(
            "command", person, channel=self.id, text=f"/incident {text}".strip()
        )
        assert done["ok"], done
        self.life.settle()
        return done

    def write(self, person: str, text: str, **more: Any) -> str:
        """An ordinary message; its ts."""
        done = self.life.world.act("message", person, channel=self.id, text=text, **more)
        self.life.settle()
        return str(done["ts"])

    def submit(self, person: str, **values: Any) -> Any:
        done = self.life.world.act("submit", person, values=values)
        assert done["ok"], done
        self.life.settle()
        return done

    def opened(self, person: str, form: str) -> None:
        """Presses once more where none came: Slack gives a form three seconds, whatever the machine."""
        for _ in range(3):
            self.click(person, form, on=self.card())
            if forms(self.life, person):
                return
        raise AssertionError(self.whispers(person)[-1:])

    def propose(self, person: str = "ana", words: str = "") -> Message:
        """By command, the suggested revision unless one is named; the proposal's card."""
        before = len(self.marked("mitigation:"))
        if words:
            self.say(person, f"rollback {words}")
        else:
            self.opened(person, "rollback-form")
            self.submit(person)
        found = self.marked("mitigation:")
        assert len(found) == before + 1, (self.whispers(person)[-1:], shown(self.card()))
        return found[-1]

    def approve(self, person: str, proposal: Message) -> None:
        self.click(person, "approve", on=proposal)

    def recover(self) -> None:
        """Time passes until the newest change has its verdict."""
        for _ in range(14):
            self.life.world.advance(75)
            self.life.settle()
            if any(word in shown(self.proposal()) for word in ("Recovered", "Not recovered")):
                return
        raise AssertionError(shown(self.proposal()))


def said(channel: dict[str, Any]) -> list[Message]:
    found = channel["messages"]
    return list(found.values()) if isinstance(found, dict) else found


def shown(message: Message) -> str:
    return json.dumps([message["text"], message["blocks"]], ensure_ascii=False)


def actions(message: Message) -> list[str]:
    """What its buttons and menus do."""
    return [element["action_id"] for element in _elements(message)]


def offered(message: Message, action: str) -> list[dict[str, Any]]:
    """The choices of its menu."""
    (menu,) = [e for e in _elements(message) if e["action_id"] == action]
    return list(menu["options"])


def _elements(message: Message) -> list[dict[str, Any]]:
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def what_of(message: Message) -> str:
    """Our own name for one of our messages."""
    return str((message["metadata"] or {}).get("event_payload", {}).get("what", ""))


def whispers(life: Life, person: str, channel: str = "") -> list[str]:
    slack = life.world.state()["slack"]
    user = next(p["id"] for p in people(slack) if p["handle"] == person)
    return [
        shown(e)
        for e in slack["ephemerals"]
        if e["user"] == user and (not channel or e["channel"] == channel)
    ]


def people(slack: dict[str, Any]) -> list[dict[str, Any]]:
    found = slack["people"]
    return list(found.values()) if isinstance(found, dict) else found


def pages(life: Life) -> list[dict[str, Any]]:
    found = life.world.state()["pagerduty"]["incidents"]
    return list(found.values()) if isinstance(found, dict) else found


def form(life: Life, person: str) -> dict[str, Any]:
    """The form this person looks at."""
    stack = forms(life, person)
    assert stack, f"{person} looks at no form"
    return stack[-1]


def forms(life: Life, person: str) -> list[dict[str, Any]]:
    """What lies open before this person, the topmost last."""
    slack = life.world.state()["slack"]
    user = next(p["id"] for p in people(slack) if p["handle"] == person)
    found: list[dict[str, Any]] = slack["modals"].get(user) or []
    return found


def bad_deploy(life: Life) -> Room:
    """The LMS is deployed badly, its page comes, and the channel stands."""
    known = {room["id"] for room in life.world.channels()}
    life.world.post("/scenario", {"id": "bad-lms-deploy", "speed": 1})
    life.world.advance(260)
    return _opened(life, known)


def played(life: Life, scenario: str, minutes: int = 8) -> Room:
    """This scenario from its beginning until its page opened a channel, and a minute on."""
    life.world.post("/scenario", {"id": scenario, "speed": 1})
    life.settle()
    for _ in range(2 * minutes):
        calm(life, 30)
        if life.world.channels():
            break
    room = _opened(life, set())
    calm(life, 60)
    return room


def paged(life: Life, service: str, title: str = "", **more: Any) -> Room:
    """A page of this service; its channel."""
    known = {room["id"] for room in life.world.channels()}
    life.world.page(service=service, title=title or f"{service} is unwell", **more)
    return _opened(life, known)


def declared(life: Life, person: str, text: str) -> Room:
    """`/incident <sentence>` somewhere else; its channel."""
    known = {room["id"] for room in life.world.channels()}
    life.world.act("command", person, channel="general", text=f"/incident {text}")
    return _opened(life, known)


def _opened(life: Life, known: set[str]) -> Room:
    def new() -> str:
        return next((r["id"] for r in life.world.channels() if r["id"] not in known), "")

    found = life.until(new, "the channel", 60)
    life.settle(150)
    return Room(life, found)


def calm(life: Life, seconds: float) -> None:
    """So much time passes, and everything that it brings has happened."""
    life.world.advance(seconds)
    life.settle()


def sent(life: Life, system: str, name: str, *, after: int = 0) -> list[dict[str, Any]]:
    """The requests of this name that did something, whether their answer arrived or not."""
    return [
        r
        for r in life.world.log(system=system, name=name, after=after)
        if r["kind"] == "request" and r["status"] in (200, 201, 202, 204)
    ]


def mark(life: Life) -> int:
    """Where the log stands now."""
    return max((r["n"] for r in life.world.log()), default=0)


def branches(life: Life) -> list[str]:
    found = git(life, "branch", "--list", "postmortem/*", "--format=%(refname:short)")
    return found.split()


def postmortem(life: Life, branch: str = "") -> str:
    """The draft as it stands on its branch."""
    wanted = branch or branches(life)[0]
    return git(life, "show", f"{wanted}:{postmortem_path(life, wanted)}")


def postmortem_path(life: Life, branch: str) -> str:
    names = git(life, "ls-tree", "-r", "--name-only", branch).splitlines()
    return next(n for n in names if n.startswith("postmortems/2026/") and n.endswith(".md"))


def git(life: Life, *arguments: str) -> str:
    repository = life.world.folder / "demo" / "postmortems.git"
    done = subprocess.run(
        ["git", f"--git-dir={repository}", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout
