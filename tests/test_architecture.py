"""The layers of the house, held by reading the source; each rule is first tried on bad snippets."""

from __future__ import annotations

import pytest

from tests.house_rules import (
    FILE_LINES,
    FUNCTION_LINES,
    ROOT,
    Checker,
    apart,
    broad_except,
    broken,
    cycles,
    documented,
    environment,
    inner_imports,
    layers,
    mocks,
    names,
    of,
    pure,
    siblings,
    sizes,
)

BOT = of("bot")
APP = (
    [("app", (ROOT / "app.py").read_text(encoding="utf-8"))] if (ROOT / "app.py").exists() else []
)
BAD: list[tuple[Checker, str, str]] = [
    (layers, "bot.domain.page", "from bot.tools import Pager"),
    (layers, "bot.reactions", "import bot.tools"),
    (layers, "bot.timeline.store", "from bot.engine.engine import Engine"),
    (layers, "bot.timeline.store", "from bot import engine"),
    (layers, "bot.flow.alert", "from bot.integrations.pagerduty import PagerDuty"),
    (layers, "bot.flow.alert", "from bot.slack.blocks import section"),
    (layers, "bot.slack.app", "from bot.integrations.http import Http"),
    (layers, "bot.web.app", "from bot.slack.app import App"),
    (layers, "bot.engine.engine", "from bot.flow import alert"),
    (layers, "bot.mitigations.rollback", "from bot.flow.shown import percent"),
    (layers, "bot.lint_command", "from bot.slack.blocks import section"),
    (layers, "bot.newcomer.thing", "import json"),
    (siblings, "bot.integrations.argocd", "from bot.integrations.github import GitHub"),
    (siblings, "bot.mitigations.restart", "from bot.mitigations.rollback import Rollback"),
    (pure, "bot.domain.page", "import pydantic"),
    (pure, "bot.domain.page", "import socket"),
    (pure, "bot.domain.page", "from datetime import datetime\nx = datetime.now()"),
    (environment, "bot.flow.alert", "import os\nx = os.environ['A']"),
    (environment, "bot.flow.alert", "from os import getenv"),
    (inner_imports, "bot.flow.alert", "def f():\n    import json"),
    (inner_imports, "bot.flow.alert", "def f():\n    import boto3"),
    (inner_imports, "bot.integrations.aws.sdk", "def f():\n    import json"),
    (broad_except, "bot.flow.alert", "try:\n    f()\nexcept Exception:\n    pass"),
    (broad_except, "bot.flow.alert", "try:\n    f()\nexcept:\n    pass"),
    (sizes, "bot.flow.alert", "def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)),
    (sizes, "bot.flow.alert", "def f(a, b, c, d, e, g): ..."),
    (documented, "bot.flow.alert", "x = 1"),
    (names, "bot.flow.utils", ""),
    (names, "bot.flow.alert", "def get_page(): ..."),
    (apart, "sandbox.app", "from bot.domain.page import Page"),
    (apart, "bot.flow.alert", "import sandbox.app"),
    (mocks, "tests.test_x", "from unittest.mock import patch"),
    (mocks, "tests.test_x", "def f(monkeypatch):\n    monkeypatch.setattr('bot.flow.x', 1)"),
    (mocks, "tests.test_x", "def f(monkeypatch):\n    monkeypatch.setattr(bot.flow, 'x', 1)"),
]


@pytest.mark.parametrize(
    ("checker", "module", "text"),
    BAD,
    ids=[f"{c.__name__}-{n}" for n, (c, _, _) in enumerate(BAD)],
)
def test_a_bad_snippet_is_found(checker: Checker, module: str, text: str) -> None:
    assert broken(checker, [(module, text)])


def test_what_the_table_allows_is_not_found() -> None:
    good = [
        ("bot.flow.alert", '"""A."""\nfrom bot.flow.naming import x\nfrom bot.tools import Tools'),
        ("bot.integrations.argocd", '"""A."""\nfrom bot.integrations.argocd_api import Api'),
        ("bot.config", '"""A."""\nimport os\nx = os.environ'),
        ("bot.slack.cards.incident", '"""A."""\nfrom bot.flow.shown import percent'),
    ]
    for checker in (layers, siblings, pure, environment, documented, names):
        assert broken(checker, good) == []


def test_a_loop_of_imports_is_found() -> None:
    loop = [
        ("bot.a", "from bot.b import x"),
        ("bot.b", "import bot.c"),
        ("bot.c", "from bot import a"),
        ("bot.d", "import bot.a"),
    ]
    assert cycles(loop) == ["bot.a → bot.b → bot.c → bot.a"]


@pytest.mark.parametrize(
    "checker",
    [layers, siblings, pure, environment, inner_imports, broad_except, documented, names],
)
def test_the_bot_keeps_to_the_layers(checker: Checker) -> None:
    assert broken(checker, [*BOT, *APP]) == []


def test_functions_of_the_bot_are_short() -> None:
    assert broken(sizes, [*BOT, *APP]) == []


def test_files_of_the_bot_and_the_sandbox_are_short() -> None:
    long = {name: text.count("\n") for name, text in [*BOT, *APP, *of("sandbox")]}
    assert {name: lines for name, lines in long.items() if lines >= FILE_LINES} == {}


def test_every_module_of_the_sandbox_says_why_it_exists() -> None:
    assert broken(documented, of("sandbox")) == []


def test_no_modules_need_each_other() -> None:
    assert cycles([*BOT, *APP]) == []


def test_the_bot_and_the_sandbox_do_not_know_each_other() -> None:
    assert broken(apart, [*BOT, *APP, *of("sandbox")]) == []


def test_no_test_replaces_our_own_code() -> None:
    assert broken(mocks, of("tests")) == []
