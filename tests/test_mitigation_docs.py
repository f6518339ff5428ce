"""docs/mitigations.md against the code: every mitigation, and every right that AWS is asked for."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from bot.wiring import KINDS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "mitigations.md").read_text(encoding="utf-8")
CLOUD = sorted((ROOT / "bot" / "integrations" / "aws").glob("*.py"))
PREFIX = {"elbv2": "elasticloadbalancing", "opensearch": "es"}
ASKS = {"read", "write", "pages"}
# Spelt by the code from a part of the name; both ends of it are in the page.
COMPOSED = {"rds:DescribeDBInstances", "rds:DescribeDBClusters"}
# Needed beside the calls of the mitigations: how one becomes the role, and tags given at a start.
BESIDE = {"sts:AssumeRole", "ssm:AddTagsToResource"}


def asked() -> Iterator[tuple[str, str]]:
    """Service and operation of every call that is written out."""
    for path in CLOUD:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=attr),
                    args=[ast.Constant(value=str(service)), ast.Constant(value=str(name)), *_],
                ) if attr in ASKS:
                    yield service, name


def rights() -> set[str]:
    """As a policy spells them, by the SDK's own description of each service."""
    session = botocore.session.get_session()
    found: set[str] = set()
    for service, name in asked():
        names = {xform_name(n): n for n in session.get_service_model(service).operation_names}
        found.add(f"{PREFIX.get(service, service)}:{names[name]}")
    return found


def granted() -> set[str]:
    """Every action of the policies that the page offers to paste."""
    found: set[str] = set()
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        policy = json.loads(block)
        for statement in policy.get("Statement", [policy]):
            actions = statement["Action"]
            found |= set(actions if isinstance(actions, list) else [actions])
    return found


@pytest.mark.parametrize("name", sorted(kind.name for kind in KINDS))
def test_every_mitigation_has_its_section(name: str) -> None:
    assert f"\n### {name}\n" in PAGE


def test_the_page_describes_nothing_that_does_not_exist() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == {kind.name for kind in KINDS}


def test_the_policies_grant_every_right_that_is_used() -> None:
    assert len(rights()) > 20
    assert (rights() | COMPOSED) - granted() == set()


def test_the_policies_grant_nothing_that_is_not_used() -> None:
    assert granted() - rights() - COMPOSED - BESIDE == set()
