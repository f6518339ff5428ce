"""Holds `check` to one table with everything in it: problems, what is off, and never a secret."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.check import State, problems, run

TODAY = date(2026, 3, 10)
SHIPPED = Path(__file__).parent.parent
SECRETS = (
    "xoxb-demo",
    "demo-signing-secret",
    "slack-demo-client-secret",
    "session-demo-secret",
    "pd-demo-token",
    "nr-demo-key",
    "argo-demo-token",
    "registry-demo-password",
)


async def good(request: Request) -> Response:
    """Every vendor in one, each as it answers a credential that is right."""
    match request.url.path:
        case "/slack/auth.test":
            body = {"ok": True, "user": "tocsin", "team": "Demo Learning"}
            return JSONResponse(body, headers={"x-oauth-scopes": request.app.state.scopes})
        case "/slack/openid.connect.token":
            return JSONResponse({"ok": False, "error": "invalid_code"})
        case "/pagerduty/users":
            return JSONResponse({"users": [{"email": "tocsin@demo.example"}]})
        case "/newrelic":
            return JSONResponse({"data": {"actor": {"user": {"name": "Tocsin"}}}})
        case "/argocd/api/v1/session/userinfo":
            return JSONResponse({"loggedIn": True, "username": "tocsin"})
        case "/statuspage/pages/demo-page":
            return JSONResponse({"name": "Demo status"})
        case "/jira/rest/api/3/myself":
            return JSONResponse({"displayName": "Tocsin"})
        case "/jira/rest/api/3/project/OPS" | "/github/repos/demo/platform" | "/registry/v2/":
            return JSONResponse({})
        case _:
            return PlainTextResponse("no such thing", status_code=404)


async def bad(request: Request) -> Response:
    """Every vendor in one, each as it refuses."""
    match request.url.path:
        case "/slack/auth.test":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        case "/slack/openid.connect.token":
            return JSONResponse({"ok": False, "error": "bad_client_secret"})
        case "/pagerduty/users":
            return JSONResponse({"users": [{"email": "somebody@else.example"}]})
        case "/newrelic":
            return JSONResponse({"errors": [{"message": "invalid key"}]})
        case "/argocd/api/v1/session/userinfo":
            return JSONResponse({"loggedIn": False})
        case "/jira/rest/api/3/myself":
            return PlainTextResponse("no", status_code=401)
        case "/github/repos/demo/platform":
            return PlainTextResponse("no", status_code=403)
        case "/registry/v2/":
            challenge = {"www-authenticate": 'Basic realm="registry"'}
            return PlainTextResponse("no", status_code=401, headers=challenge)
        case _:
            return PlainTextResponse("no such thing", status_code=404)


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@contextmanager
def vendors(answering, scopes: str = "") -> Iterator[dict[str, str]]:
    app = Starlette(routes=[Route("/{path:path}", answering, methods=["GET", "POST"])])
    app.state.scopes = scopes
    with serving(app) as at:
        yield configured(at)


def configured(at: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_SIGNING_SECRET": "demo-signing-secret",
        "SLACK_API_URL": f"{at}/slack/",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "slack-demo-client-secret",
        "TOCSIN_URL": "https://tocsin.example.com",
        "TOCSIN_SESSION_SECRET": "session-demo-secret-session-demo-secret",
        "PAGERDUTY_API_TOKEN": "pd-demo-token",
        "PAGERDUTY_FROM_EMAIL": "tocsin@demo.example",
        "PAGERDUTY_WEBHOOK_SECRETS": "pd-demo-webhook-secret",
        "PAGERDUTY_API_URL": f"{at}/pagerduty",
        "STATUSPAGE_API_URL": f"{at}/statuspage",
        "STATUSPAGE_API_KEY": "sp-demo-key",
        "STATUSPAGE_PAGE_ID": "demo-page",
        "JIRA_URL": f"{at}/jira",
        "JIRA_EMAIL": "tocsin@demo.example",
        "JIRA_API_TOKEN": "jira-demo-token",
        "JIRA_PROJECT": "OPS",
        "GITHUB_API_URL": f"{at}/github",
        "GITHUB_TOKEN": "gh-demo-token",
        "GITHUB_REPO": "demo/platform",
        "NEWRELIC_API_URL": f"{at}/newrelic",
        "NEWRELIC_API_KEY": "nr-demo-key",
        "NEWRELIC_ACCOUNT_ID": "1234567",
        "ARGOCD_PRODUCTION_URL": f"{at}/argocd",
        "ARGOCD_PRODUCTION_TOKEN": "argo-demo-token",
        "REGISTRY_URL": f"{at}/registry",
        "REGISTRY_PASSWORD": "registry-demo-password",
    }


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The shipped folders, from a working directory that holds nothing."""
    monkeypatch.chdir(tmp_path)
    return {
        "TOCSIN_CATALOG": str(SHIPPED / "catalog"),
        "TOCSIN_RUNBOOKS": str(SHIPPED / "runbooks"),
        "TOCSIN_TEMPLATES": str(SHIPPED / "templates"),
        "TOCSIN_DATA_DIR": str(tmp_path / "var"),
    }


