"""The figures as JSON: by token, read-only, without private incidents, and as its document says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.house import House
from tests.web.doors import PRIVATE, Doors, Reader, declare, tools_of

PATHS = ["/api/objectives", "/api/incidents"]
TOKEN = "Bearer one-token"


@pytest.fixture
def api(house: House) -> Reader:
    doors = Doors(tools_of(house), dashboard=False, api_tokens=("another", "one-token"))
    return Reader(doors.app())


def got(api: Reader, path: str) -> Any:
    answer = api.get(path, authorization=TOKEN)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("path", [*PATHS, "/api/openapi.json"])
def test_without_a_configured_token_it_is_off_and_says_how_to_switch_it_on(
    reader: Reader, path: str
) -> None:
    answer = reader.get(path, authorization=TOKEN)
    assert answer.status_code == 404
    assert "set TOCSIN_API_TOKENS" in answer.json()["error"]


@pytest.mark.parametrize("said", ["", "Bearer wrong", "Bearer ", "Basic one-token", "Bearer ü"])
@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_token_is_refused(api: Reader, path: str, said: str) -> None:
    answer = api.get(path, authorization=said.encode())
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_objectives_are_told_as_numbers(api: Reader) -> None:
    found = {each["name"]: each for each in got(api, "/api/objectives")["objectives"]}
    lms, latency = found["lms-availability"], found["api-latency"]
    assert lms["current"] == pytest.approx(0.9994)
    assert lms["budget_left"] == pytest.approx(0.72)
    assert (lms["target"], lms["status"]) == (0.999, "healthy")
    assert (latency["reading"], latency["below"], latency["unit"]) == (342, 500, "ms")
    assert latency["budget_left"] is None


def test_private_incidents_are_not_told(house: House, api: Reader) -> None:
    declare(house, "i1", "Somebody reads the mail of others", visibility=PRIVATE)
    declare(house, "i2", "Course pages fail")
    assert [each["id"] for each in got(api, "/api/incidents")["incidents"]] == ["i2"]
    assert [each["id"] for each in got(api, "/api/incidents?open=true")["incidents"]] == ["i2"]


@pytest.mark.parametrize("limit", ["-1", "all", "0", "9" * 30])
def test_a_limit_that_is_none_is_no_error(house: House, api: Reader, limit: str) -> None:
    declare(house, "i2", "Course pages fail")
    assert "incidents" in got(api, f"/api/incidents?limit={limit}")


def test_while_the_bot_starts_it_asks_to_come_again() -> None:
    starting = Reader(Doors(None, api_tokens=("one-token",)).app())
    assert starting.get("/api/incidents", authorization=TOKEN).status_code == 503


def test_its_document_names_exactly_what_it_answers(house: House, api: Reader) -> None:
    declare(house, "i2", "Course pages fail")
    told = api.get("/api/openapi.json").json()
    shapes = told["components"]["schemas"]
    for path, name, row in (
        ("/api/objectives", "objectives", "Objective"),
        ("/api/incidents", "incidents", "Incident"),
    ):
        assert path in told["paths"]
        for each in got(api, path)[name]:
            assert set(each) == set(shapes[row]["properties"]) == set(shapes[row]["required"])
