"""One person's browser window on the demo world, worked by clicking and typing alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

PATIENCE = 20_000
"""Milliseconds until something that was asked for must be on the screen."""

_OUTSIDE = """() => [...document.querySelectorAll('body *')].filter((each) => {
  const at = each.getBoundingClientRect();
  const shown = each.checkVisibility({ visibilityProperty: true });
  return at.width && shown && (at.right > innerWidth + 1 || at.left < -1)
    && !each.closest('pre, .scroll-x, .skip, .bookmarks, .sidebar, .world');
}).map((each) => each.outerHTML.slice(0, 120))"""

_SMALL = """() => [...document.querySelectorAll('button, select, textarea, input, summary')].filter((each) => {
  const at = (each.closest('label') || each).getBoundingClientRect();
  const shown = each.checkVisibility({ visibilityProperty: true });
  return shown && each.type !== 'hidden' && at.width && (at.height < 40 || at.width < 40);
}).map((each) => each.outerHTML.slice(0, 120))"""

_OVERLAPPING = """() => {
  const within = (each) => {
    const at = each.getBoundingClientRect();
    const box = (each.closest('.modal-body, .messages') || document.body).getBoundingClientRect();
    return { left: Math.max(at.left, box.left), right: Math.min(at.right, box.right),
      top: Math.max(at.top, box.top), bottom: Math.min(at.bottom, box.bottom) };
  };
  const shown = [...document.querySelectorAll('.messages :is(button, a.btn, select), dialog[open] :is(button, select, input, textarea)')]
    .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((each) => [each, within(each)]).filter(([, at]) => at.right > at.left && at.bottom > at.top);
  const found = [];
  for (const [n, [one, a]] of shown.entries()) for (const [other, b] of shown.slice(n + 1)) {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const tools = one.closest('.msg-tools') || other.closest('.msg-tools');
    const apart = Boolean(one.closest('dialog')) !== Boolean(other.closest('dialog'));
    if (wide > 1 && high > 1 && !tools && !apart && !one.contains(other) && !other.contains(one))
      found.push([one.outerHTML.slice(0, 90), other.outerHTML.slice(0, 90)]);
  }
  return found;
}"""


@dataclass(kw_only=True)
class Window:
    """Anything on its console, and every page error, is a complaint."""

    page: Page
    context: BrowserContext
    width: int
    complaints: list[str] = field(default_factory=list)

    @property
    def is_phone(self) -> bool:
        return self.width < 700

    # the world beside the chat

    def world(self, label: str) -> None:
        """A button of the rail, which a phone keeps folded."""
        body = self.page.locator("#world")
        if self.is_phone and "open" not in (body.get_attribute("class") or ""):
            self.page.locator("[data-toggle='world']").click()
        body.get_by_role("button", name=label, exact=True).click()
        if self.is_phone:
            self.page.locator("[data-toggle='world']").click()

    def open_channel(self, name: str) -> None:
        """By its name or the beginning of it."""
        link = self.page.locator("#sidebar [data-open-channel]", has_text=name).first
        if self.is_phone:
            expect(link).to_be_attached(timeout=PATIENCE)
            self.page.locator("[data-toggle='sidebar']").click()
        link.click(timeout=PATIENCE)
        expect(self.page.locator("[data-pane='channel'] h1")).to_contain_text(name)

    def open_home(self) -> None:
        if self.is_phone:
            self.page.locator("[data-toggle='sidebar']").click()
        self.page.locator("#sidebar [data-open-home]").click()

    def behind(self, tab: str) -> Locator:
        """Another system's panel."""
        self.page.get_by_role("button", name="Behind the scenes").click()
        self.page.get_by_role("tab", name=tab).click()
        drawer = self.page.locator("#drawer")
        expect(drawer).to_be_visible()
        return drawer

    def close_drawer(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.locator("#drawer")).to_be_hidden()

    # the channel

    @property
    def card(self) -> Locator:
        return self.page.locator("article.msg.pinned").first

    def message(self, text: str) -> Locator:
        """The newest message that says this."""
        return self.page.locator(".messages article.msg", has_text=text).last

    def sees(self, where: Locator, text: str, *, seconds: float = PATIENCE / 1000) -> None:
        expect(where).to_contain_text(text, timeout=seconds * 1000)

    def press(self, where: Locator, label: str) -> None:
        where.get_by_role("button", name=label).first.click(timeout=PATIENCE)

    def sure(self) -> None:
        """Yes to the question that a dangerous button asks."""
        asked = self.page.locator("#ask")
        expect(asked).to_be_visible()
        asked.locator("[data-ask-yes]").click()
        expect(asked).to_be_hidden()

    def say(self, text: str) -> None:
        self.page.fill("#composer-text", text)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Enter")

    # forms

    @property
    def form(self) -> Locator:
        return self.page.locator("#modal")

    def more(self, label: str) -> None:
        """An entry of the card's menu."""
        self.press(self.card, "More")
        self.press(self.form, label)

    def submit(self) -> None:
        self.form.locator("button[type='submit']").click(timeout=PATIENCE)
        expect(self.form).to_be_hidden(timeout=PATIENCE)

    def close_form(self) -> None:
        self.form.locator("[data-close-view='all']").click()
        expect(self.form).to_be_hidden()

    # how it looks

    def outside(self) -> list[str]:
        found: list[str] = self.page.evaluate(_OUTSIDE)
        return found

    def too_small(self) -> list[str]:
        found: list[str] = self.page.evaluate(_SMALL)
        return found

    def overlapping(self) -> list[list[str]]:
        found: list[list[str]] = self.page.evaluate(_OVERLAPPING)
        return found

    def looks_right(self) -> None:
        """Nothing sticks out, nothing lies over another, and a finger hits every control."""
        assert self.outside() == []
        assert self.overlapping() == []
        if self.is_phone:
            assert self.too_small() == []


def window(
    browser: Browser,
    address: str,
    person: str = "ana",
    *,
    size: tuple[int, int] = (1440, 900),
    dark: bool = False,
    where: str = "channel=C0GENERAL",
) -> Window:
    """A window of this person's own: another context, as on another machine."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=width < 700,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    made = Window(page=page, context=context, width=width)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda s: made.complaints.append(s.text) if s.type == "error" else None)
    page.goto(f"{address}/?as={person}&{where}")
    page.wait_for_selector("html[data-ready]")
    return made
