"""The counts of the simulated New Relic: the platform's table comes out, before and after faults."""

from datetime import timedelta

import pytest

from sandbox.core.clock import START

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
TOTAL = "SELECT count(apm.service.transaction.duration) FROM Metric WHERE {of}"
BAD = "SELECT count(apm.service.transaction.error.count) FROM Metric WHERE {of}"
LMS = "appName = 'lms'"
LOGIN = "appName = 'identity' AND transactionName LIKE '%login%'"
ENROLL = "appName = 'lms' AND transactionName LIKE '%enroll%'"
CDN = "FROM Metric WHERE `aws.cloudfront.DistributionId` = 'E0DEMOPROD'"
CDN_TOTAL = f"SELECT sum(`aws.cloudfront.Requests`) {CDN}"
CDN_BAD = (
    "SELECT average(`aws.cloudfront.5xxErrorRate`) / 100 * sum(`aws.cloudfront.Requests`) " + CDN
)
P99 = "SELECT percentile(duration, 99) FROM Transaction WHERE appName = 'api-gateway'"
QUESTION = "query ($q: Nrql!) { actor { account(id: 1234567) { nrql(query: $q) { results } } } }"
PLATFORM = {
    "LMS availability": (TOTAL.format(of=LMS), BAD.format(of=LMS), 0.999, 2),
    "Video delivery": (CDN_TOTAL, CDN_BAD, 0.9995, 2),
    "Authentication": (TOTAL.format(of=LOGIN), BAD.format(of=LOGIN), 0.9999, 3),
    "Course enrollment": (TOTAL.format(of=ENROLL), BAD.format(of=ENROLL), 0.999, 2),
}
"""Queries of total and bad, target, decimals that are shown."""


@pytest.fixture
def ask(demo):
    def asked(nrql, *, since, until, series=""):
        begin, end = (int(each.timestamp() * 1000) for each in (since, until))
        body = {
            "query": QUESTION,
            "variables": {"q": f"{nrql} SINCE {begin} UNTIL {end}{series}"},
        }
        return demo.http.post(
            "/newrelic/graphql", json=body, headers={"API-Key": "nr-demo-key"}
        ).json()

    return asked


@pytest.fixture
def numbers(ask):
    """The one number of each row."""

    def found(nrql, **window):
        rows = ask(nrql, **window)["data"]["actor"]["account"]["nrql"]["results"]
        return [next(v for k, v in row.items() if not k.endswith("Seconds")) for row in rows]

    return found


@pytest.fixture
def ratio(numbers):
    def found(total, bad, **window):
        (every,), (wrong,) = numbers(total, **window), numbers(bad, **window)
        return wrong / every

    return found


@pytest.mark.parametrize("hours", [0, 6])
def test_the_platforms_table_comes_out_and_stays_for_hours(demo, ratio, numbers, hours):
    now = START + hours * HOUR
    demo.post("/clock", advance=hours * 3600)
    table = {}
    for name, (total, bad, target, places) in PLATFORM.items():
        current = 1 - ratio(total, bad, since=now - DAY, until=now)
        left = 1 - ratio(total, bad, since=now - MONTH, until=now) / (1 - target)
        table[name] = (f"{100 * current:.{places}f}%", f"{100 * left:.0f}%")
    assert table == {
        "LMS availability": ("99.94%", "72%"),
        "Video delivery": ("99.97%", "84%"),
        "Authentication": ("99.995%", "95%"),
        "Course enrollment": ("99.87%", "43%"),
    }
    assert numbers(P99, since=now - DAY, until=now) == [{"99": 0.342}]


@pytest.mark.parametrize("nrql", [TOTAL, BAD])
@pytest.mark.parametrize("begin", [START - 20 * DAY, START - HOUR])
def test_the_minutes_of_an_hour_are_its_bucket(demo, numbers, nrql, begin):
    demo.post("/clock", advance=2 * 3600)
    asked = nrql.format(of=LMS)
    hours = numbers(asked, since=begin, until=begin + 2 * HOUR, series=" TIMESERIES 1 hour")
    minutes = numbers(asked, since=begin, until=begin + 2 * HOUR, series=" TIMESERIES 1 minute")
    assert hours == [sum(minutes[n : n + 60]) for n in range(0, 120, 60)]
    assert sum(hours) == sum(numbers(asked, since=begin, until=begin + 2 * HOUR))


def test_more_than_366_buckets_are_refused(ask):
    def asked(hours):
        window = {"since": START - hours * HOUR, "until": START}
        return ask(TOTAL.format(of=LMS), series=" TIMESERIES 1 hour", **window)

    assert "errors" not in asked(366)
    assert "maximum of 366" in asked(367)["errors"][0]["message"]


def test_thirteen_months_back_can_be_asked(numbers):
    first = START - 395 * DAY
    assert numbers(TOTAL.format(of=LMS), since=first, until=first + HOUR)[0] > 10_000


