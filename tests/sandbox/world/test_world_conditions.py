"""Conditions say what they look like they say, and are never run as code."""

from typing import Any

import pytest

from sandbox.world.conditions import BadCondition, parse

FACTS: dict[str, Any] = {"web.revision": "r142", "web.replicas": 4, "flag.on": True}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("web.revision == r142", True),
        ("web.revision != r142", False),
        ("web.replicas > 3", True),
        ("web.replicas >= 4", True),
        ("web.replicas < 4", False),
        ("web.replicas <= 3", False),
        ("flag.on == true", True),
        (["web.replicas > 3", "flag.on == false"], False),
        ({"any": ["web.replicas > 9", "flag.on == true"]}, True),
        ({"not": "web.revision == r142"}, False),
    ],
)
def test_a_condition_holds_when_the_world_is_so(written: Any, expected: bool) -> None:
    assert parse(written).holds(FACTS.__getitem__) is expected


@pytest.mark.parametrize(
    "written", ["__import__('os')", "web.replicas", "web > many", {"all": []}, [], 7, {"any": []}]
)
def test_what_is_no_condition_is_refused(written: Any) -> None:
    with pytest.raises(BadCondition):
        parse(written)
