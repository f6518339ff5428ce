"""What happens to the bot in an hour of chaos: pages, news of them, and people who use it."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.reckoning import Room, marker, messages
from tests.living import Bot, World

SERVICES = (
    *("cms", "course-search", "discovery", "ecommerce", "forums", "grading", "identity", "lms"),
    *("notes", "payments", "registrar", "video-pipeline"),
)
PEOPLE = ("ana", "ben", "kenji", "maya", "tom", "rita")
_MOST_OPEN = 8
_GLANCE = 3.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing a person did, and whether Slack showed it as taken."""

    verb: str
    words: str
    taken: bool


@dataclass
class Crowd:
    """Seeded. `pages` and `people` are how much is still to come of each.

    What a dead bot did not take does not count: Slack told that person so.
    """

    world: World
    bot: Bot
    seed: int
    pages: int
    people: int
    titles: dict[str, str] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    failed: BaseException | None = None
    _pressed: set[str] = field(default_factory=set)
    _open: list[str] = field(default_factory=list)
    _seen: list[Room] = field(default_factory=list)
    _looked_at: float = 0.0
    _allowed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def allow(self, inputs: int) -> None:
        """So many more may happen now: chaos is spread over the kills."""
        self._allowed.release(inputs)

    def join(self) -> None:
        self._thread.join()
        if self.failed is not None:
            raise self.failed

    def _run(self) -> None:
        try:
            while self.pages or self.people:
                self._allowed.acquire()
                if self._chance.random() * (self.pages + self.people) < self.pages:
                    self.pages -= 1
                    self._pager()
                else:
                    # Most people wait while the bot is away; some press anyway.
                    if self._chance.random() < 0.8:
                        self.bot.wait_ready()
                    self._person()
        except BaseException as error:  # noqa: BLE001 - carried to the test by join()
            self.failed = error

    def _pager(self) -> None:
        """A new page, or somebody working in PagerDuty itself."""
        if len(self._open) < _MOST_OPEN or self._chance.random() < 0.12:
            number = len(self.titles)
            title = f"chaos page {number:03d} stumbles"
            service = self._chance.choice(SERVICES)
            made = self.world.page(service=service, title=title, urgency="high")
            self.titles[made["id"]] = title
            self._open.append(made["id"])
            return
        page, person = self._chance.choice(self._open), self._chance.choice(PEOPLE)
        do = self._chance.choices(
            ("note", "acknowledge", "escalate", "priority", "status_update", "resolve"),
            (30, 15, 10, 15, 15, 15),
        )[0]
        more = {"note": {"note": f"seen {self.pages}"}, "priority": {"priority": "P2"}}
        more["status_update"] = {"message": f"still at it {self.pages}"}
        wanted = {"as": person, "do": do, "incident": page, **more.get(do, {})}
        self.world.post("/pagerduty/act", wanted)
        if do == "resolve":
            self._open.remove(page)

    def _rooms(self) -> list[Room]:
        """As they stood a few seconds ago: the whole state is a large answer."""
        if time.monotonic() - self._looked_at > _GLANCE:
            self._seen = [room for room in self.world.channels() if _card(room)]
            self._looked_at = time.monotonic()
        return self._seen

    def _person(self) -> None:
        """Only what the person can see: a channel with its card is there before it is used."""
        person = self._chance.choice(PEOPLE)
        rooms = self._rooms()
        kind = self._chance.choices(("declare", "note", "press", "form"), (1, 5, 3, 2))[0]
        if kind == "declare" or not rooms:
            words = f"learners lost their chaos draft {len(self.said):03d}"
            self._tell(person, "declare", words, channel="general", text=f"/incident {words}")
        elif kind == "note":
            words = f"chaos note {len(self.said):03d} written"
            room = self._chance.choice(rooms)["name"]
            self._tell(person, "note", words, channel=room, text=f"/incident note {words}")
        elif kind == "press":
            self._press(person, self._chance.choice(rooms))
        else:
            self._fill(person, self._chance.choice(rooms))

    def _tell(self, person: str, verb: str, words: str, *, channel: str, text: str) -> None:
        answer = self.world.act("command", person, channel=channel, text=text)
        self._count(verb, words, answer)

    def _press(self, person: str, room: Room) -> None:
        """Acknowledge where nobody has, else put the severity right."""
        labels = str(room["messages"])
        if "Acknowledge the page" in labels and room["id"] not in self._pressed:
            self._pressed.add(room["id"])
            pressed = {"channel": room["name"], "action_id": "acknowledge"}
            self._count("acknowledge", room["id"], self.world.act("click", person, **pressed))
            return
        card = _card(room)
        assert card is not None
        incident = (marker(card) or ("", ""))[0]
        grade = self._chance.choice(("SEV1", "SEV2", "SEV3"))
        chosen = {"channel": room["name"], "ts": card["ts"], "action_id": "severity"}
        answer = self.world.act("select", person, **chosen, value=f"{incident} {grade}")
        self._count("severity", room["id"], answer)
        # Lowering asks for the reason in a form; this person has thought better of it.
        self.world.act("close", person, all=True)

    def _fill(self, person: str, room: Room) -> None:
        """A note by form: opened by its button, submitted with words that can be found again."""
        words = f"chaos note {len(self.said):03d} by form"
        opened = self.world.act("command", person, channel=room["name"], text="/incident note")
        form = (opened.get("body") or {}) if isinstance(opened.get("body"), dict) else {}
        if not opened["ok"] or form.get("text"):
            self._count("note form", words, {**opened, "ok": False})
            return
        answer = self.world.act("submit", person, values={"text": words})
        self._count("note", words, answer)

    def _count(self, verb: str, words: str, answer: dict[str, Any]) -> None:
        """Refused by Slack itself (nothing was sent) does not count as an input."""
        if answer.get("status") is None and answer.get("error") not in {
            "dispatch_failed",
            "operation_timeout",
        }:
            self.refused[f"{verb}: {answer.get('error')}"] += 1
            return
        self.people -= bool(answer["ok"])
        self.said.append(Said(verb=verb, words=words, taken=bool(answer["ok"])))


def _card(room: Room) -> dict[str, Any] | None:
    cards = [m for m in messages(room) if (marker(m) or ("", ""))[1] == "card"]
    return cards[0] if cards else None