def test_nights_are_quieter_than_afternoons(numbers):
    midnight = START.replace(hour=0) - 4 * DAY
    hours = numbers(
        TOTAL.format(of=LMS), since=midnight, until=midnight + DAY, series=" TIMESERIES 1 hour"
    )
    assert hours[4] < 0.6 * hours[15]


@pytest.mark.parametrize(
    ("total", "bad"), [each[:2] for each in PLATFORM.values()], ids=list(PLATFORM)
)
def test_past_incidents_stand_out(numbers, total, bad):
    window = {"since": START - MONTH, "until": START - 15 * DAY, "series": " TIMESERIES 1 hour"}
    wrong = numbers(bad, **window)
    assert max(wrong) >= 4 * sorted(wrong)[len(wrong) * 9 // 10] or max(wrong) < 5


def test_requests_of_the_play_are_those_of_the_transactions(demo, ask, numbers):
    demo.advance(600)
    window = {"since": START, "until": START + timedelta(minutes=10)}
    minutes = numbers(TOTAL.format(of=LMS), series=" TIMESERIES 1 minute", **window)
    events = (
        "SELECT count(*) AS total, filter(count(*), WHERE error IS true) AS bad FROM Transaction "
        "WHERE appName = 'lms'"
    )
    rows = ask(events, series=" TIMESERIES 1 minute", **window)
    told = rows["data"]["actor"]["account"]["nrql"]["results"]
    assert minutes == [each["total"] for each in told]


def test_a_fault_adds_to_the_errors_what_it_adds_to_the_applications(demo, ratio):
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(420)
    now = demo.sim.clock.now()
    window = {"since": now - timedelta(minutes=3), "until": now}
    for of, usual in ((LMS, 0.0006), (ENROLL, 0.0013)):
        found = ratio(TOTAL.format(of=of), BAD.format(of=of), **window)
        assert found == pytest.approx(0.112 + usual, abs=0.03 if of == ENROLL else 0.003)


def test_a_fault_slows_the_slowest_percent(demo, numbers):
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(900)
    now = demo.sim.clock.now()
    (recent,) = numbers(P99, since=now - timedelta(minutes=5), until=now)
    assert recent["99"] == pytest.approx(0.342 * 1.6, rel=0.01)
    (day,) = numbers(P99, since=now - DAY, until=now)
    assert 0.342 < day["99"] < 0.36


def test_fast_requests_are_most_of_all_and_fewer_under_a_fault(demo, numbers):
    fast = "SELECT count(*) FROM Transaction WHERE appName = 'lms'{}"

    def share():
        now = demo.sim.clock.now()
        window = {"since": now - timedelta(minutes=5), "until": now}
        (good,) = numbers(fast.format(" AND duration < 0.5"), **window)
        (every,) = numbers(fast.format(""), **window)
        return good / every

    assert share() > 0.99
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(900)
    assert 0.97 < share() < 0.99


def test_a_silent_agent_counts_nothing_more(demo, numbers):
    demo.post("/newrelic/knobs", app="lms", silent=True)
    demo.advance(300)
    window = {"since": START - timedelta(minutes=2), "until": START + timedelta(minutes=2)}
    found = numbers(TOTAL.format(of=LMS), series=" TIMESERIES 1 minute", **window)
    assert [each > 0 for each in found] == [True, True, False, False]
    late = {"since": START + timedelta(minutes=1), "until": START + timedelta(minutes=2)}
    assert numbers(P99.replace("api-gateway", "lms"), **late) == [{"99": None}]


def test_the_true_counts_are_told_whether_new_relic_reports_or_not(demo, numbers):
    demo.advance(600)
    window = {"since": START - DAY, "until": START + timedelta(minutes=10)}
    reported = numbers(TOTAL.format(of=LOGIN), **window)
    demo.post("/newrelic/knobs", silent="2026-03-01T00:00:00+00:00")
    told = demo.get("/objectives", **{name: at.isoformat() for name, at in window.items()})
    assert told["objectives"]["authentication"]["total"] == reported[0]
    assert told["objectives"]["api-latency"] == {"p99": 0.342}
    assert set(told["objectives"]) == {
        "lms-availability",
        "api-latency",
        "video-delivery",
        "authentication",
        "enrollment",
    }


def test_an_objective_that_nothing_counts_for_is_said(demo):
    assert "nothing counts for moon" in demo.get("/objectives", name="moon")["error"]


def test_one_question_of_several_fails_alone(demo):
    until = int(START.timestamp() * 1000)
    good = f"{TOTAL.format(of=LMS)} SINCE {until - 60_000} UNTIL {until}"
    query = f'{{actor{{account(id:1234567){{a:nrql(query:"{good}"){{results}} '
    query += 'b:nrql(query:"SELECT 1"){results}}}}'
    answer = demo.http.post(
        "/newrelic/graphql", json={"query": query}, headers={"API-Key": "nr-demo-key"}
    ).json()
    account = answer["data"]["actor"]["account"]
    assert account["a"]["results"][0]["count"] > 1000
    assert account["b"] is None
    assert [each["path"] for each in answer["errors"]] == [["actor", "account", "b"]]
