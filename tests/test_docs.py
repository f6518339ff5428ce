"""Holds what we write to what is there; `python -m tests.test_docs` writes the table of commands anew."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app import cli
from bot.config import OURS, load
from bot.configuration.entities import ANNOTATIONS
from bot.slack.cards.help import GROUPS
from bot.slack.handling import Handles
from bot.slack.registry import book

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"
CATALOG = ROOT / "docs" / "catalog.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("[a-z]*/README.md")])
TABLE = re.compile(r"(<!-- commands:begin -->\n).*?(<!-- commands:end -->)", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
READERS = {"text", "secret", "secrets", "url", "whole", "email", "complete", "get", "_folder"}
OF_THE_DEMO = {"SANDBOX_PORT", "TOCSIN_DEMO_DIR", "FRESH", "TOCSIN_DEMO_AWS"}


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def section(page: Path, title: str) -> str:
    """What stands between this heading of the second level and the next."""
    return page.read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| `([^`|]+)` \|", text, re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}


def variables_read() -> set[str]:
    """What the program asks of the environment by name."""
    found = set(OURS)
    for path in [ROOT / "bot" / "config.py", *(ROOT / "bot" / "configuration").glob("*.py")]:
        found |= set(_named_in(ast.parse(path.read_text())))
    shipped = yaml.safe_load((ROOT / "catalog" / "environments.yaml").read_text())
    for part in shipped["environments"].values():
        found |= {part["argocd"]["url_variable"], part["argocd"]["token_variable"]}
        found.add(part["kubernetes"]["kubeconfig_variable"])
        found |= {part["aws"]["role_variable"], part["aws"]["endpoint_variable"]}
    for part in shipped["registries"]:
        found |= {part["url_variable"], part["password_variable"]}
    return found


def _named_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func).rpartition(".")[2] not in READERS:
            continue
        for each in node.args:
            if isinstance(each, ast.Constant) and VARIABLE.fullmatch(str(each.value)):
                yield str(each.value)


def catalogs() -> list[dict[str, str]]:
    """The files that docs/catalog.md shows; one shown again replaces the former in a new catalog."""
    shown: list[dict[str, str]] = [{}]
    for block in fenced(CATALOG, "yaml"):
        name = re.match(r"# (\S+\.yaml)\n", block)
        if name is None:
            continue
        if name[1] in shown[-1]:
            shown.append(dict(shown[-1]))
        shown[-1][name[1]] = block
    return shown


def commands_table() -> str:
    """By what one wants, in the order of the help."""
    left = {each.name: each for each in book().commands() if each.usage}
    lines = []
    for title, names in GROUPS.items():
        lines += _rows(title, [left.pop(name) for name in names if name in left])
    return "\n".join([*lines, *_rows("Besides", list(left.values()))]) + "\n"


def _rows(title: str, commands: list[Handles]) -> list[str]:
    if not commands:
        return []
    head = [f"### {title}", "", "| after `/incident` | does |", "|---|---|"]
    rows = [f"| `{_cell(each.usage)}` | {_cell(each.explains)} |" for each in commands]
    return [*head, *rows, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def written_anew(page: str) -> str:
    return TABLE.sub(lambda found: f"{found[1]}\n{commands_table()}{found[2]}", page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_of_ours_leads_somewhere(page):
    lost = []
    for target, heading in LINK.findall(page.read_text()):
        path = (page.parent / target).resolve() if target else page
        if not path.exists():
            lost.append(target)
        elif heading and heading not in anchors(path):
            lost.append(f"{target}#{heading}")
    assert lost == []


def test_every_variable_that_is_read_is_in_the_readme_and_no_other():
    assert set(first_cells(section(README, "Every environment variable"))) == variables_read()


def test_the_variables_of_the_demo_are_those_that_it_reads():
    read = set(_named_in(ast.parse((ROOT / "bot" / "demo.py").read_text())))
    assert read - variables_read() == OF_THE_DEMO
    told = section(README, "Every environment variable")
    assert [name for name in OF_THE_DEMO if f"`{name}`" not in told] == []


def test_every_subcommand_is_in_the_documentation_as_the_help_explains_it():
    page = COMMANDS.read_text()
    assert book().commands()
    assert page == written_anew(page), "run `python -m tests.test_docs`"


def test_every_command_of_the_program_is_in_the_documentation():
    names = {each.name or each.callback.__name__ for each in cli.registered_commands}
    told = set(re.findall(r"^python app\.py (\w+)", COMMANDS.read_text(), re.MULTILINE))
    assert told == names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= targets


def test_the_first_screen_shows_what_it_is_and_the_two_commands_with_their_cost():
    first = README.read_text().split("\n## ")[0]
    assert "The on-call bot that undoes the bad change and proves it worked." in first
    assert "docs/images/incident.png" in first
    assert re.search(r"^make demo .*2 minutes, no accounts, nothing leaves", first, re.MULTILINE)
    assert re.search(r"^make test ", first, re.MULTILINE)
    assert first.index("<!-- bench:begin -->") < first.index("<!-- bench:end -->")


def test_every_direct_dependency_has_its_reason():
    project = (ROOT / "pyproject.toml").read_text()
    wanted = set(re.findall(r'"([A-Za-z][\w-]*)(?:\[[\w,]+\])?>=[\d.]+"', project))
    reasons = section(README, "Why each dependency").lower()
    named = set(re.findall(r"[a-z][\w-]*", reasons))
    assert {name.lower() for name in wanted} - {"setuptools"} <= named


@pytest.mark.parametrize("files", catalogs(), ids=lambda files: f"{len(files)} files")
def test_every_catalog_that_is_shown_loads(files, tmp_path):
    assert len(files) >= 6
    for name, text in files.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    catalog = load({"TOCSIN_CATALOG": str(tmp_path)}).catalog
    assert {each.name for each in catalog.services} == {"checkout", "stock"}
    assert len(catalog.paging) == 2


def test_the_grants_that_are_shown_let_it_act_in_staging_alone(tmp_path):
    (tmp_path / "policy.yaml").write_text(catalogs()[-1]["policy.yaml"])
    policy = load({"TOCSIN_CATALOG": str(tmp_path)}).policy
    assert policy.may_act("staging", "rollback")
    assert not policy.may_act("production", "rollback")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_yaml_that_is_shown_is_yaml(page):
    assert [block for block in fenced(page, "yaml") if not list(yaml.safe_load_all(block))] == []


def test_every_annotation_that_is_shown_is_read():
    shown = set(re.findall(r"tocsin\.dev/([a-z-]+)", CATALOG.read_text()))
    assert shown - set(ANNOTATIONS) == set()


def test_what_readyz_says_is_explained():
    source = (ROOT / "bot" / "web" / "health.py").read_text()
    operations = (ROOT / "docs" / "operations.md").read_text()
    metrics = set(re.findall(r'"(tocsin_\w+)"', source))
    assert len(metrics) >= 5
    assert [name for name in metrics if f"`{name}" not in operations] == []


if __name__ == "__main__":
    COMMANDS.write_text(written_anew(COMMANDS.read_text()))