def wrong(environ: dict[str, str]) -> dict[str, str]:
    rows = problems(environ, today=TODAY)
    return {row.where: row.what for row in rows if row.state is State.PROBLEM}


def test_the_shipped_configuration_has_nothing_to_put_right(shipped, capsys):
    assert run(shipped, today=TODAY) == 0
    assert "Nothing to put right" in capsys.readouterr().out


def test_what_is_not_configured_says_what_that_switches_off(shipped):
    off = [row for row in problems(shipped, today=TODAY) if row.state is State.OFF]
    assert {
        "SLACK_BOT_TOKEN",
        "PAGERDUTY_API_TOKEN",
        "ARGOCD_PRODUCTION_TOKEN",
        "REGISTRY_PASSWORD",
    } <= {row.where for row in off}
    assert all(row.fix for row in off)


def test_whether_others_may_tell_of_changes_is_shown(shipped):
    both = {**shipped, "CHANGES_WEBHOOK_SECRETS": "old,new"}
    (row,) = (r for r in problems(both, today=TODAY) if r.where == "CHANGES_WEBHOOK_SECRETS")
    assert (row.state, row.what) == (State.OK, "Change webhook: signed with one of 2 secrets")
    (row,) = (r for r in problems(shipped, today=TODAY) if r.where == "CHANGES_WEBHOOK_SECRETS")
    assert row.state is State.OFF


def test_credentials_that_are_right_are_shown_as_such(shipped):
    with vendors(good) as environ:
        rows = problems(shipped | environ, today=TODAY)
    assert [row for row in rows if row.state is State.PROBLEM] == []
    told = {row.where: row.what for row in rows if row.area == "credentials"}
    assert told["SLACK_BOT_TOKEN"] == "Slack: tocsin in Demo Learning"
    assert told["SLACK_CLIENT_SECRET"] == (
        "Sign in with Slack: comes back to https://tocsin.example.com/sign-in/callback"
    )
    assert told["PAGERDUTY_API_TOKEN"] == (
        "PagerDuty: writes as tocsin@demo.example; 1 webhook secret"
    )
    assert told["REGISTRY_PASSWORD"] == "Registry registry.demo.example: as tocsin"


def test_every_refused_credential_is_a_problem_of_its_own_variable(shipped):
    with vendors(bad) as environ:
        found = wrong(shipped | environ)
    assert set(found) == {
        "SLACK_BOT_TOKEN",
        "SLACK_CLIENT_SECRET",
        "PAGERDUTY_FROM_EMAIL",
        "STATUSPAGE_PAGE_ID",
        "JIRA_API_TOKEN",
        "GITHUB_TOKEN",
        "NEWRELIC_API_KEY",
        "ARGOCD_PRODUCTION_TOKEN",
        "REGISTRY_PASSWORD",
    }
    assert "invalid_auth" in found["SLACK_BOT_TOKEN"]
    assert "invalid key" in found["NEWRELIC_API_KEY"]


def test_a_scope_that_the_app_lacks_is_named(shipped, tmp_path):
    manifest = "oauth_config:\n  scopes:\n    bot: [chat:write, pins:write]\n"
    (tmp_path / "slack-manifest.yaml").write_text(manifest)
    with vendors(good, scopes="chat:write,users:read") as environ:
        found = wrong(shipped | environ)
    assert found == {"SLACK_BOT_TOKEN": "The app lacks the scopes pins:write."}


