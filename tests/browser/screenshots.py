"""Makes the pictures of the documentation: `python -m tests.browser.screenshots docs/images`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import walk
from tests.browser.window import Window, window
from tests.browsing import browser
from tests.living import Life
from tests.stories.walking import alive

DESK, PHONE = (1440, 900), (390, 844)


@dataclass(frozen=True)
class Album:
    """Every picture is of a window opened for it, while time stands still."""

    chromium: Browser
    life: Life
    folder: Path

    def take(
        self,
        name: str,
        where: str,
        *,
        size: tuple[int, int] = DESK,
        dark: bool = False,
        tab: str = "",
    ) -> None:
        self.life.settle()
        self.life.world.post("/clock", {"paused": True})
        address = self.life.world.ports.world
        at = window(self.chromium, address, size=size, dark=dark, where=where)
        if tab:
            at.behind(tab)
        at.page.mouse.move(0, 0)
        at.page.wait_for_timeout(300)
        at.page.screenshot(path=str(self.folder / f"{name}.png"), animations="disabled")
        assert at.complaints == []
        at.context.close()
        self.life.world.post("/clock", {"paused": False})


def pictures(life: Life, chromium: Browser, folder: Path) -> None:
    album = Album(chromium, life, folder)
    ana = window(chromium, life.world.ports.world)
    walk.until_paged(ana)
    channel = ana.page.locator("[data-pane='channel']").get_attribute("data-channel") or ""
    where = f"channel={channel}"
    walk.acknowledge(ana)
    walk.take_command(ana)
    # Some minutes of reading: the windows of complete minutes hold nothing but the harm by then.
    life.world.advance(330)
    life.settle()
    _say(life, channel, "ben", "Course pages answer 500 for every learner I try.")
    _say(life, channel, "ana", "Began a minute after r142. I put the way back up for approval.")
    walk.propose(ana)
    album.take("incident", where)
    album.take("incident-dark", where, dark=True)
    album.take("phone", where, size=PHONE)
    walk.approve(ana)
    walk.tell_customers_early(ana)
    album.take("statuspage", where, tab="Status page")
    walk.recover(ana, life)
    walk.confirm_suspect(ana)
    album.take("home", "home=1")
    _end(ana, life)
    album.take("postmortem", where, tab="Postmortems")
    ana.context.close()


def _end(ana: Window, life: Life) -> None:
    walk.resolve(ana)
    walk.follow_up(ana)
    walk.postmortem(ana, life)


def _say(life: Life, channel: str, person: str, text: str) -> None:
    life.world.act("message", person, channel=channel, text=text)
    life.settle()


def main(folder: str) -> None:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as made,
        alive(Path(made), objectives=True) as life,
        browser() as chromium,
    ):
        pictures(life, chromium, place)
    for each in sorted(place.glob("*.png")):
        print(f"{each}  {each.stat().st_size // 1024} KB")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where to: python -m tests.browser.screenshots docs/images")
    main(sys.argv[1])
