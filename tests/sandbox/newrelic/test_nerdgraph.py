"""The fixed NRQL catalogue of the simulated New Relic."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

ERRORS = (
    "SELECT count(*) AS total, filter(count(*), WHERE error IS true) AS bad FROM Transaction "
    "WHERE appName = 'lms' SINCE {since} UNTIL {until}"
)
P95 = (
    "SELECT percentile(duration, 95) AS p95 FROM Transaction "
    "WHERE appName = 'lms' SINCE {since} UNTIL {until}"
)
CLASSES = (
    "SELECT count(*) FROM TransactionError WHERE appName = 'lms' "
    "FACET error.class, error.message SINCE {since} UNTIL {until} LIMIT 5"
)
QUERY = (
    "query ($a: Int!, $q: Nrql!) "
    "{ actor { account(id: $a) { nrql(query: $q, timeout: 30) { results } } } }"
)


@pytest.fixture
def ask(demo):
    def asked(nrql, *, minutes=10, key="nr-demo-key", account=1234567):
        until = demo.sim.clock.now()
        since = until - timedelta(minutes=minutes)
        moments = {
            k: int(v.timestamp() * 1000) for k, v in {"since": since, "until": until}.items()
        }
        body = {"query": QUERY, "variables": {"a": account, "q": nrql.format(**moments)}}
        return demo.http.post("/newrelic/graphql", json=body, headers={"API-Key": key})

    return asked


def results(answer):
    return answer.json()["data"]["actor"]["account"]["nrql"]["results"]


def share(row):
    return 100 * row["bad"] / row["total"]


def test_a_quiet_service_has_few_errors_in_each_minute(ask):
    rows = results(ask(ERRORS + " TIMESERIES 1 minute"))
    assert len(rows) == 10
    assert all(row["endTimeSeconds"] - row["beginTimeSeconds"] == 60 for row in rows)
    assert all(row["total"] > 1000 and share(row) < 1 for row in rows)


def test_the_whole_window_is_the_sum_of_its_minutes(ask):
    minutes = results(ask(ERRORS + " TIMESERIES 1 minute"))
    (whole,) = results(ask(ERRORS))
    assert whole["total"] == sum(row["total"] for row in minutes)
    assert whole["bad"] == sum(row["bad"] for row in minutes)


def test_the_same_question_has_the_same_answer_later(ask, demo):
    until = int(demo.sim.clock.now().timestamp() * 1000)
    fixed = ERRORS.replace("{since}", str(until - 600_000)).replace("{until}", str(until))
    before = results(ask(fixed))
    demo.advance(3600)
    assert results(ask(fixed)) == before


def test_a_bad_release_shows_in_errors_duration_and_classes(ask, demo):
    (usual,) = results(ask(P95))
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(420)
    (row,) = results(ask(ERRORS, minutes=3))
    assert 9 < share(row) < 14
    (slow,) = results(ask(P95, minutes=3))
    assert slow["p95"]["95"] > 1.3 * usual["p95"]["95"]
    worst = results(ask(CLASSES, minutes=3))[0]
    assert worst["error.class"] == "UndefinedColumn"
    assert "cohort_v2" in worst["error.message"]
    assert worst["facet"] == [worst["error.class"], worst["error.message"]]


def test_a_silent_agent_reports_nothing_from_then_on(ask, demo):
    demo.post("/newrelic/knobs", app="lms", silent=True)
    demo.advance(300)
    rows = results(ask(ERRORS + " TIMESERIES 1 minute"))
    assert [row["total"] > 0 for row in rows] == [True] * 5 + [False] * 5
    assert results(ask(P95, minutes=3)) == [{"p95": {"95": None}}]


def test_low_traffic_is_a_handful_of_requests(ask, demo):
    demo.post("/newrelic/knobs", app="lms", traffic="low")
    (row,) = results(ask(ERRORS, minutes=6))
    assert 5 < row["total"] < 30


def test_an_unknown_query_is_an_error_with_status_200(ask):
    answer = ask("SELECT average(duration) FROM Transaction")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["message"].startswith("unsupported query")


def test_a_wrong_key_is_refused(ask):
    assert ask(ERRORS, key="wrong").status_code == 401


def test_another_account_is_an_error(ask):
    assert "not accessible" in ask(ERRORS, account=1).json()["errors"][0]["message"]


def test_literals_and_aliases_work_in_one_request(demo):
    until = int(demo.sim.clock.now().timestamp() * 1000)
    nrql = ERRORS.format(since=until - 60_000, until=until)
    query = f'{{actor{{user{{name}} account(id:1234567){{now:nrql(query:"{nrql}"){{results}} '
    query += f'p:nrql(timeout:30, query:"{P95.format(since=until - 60_000, until=until)}"){{results}}}}}}}}'
    answer = demo.http.post(
        "/newrelic/graphql", json={"query": query}, headers={"API-Key": "nr-demo-key"}
    )
    account = answer.json()["data"]["actor"]["account"]
    assert account["now"]["results"][0]["total"] > 1000
    assert account["p"]["results"][0]["p95"]["95"] > 0.1


def test_every_query_of_the_documentation_is_understood(ask):
    text = Path("docs/sandbox-nrql.md").read_text()
    queries = re.findall(r"(?<!`)(`{1,2})((?:SELECT|FROM) .+?)\1(?!`)", text)
    assert len(queries) == 12
    for _, query in queries:
        asked = query.replace("<since>", "{since}").replace("<until>", "{until}")
        assert "errors" not in ask(asked).json()


def test_what_was_marked_as_a_change_is_read_by_application_newest_first(demo, ask):
    at = demo.sim.clock.now() - timedelta(minutes=5)
    demo.post("/newrelic/change", app="lms", version="r1", at=at.isoformat())
    demo.post("/newrelic/change", app="lms", category="Feature Flag", featureFlagId="f")
    demo.post("/newrelic/change", app="cms", version="r7")
    demo.advance(1)
    nrql = "FROM ChangeTrackingEvent, Deployment SELECT * WHERE entity.name IN ('lms', 'x') "
    flag, deployment = results(ask(nrql + "SINCE {since} UNTIL {until} LIMIT 10"))
    assert (flag["featureFlagId"], "changeTrackingId" in flag) == ("f", True)
    assert (deployment["version"], "deploymentId" in deployment) == ("r1", True)
