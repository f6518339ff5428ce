"""In by Slack and out again: what is believed, what is refused, and what a page says of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.web.dashboard.routes import routes
from bot.web.porch import local
from tests.doubles.house import House
from tests.sandbox.conftest import receiver, start
from tests.web.doors import Doors, tools_of
from tests.web.porches import URL, Browser, Place

__all__ = ["receiver", "start"]

HOUR = 3600


@pytest.fixture
def place(house: House, start: Callable[..., Any]) -> Iterator[Place]:
    with closing(Place(house, start(bot_url=URL, strict=False))) as made:
        yield made


@pytest.fixture
def browser(place: Place) -> Browser:
    return place.browser()


def test_somebody_of_the_workspace_comes_in_and_is_named(browser: Browser) -> None:
    back = browser.signs_in("ana", then="/insights")
    assert (back.status_code, back.headers["location"]) == (303, f"{URL}/insights")
    page = browser.get("/insights")
    assert page.status_code == 200
    assert "Ana Lima" in page.text
    assert "Sign out" in page.text


def test_a_page_that_needs_a_sign_in_leads_there_and_comes_back(browser: Browser) -> None:
    sent = browser.get("/?objective=lms-availability&line=rolling")
    assert sent.status_code == 303
    there = sent.headers["location"].removeprefix(URL)
    assert there.startswith("/sign-in?next=")
    at_slack = browser.get(there).headers["location"]
    back = browser.get(browser.chooses(at_slack, "ben"))
    assert back.headers["location"] == f"{URL}/?objective=lms-availability&line=rolling"


def test_slack_is_asked_for_the_name_and_the_workspace_alone(browser: Browser) -> None:
    address = browser.asked_by_slack()
    assert "scope=openid+profile&" in address
    assert "response_type=code" in address
    assert "state=" in address
    assert "nonce=" in address


def test_without_a_sign_in_streams_are_refused_and_nothing_is_shown(browser: Browser) -> None:
    assert browser.get("/events").status_code == 401
    for path in ("/", "/insights", "/incidents/i1"):
        answer = browser.get(path)
        assert (answer.status_code, answer.text) == (303, "")


def test_the_cookie_is_kept_from_scripts_from_others_and_from_plain_connections(
    browser: Browser,
) -> None:
    cookies = browser.signs_in().headers.get_list("set-cookie")
    (session,) = (each for each in cookies if each.startswith("__Host-tocsin="))
    for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=43200"):
        assert part in session


def test_over_plain_http_on_this_machine_the_cookie_goes_unencrypted(
    house: House, start: Callable[..., Any]
) -> None:
    near = "http://127.0.0.1:8300"
    with closing(Place(house, start(bot_url=near, strict=False), url=near)) as place:
        cookies = place.browser().signs_in().headers.get_list("set-cookie")
    (session,) = (each for each in cookies if each.startswith("tocsin="))
    assert "Secure" not in session
    assert "HttpOnly" in session


def test_what_slack_sends_to_another_browser_is_worth_nothing(
    place: Place, browser: Browser
) -> None:
    path = browser.chooses(browser.asked_by_slack(), "ana")
    other = place.browser()
    answer = other.get(path)
    assert answer.status_code == 400
    assert "Nobody was signed in" in answer.text
    assert other.get("/").status_code == 303


def test_a_state_that_was_changed_on_the_way_is_refused(browser: Browser) -> None:
    path = browser.chooses(browser.asked_by_slack(), "ana")
    first, last = path.split("state=")
    answer = browser.get(f"{first}state={last[:-1]}{'A' if last[-1] != 'A' else 'B'}")
    assert answer.status_code == 400
    assert browser.get("/").status_code == 303


def test_a_code_for_another_attempt_is_refused_by_its_nonce(browser: Browser) -> None:
    """As whoever makes a victim bring a code that was not asked for in this attempt."""
    mine = browser.chooses(browser.asked_by_slack(), "ana")
    theirs = browser.chooses(browser.asked_by_slack(), "ben")
    code = theirs.split("code=")[1].split("&")[0]
    state = mine.split("state=")[1]
    answer = browser.get(f"/sign-in/callback?code={code}&state={state}")
    assert answer.status_code == 502
    assert "not to be trusted (InvalidClaimError)" in answer.text
    assert browser.get("/").status_code == 303


def test_two_tabs_that_begin_together_both_arrive(browser: Browser) -> None:
    one, two = browser.asked_by_slack("/"), browser.asked_by_slack("/insights")
    assert browser.get(browser.chooses(two, "ana")).headers["location"] == f"{URL}/insights"
    assert browser.get(browser.chooses(one, "ana")).headers["location"] == f"{URL}/"


def test_a_code_works_once(browser: Browser) -> None:
    path = browser.chooses(browser.asked_by_slack(), "ana")
    kept = browser.cookies
    assert browser.get(path).status_code == 303
    browser.cookies = kept
    again = browser.get(path)
    assert again.status_code == 502
    assert "used up or too old" in again.text


def test_an_attempt_that_took_longer_than_ten_minutes_is_over(
    place: Place, browser: Browser
) -> None:
    path = browser.chooses(browser.asked_by_slack(), "ana")
    place.now.at += 601
    assert browser.get(path).status_code == 400


def test_somebody_of_another_workspace_is_refused(browser: Browser) -> None:
    answer = browser.signs_in("ola")
    assert answer.status_code == 403
    assert "another workspace" in answer.text
    assert browser.get("/").status_code == 303


def test_a_session_of_a_workspace_that_the_bot_was_in_before_is_over(
    place: Place, browser: Browser
) -> None:
    browser.signs_in("ana")
    place.team = "T0OTHER"
    moved = place.browser()
    moved.cookies = browser.cookies
    assert moved.get("/").status_code == 303


def test_an_account_that_was_switched_off_is_out_at_once(place: Place, browser: Browser) -> None:
    browser.signs_in("ana")
    place.members.gone.add("U01ANA")
    assert browser.get("/").status_code == 303


def test_who_declines_at_slack_is_told_that_nothing_happened(browser: Browser) -> None:
    answer = browser.signs_in("nobody")
    assert answer.status_code == 403
    assert "declined" in answer.text
    assert "Nobody was signed in" in answer.text


def test_after_twelve_hours_a_session_is_over(place: Place, browser: Browser) -> None:
    browser.signs_in()
    place.now.at += 12 * HOUR - 5
    assert browser.get("/").status_code == 200
    place.now.at += 10
    assert browser.get("/").status_code == 303


def test_a_cookie_that_was_changed_is_nobodys(browser: Browser) -> None:
    browser.signs_in()
    name = "__Host-tocsin"
    value = browser.cookies[name]
    for changed in (value[:-2], value.replace(".", "A.", 1), "", "x", f"{value}.{value}"):
        browser.cookies = {name: changed}  # type: ignore[assignment]
        assert browser.get("/").status_code == 303


def test_the_cookie_of_an_attempt_is_no_session(browser: Browser) -> None:
    browser.asked_by_slack()
    (value,) = (value for name, value in browser.cookies.items() if name.startswith("tocsin-"))
    browser.cookies = {"__Host-tocsin": value}  # type: ignore[assignment]
    assert browser.get("/").status_code == 303


def test_a_secret_is_rotated_without_anybody_noticing(place: Place, browser: Browser) -> None:
    browser.signs_in()
    old, new = place.secrets[0], "f" * 40
    for secrets, status in (([new, old], 200), ([new], 303)):
        place.secrets = secrets
        later = place.browser()
        later.cookies = browser.cookies
        assert later.get("/").status_code == status


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "@evil.example",
        ".evil.example",
        "/sign-in?next=/",
        "/x\r\nSet-Cookie: a=b",
        "/" + "a" * 600,
        "",
    ],
)
def test_nobody_is_sent_elsewhere_after_a_sign_in(browser: Browser, then: str) -> None:
    assert local(then) == "/"
    back = browser.get(browser.chooses(str(_begun(browser, then)), "ana"))
    assert back.headers["location"] == f"{URL}/"


def _begun(browser: Browser, then: str) -> str:
    quoted = "".join(f"%{each:02x}" for each in then.encode())
    return browser.asked_by_slack(quoted)


@pytest.mark.parametrize("then", ["/", "/incidents/i1", "/?objective=a&line=rolling", "/map#x"])
def test_a_path_of_ours_is_kept(then: str) -> None:
    assert local(then) == then


def test_signing_out_takes_what_our_own_page_knows(browser: Browser) -> None:
    browser.signs_in()
    for forged in ("", "x", browser.cookies["__Host-tocsin"]):
        assert browser.post("/sign-out", goodbye=forged).status_code == 403
    assert browser.get("/").status_code == 200
    assert browser.get("/sign-out").status_code == 405
    out = browser.post("/sign-out", goodbye=browser.goodbye())
    assert (out.status_code, out.headers["location"]) == (303, f"{URL}/")
    assert browser.get("/").status_code == 303


def test_what_signs_one_person_out_signs_out_nobody_else(place: Place, browser: Browser) -> None:
    browser.signs_in("ana")
    other = place.browser()
    other.signs_in("ben")
    assert browser.post("/sign-out", goodbye=other.goodbye()).status_code == 403


def test_who_is_not_signed_in_is_out_already(browser: Browser) -> None:
    assert browser.post("/sign-out").status_code == 303


def test_an_open_dashboard_offers_the_sign_in_and_asks_nobody_for_it(place: Place) -> None:
    browser = place.browser(members_only=False)
    page = browser.get("/insights")
    assert page.status_code == 200
    assert f'href="{URL}/sign-in?next=%2Finsights"' in page.text
    browser.signs_in("ana")
    assert "Ana Lima" in browser.get("/").text


def test_where_no_sign_in_is_set_up_none_is_offered(house: House) -> None:
    doors = Doors(tools_of(house))
    plain = Browser(doors.app(), slack=None)  # type: ignore[arg-type]
    assert "Sign in" not in plain.get("/").text
    answer = plain.get("/sign-in")
    assert answer.status_code == 404
    assert "not set up" in answer.text


def test_while_the_bot_starts_a_dashboard_for_members_is_shown_to_nobody(house: House) -> None:
    """Who is of the workspace is known once Slack said which one it is."""
    early = Browser(Doors(tools_of(house), members_only=True).app(), slack=None)  # type: ignore[arg-type]
    for path in ("/", "/sign-in"):
        assert early.get(path).status_code == 503
    assert early.get("/events").status_code == 401


def test_the_api_asks_for_its_token_whoever_is_signed_in(browser: Browser) -> None:
    browser.signs_in()
    assert browser.get("/api/incidents").status_code == 404


@pytest.mark.parametrize(
    ("match", "do", "status"),
    [
        ("openid.configuration", "5xx", 503),
        ("openid.configuration", "bad_json", 503),
        ("openid.configuration", "refuse", 503),
    ],
)
def test_where_slack_does_not_answer_nobody_is_sent_there(
    place: Place, browser: Browser, match: str, do: str, status: int
) -> None:
    place.demo.post("/faults", service="slack", match=match, do=do)
    answer = browser.get("/sign-in?next=/insights")
    assert answer.status_code == status
    assert "Slack could not be asked who you are" in answer.text
    assert "Nobody was signed in" in answer.text
    assert "next=%2Finsights" in answer.text


@pytest.mark.parametrize("match", ["openid.connect.token", "openid.keys"])
@pytest.mark.parametrize("do", ["5xx", "reset", "429", "bad_json"])
def test_slack_that_fails_on_the_way_back_signs_nobody_in(
    place: Place, browser: Browser, match: str, do: str
) -> None:
    path = browser.chooses(browser.asked_by_slack(), "ana")
    place.demo.post("/faults", service="slack", match=match, do=do)
    answer = browser.get(path)
    assert answer.status_code == 503
    assert "Nobody was signed in" in answer.text
    assert "Try again in a moment" in answer.text
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        ({"client_secret": "wrong"}, "SLACK_CLIENT_SECRET"),
        ({"callback": f"{URL}/elsewhere"}, "TOCSIN_URL"),
    ],
)
def test_a_wrong_setting_is_named_on_the_page(
    place: Place, ours: dict[str, str], said: str
) -> None:
    browser = place.browser()
    path = browser.chooses(browser.asked_by_slack(), "ana")
    place.app = ours
    misled = place.browser()
    misled.cookies = browser.cookies
    answer = misled.get(path)
    assert answer.status_code == 502
    assert said in answer.text


def test_nothing_secret_is_logged(place: Place) -> None:
    with capture_logs() as lines:
        browser = place.browser()
        path = browser.chooses(browser.asked_by_slack(), "ana")
        browser.get(path)
        place.app = {"client_secret": "wrong-secret"}
        place.browser().signs_in("ben")
        browser.post("/sign-out", goodbye=browser.goodbye())
    told = repr(lines)
    assert "'signed in'" in told
    assert "'signed out'" in told
    for secret in ("wrong-secret", path.split("code=")[1][:20], "Ana Lima", "xoxp"):
        assert secret not in told


def test_a_clock_that_is_an_hour_off_is_not_believed(place: Place) -> None:
    """The token that Slack signed for five minutes is over by then."""
    place.real = lambda: time.time() + HOUR
    browser = place.browser()
    answer = browser.get(browser.chooses(browser.asked_by_slack(), "ana"))
    assert answer.status_code == 502
    assert "ExpiredTokenError" in answer.text


def test_no_page_of_the_dashboard_is_left_open(house: House, place: Place) -> None:
    """Of those that are there, and of those that will be."""
    for route in routes(Doors(tools_of(house))):
        path = getattr(route, "path", "").replace("{id}", "i1")
        if path.startswith(("/sign-", "/api/", "/static")):
            continue
        assert place.browser().get(path).status_code in (303, 401), path
