"""What a sign-in needs: all of it or a problem for each that is missing, with where it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Shown, load, survey

ALL = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "signing",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "client",
    "TOCSIN_URL": "https://tocsin.example.com/",
    "TOCSIN_SESSION_SECRET": "s" * 32,
    "TOCSIN_DASHBOARD": "sign-in",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(**changed: str) -> dict[str, str]:
    return {each.where: each.fix for each in survey({**ALL, **changed}).problems}


def test_with_all_of_it_people_can_sign_in() -> None:
    config = load(ALL)
    assert config.dashboard is Shown.SIGN_IN
    assert config.sign_in is not None
    assert config.sign_in.callback == "https://tocsin.example.com/sign-in/callback"
    assert config.sign_in.api_url == "https://slack.com/api/"


@pytest.mark.parametrize(
    ("missing", "where"),
    [
        ("SLACK_CLIENT_ID", "Basic Information → App Credentials"),
        ("SLACK_CLIENT_SECRET", "Basic Information → App Credentials"),
        ("TOCSIN_URL", "OAuth & Permissions → Redirect URLs"),
        ("TOCSIN_SESSION_SECRET", "openssl rand -hex 32"),
    ],
)
def test_what_is_missing_is_named_with_where_it_is_found(missing: str, where: str) -> None:
    found = problems(**{missing: ""})
    assert set(found) == {missing}
    assert where in found[missing]


def test_without_a_workspace_nobody_could_be_of_it() -> None:
    assert "SLACK_BOT_TOKEN" in problems(SLACK_BOT_TOKEN="", SLACK_SIGNING_SECRET="")


@pytest.mark.parametrize(
    "one", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "TOCSIN_SESSION_SECRET"]
)
def test_an_open_dashboard_takes_a_sign_in_whole_or_not_at_all(one: str) -> None:
    slack = {name: ALL[name] for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")}
    assert load({**slack, "TOCSIN_DASHBOARD": "open"}).sign_in is None
    found = survey({**slack, "TOCSIN_DASHBOARD": "open", one: ALL[one]}).problems
    wanted = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "TOCSIN_SESSION_SECRET", "TOCSIN_URL"}
    assert {each.where for each in found} == wanted - {one}


def test_the_address_alone_asks_for_nothing_more() -> None:
    assert load({"TOCSIN_URL": "https://tocsin.example.com"}).sign_in is None


@pytest.mark.parametrize("secret", ["short", "s" * 31, f"{'s' * 40},short"])
def test_a_secret_that_could_be_guessed_is_a_problem(secret: str) -> None:
    assert set(problems(TOCSIN_SESSION_SECRET=secret)) == {"TOCSIN_SESSION_SECRET"}


def test_several_secrets_are_read_in_their_order() -> None:
    config = load({**ALL, "TOCSIN_SESSION_SECRET": f"{'n' * 32}, {'o' * 32}"})
    assert config.sign_in is not None
    kept = [each.get_secret_value()[0] for each in config.sign_in.session_secrets]
    assert kept == ["n", "o"]


@pytest.mark.parametrize(
    "address",
    ["tocsin.example.com", "http://tocsin.example.com", "https://h/path", "https://h?x=1"],
)
def test_an_address_that_browsers_could_not_come_back_to_is_a_problem(address: str) -> None:
    assert set(problems(TOCSIN_URL=address)) == {"TOCSIN_URL"}


def test_this_machine_may_be_reached_unencrypted() -> None:
    assert problems(TOCSIN_URL="http://127.0.0.1:8300") == {}


def test_no_secret_is_shown_with_the_configuration() -> None:
    told = repr(load(ALL))
    assert "client'" not in told
    assert "s" * 32 not in told