def test_nobody_answering_is_told_by_the_address(shipped):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = wrong(shipped | configured(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert "cannot be reached" in found["JIRA_URL"]
    assert "cannot be reached" in found["SLACK_BOT_TOKEN"]
    assert "the connection was refused" in found["REGISTRY_PASSWORD"]


def test_no_secret_is_printed_whatever_happens(shipped, capsys):
    with vendors(bad) as environ:
        assert run(shipped | environ, today=TODAY) == 1
    printed = capsys.readouterr().out
    assert [secret for secret in SECRETS if secret in printed] == []


@pytest.mark.parametrize("variable", ["POSTMORTEM_REPO", "TERRAFORM_REPO"])
def test_each_repository_is_tried(shipped, tmp_path, variable):
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "kept.git"], check=True)
    reachable = {variable: str(tmp_path / "kept.git"), "PATH": "/usr/bin:/bin"}
    assert wrong(shipped | reachable) == {}
    gone = {variable: str(tmp_path / "gone.git"), "PATH": "/usr/bin:/bin"}
    assert "git cannot read" in wrong(shipped | gone)[variable]


def test_an_empty_catalog_says_what_a_mapping_would_add(shipped, tmp_path):
    (tmp_path / "empty").mkdir()
    rows = problems(shipped | {"TOCSIN_CATALOG": str(tmp_path / "empty")}, today=TODAY)
    [row] = [row for row in rows if row.area == "catalog"]
    assert row.state is State.OFF
    assert "A mapping would add" in row.fix


@pytest.fixture
def runbooks(tmp_path: Path, shipped: dict[str, str]) -> Path:
    """A folder of runbooks for a catalog that names none of them."""
    folder = tmp_path / "books"
    folder.mkdir()
    catalog = tmp_path / "small"
    catalog.mkdir()
    (catalog / "teams.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-lms}\n"
    )
    (catalog / "lms.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: lms}\n"
        "spec: {type: service, owner: team-lms}\n"
    )
    shipped["TOCSIN_RUNBOOKS"], shipped["TOCSIN_CATALOG"] = str(folder), str(catalog)
    return folder


def test_a_runbook_needs_no_front_matter(runbooks, shipped):
    (runbooks / "plain.md").write_text("# What to do\n\nRestart it.\n")
    assert wrong(shipped) == {}


def test_a_runbook_that_names_an_unknown_service_is_told_at_its_line(runbooks, shipped):
    (runbooks / "a.md").write_text("---\ntitle: A\nservices:\n  - lms\n  - lsm\n---\n# A\n")
    assert wrong(shipped) == {"books/a.md:5": "`lsm` is not in the catalog."}


def test_broken_front_matter_is_told_at_its_line(runbooks, shipped):
    (runbooks / "a.md").write_text("---\ntitle: A\nalerts: [x\nowner: y\n---\n# A\n")
    [where] = wrong(shipped)
    assert where in ("books/a.md:3", "books/a.md:4")


def test_an_overdue_review_is_a_warning_and_no_problem(runbooks, shipped):
    (runbooks / "a.md").write_text("---\nlast_reviewed: 2026-02-01\nreview_every: 30d\n---\n# A\n")
    [row] = [row for row in problems(shipped, today=TODAY) if row.state is State.WARNING]
    assert (row.where, row.what) == ("books/a.md:2", "The review was due 7 days ago.")


def test_a_runbook_that_the_catalog_names_has_to_exist(shipped, tmp_path):
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "a.md").write_text("# A\n")
    rows = problems(shipped | {"TOCSIN_RUNBOOKS": str(tmp_path / "books")}, today=TODAY)
    told = [row.what for row in rows if row.where == "catalog: rds-mysql"]
    assert any("rds-failover.md" in what for what in told)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("one\n{% if %}\n", "mine/internal-update.md.j2:2"),
        ("one\ntwo\n{{ impakt }}\n", "mine/internal-update.md.j2:3"),
        ("{{ impact | nofilter }}\n", "mine/internal-update.md.j2:1"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_told_at_its_line(shipped, tmp_path, text, where):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "internal-update.md.j2").write_text(text)
    assert list(wrong(shipped | {"TOCSIN_TEMPLATES": str(tmp_path / "mine")})) == [where]


def test_a_data_folder_that_cannot_be_written_is_a_problem(shipped, tmp_path):
    (tmp_path / "file").write_text("")
    found = wrong(shipped | {"TOCSIN_DATA_DIR": str(tmp_path / "file" / "below")})
    assert list(found) == ["TOCSIN_DATA_DIR"]


def test_a_broken_catalog_does_not_hide_a_broken_credential(shipped, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "people.yaml").write_text("people: yes\n")
    with vendors(bad) as environ:
        found = wrong(shipped | environ | {"TOCSIN_CATALOG": str(tmp_path / "bad")})
    assert {"bad/people.yaml:1", "SLACK_BOT_TOKEN"} <= set(found)
