"""The counts of objectives from New Relic, against the demo world."""

from datetime import timedelta

import pytest

from bot.domain.errors import VendorDown
from bot.domain.slo import NewRelicQuery
from bot.integrations.newrelic_counts import BUCKETS, NewRelicMeter
from bot.integrations.newrelic_nerdgraph import NerdGraph
from bot.meters import Ask, Unread
from tests.integrations.worlds import WorldClock, fault, sent, url

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOTAL = "SELECT count(apm.service.transaction.duration) FROM Metric WHERE appName = '{}'"
BAD = "SELECT count(apm.service.transaction.error.count) FROM Metric WHERE appName = '{}'"
LOGIN = TOTAL.format("identity") + " AND transactionName LIKE '%login%'"
P99 = "SELECT percentile(duration, 99) FROM Transaction WHERE appName = 'api-gateway'"


@pytest.fixture
def clock(demo):
    return WorldClock(demo)


@pytest.fixture
def meter(demo, clock):
    graph = NerdGraph(url(demo, "/newrelic/graphql"), "nr-demo-key", account=1234567)
    yield NewRelicMeter(graph, clock=clock)
    graph.close()


@pytest.fixture
def ask(clock):
    """Of so many steps: minutes until now, hours until an hour ago."""

    def made(nrql, steps, step=MINUTE, until=None):
        end = until or clock.now() - (HOUR if step == HOUR else timedelta())
        query = NewRelicQuery(nrql=nrql)
        return Ask(query=query, since=end - steps * step, until=end, step=step)

    return made


def hours_ago(clock, hours):
    return clock.now() - hours * HOUR


def requests(demo):
    return len(sent(demo, "newrelic", "nerdgraph"))


def test_a_series_has_a_point_for_each_step_at_its_beginning(meter, ask, clock):
    (found,) = meter.series([ask(TOTAL.format("lms"), 24, HOUR)])
    assert [each.at for each in found] == [hours_ago(clock, 25 - n) for n in range(24)]
    assert all(each.value > 50_000 for each in found)


def test_answers_come_in_the_order_of_the_asks_from_one_request(demo, meter, ask):
    asks = [ask(TOTAL.format(app), 6, HOUR) for app in ("lms", "credentials", "cms")]
    lms, credentials, cms = (sum(p.value for p in found) for found in meter.series(asks))
    assert lms > cms > credentials > 0
    assert requests(demo) == 1


def test_more_questions_than_stand_side_by_side_are_several_requests(demo, meter, ask):
    found = meter.series([ask(TOTAL.format("lms"), 1, HOUR)] * 21)
    assert requests(demo) == 3
    assert len(set(found)) == 1


def test_more_buckets_than_an_answer_holds_are_joined(demo, meter, ask, clock):
    steps = 2 * BUCKETS + 5
    (found,) = meter.series([ask(TOTAL.format("lms"), steps, HOUR)])
    assert [each.at for each in found] == [hours_ago(clock, steps + 1 - n) for n in range(steps)]
    assert requests(demo) == 1


def test_the_minutes_that_have_not_all_arrived_are_left_out(demo, meter, ask, clock):
    (found,) = meter.series([ask(TOTAL.format("lms"), 10)])
    assert found[-1].at + MINUTE == clock.now() - meter.lag


def test_an_hour_that_is_not_over_is_left_out(demo, meter, ask, clock):
    demo.advance(1800)
    until = clock.now().replace(minute=0) + HOUR
    (found,) = meter.series([ask(TOTAL.format("lms"), 3, HOUR, until=until)])
    assert found[-1].at == until - 2 * HOUR


def test_nothing_is_asked_where_no_step_is_over(demo, meter, ask):
    assert meter.series([ask(TOTAL.format("lms"), 1)]) == [()]
    assert requests(demo) == 0


def test_a_silent_application_has_no_points(demo, meter, ask, clock):
    silent_at = clock.now()
    demo.post("/newrelic/knobs", app="lms", silent=True)
    demo.advance(600)
    (found,) = meter.series([ask(TOTAL.format("lms"), 15)])
    assert found[-1].at + MINUTE == silent_at


def test_minutes_without_errors_are_left_out(meter, ask, clock):
    (found,) = meter.series([ask(BAD.format("credentials"), 300, until=hours_ago(clock, 1))])
    assert 0 < len(found) < 20


def test_one_number_over_the_whole_window(meter, clock):
    since = hours_ago(clock, 24)
    value = meter.value(NewRelicQuery(nrql=P99), since=since, until=clock.now())
    assert value == 0.342


def test_a_number_of_nothing_is_none(demo, meter, clock):
    demo.post("/newrelic/knobs", silent="2026-01-01T00:00:00+00:00")
    since = hours_ago(clock, 24)
    assert meter.value(NewRelicQuery(nrql=P99), since=since, until=clock.now()) is None


def test_a_question_that_new_relic_does_not_understand_is_unread_alone(meter, ask):
    wrong, right = meter.series([ask("SELECT nonsense", 5, HOUR), ask(LOGIN, 5, HOUR)])
    assert isinstance(wrong, Unread)
    assert wrong.why.startswith("unsupported query")
    assert len(right) == 5


def test_a_question_that_takes_too_long_is_unread_alone(demo, meter, ask):
    demo.post("/newrelic/knobs", slow="login")
    slow, fast = meter.series([ask(LOGIN, 5, HOUR), ask(TOTAL.format("lms"), 5, HOUR)])
    assert slow == Unread("Your query timed out: reduce its scope or ask for less time")
    assert len(fast) == 5


def test_an_ask_of_several_windows_is_unread_as_a_whole_where_one_of_them_is(
    demo, meter, ask, clock
):
    first = int(hours_ago(clock, 401).timestamp() * 1000)
    demo.post("/newrelic/knobs", slow=f"SINCE {first}")
    assert isinstance(meter.series([ask(TOTAL.format("lms"), 400, HOUR)])[0], Unread)


@pytest.mark.parametrize("do", ["5xx", "bad_json", "reset"])
def test_a_request_that_nobody_answered_leaves_its_own_asks_unread(demo, meter, ask, do):
    fault(demo, "newrelic", "*", do, when={"times": 1})
    found = meter.series([ask(TOTAL.format("lms"), 1, HOUR)] * 12)
    assert [isinstance(each, Unread) for each in found] == [True] * 10 + [False] * 2


def test_after_two_in_a_row_nothing_more_is_asked(demo, meter, ask):
    fault(demo, "newrelic", "*", "5xx")
    found = meter.series([ask(TOTAL.format("lms"), 1, HOUR)] * 45)
    assert all(isinstance(each, Unread) for each in found)
    assert requests(demo) == 2


def test_a_limit_is_kept_at_once(demo, meter, ask):
    fault(demo, "newrelic", "*", "429", retry_after=30)
    found = meter.series([ask(TOTAL.format("lms"), 1, HOUR)] * 25)
    assert {each.why for each in found} == {"it is limiting how often we may call"}
    assert requests(demo) == 1


def test_a_time_out_is_said(demo, meter, ask):
    fault(demo, "newrelic", "*", "latency", ms=5500)
    assert meter.series([ask(LOGIN, 1, HOUR)]) == [Unread("no answer within 5 seconds")]


def test_a_wrong_key_leaves_everything_unread(demo, clock, ask):
    graph = NerdGraph(url(demo, "/newrelic/graphql"), "nope", account=1234567)
    (found,) = NewRelicMeter(graph, clock=clock).series([ask(LOGIN, 1, HOUR)])
    assert "refused our credentials" in found.why
    graph.close()


def test_a_wrong_account_leaves_everything_unread(demo, clock, ask):
    graph = NerdGraph(url(demo, "/newrelic/graphql"), "nr-demo-key", account=7)
    (found,) = NewRelicMeter(graph, clock=clock).series([ask(LOGIN, 1, HOUR)])
    assert "Account 7 not found" in found.why
    graph.close()


def test_one_number_that_cannot_be_had_is_an_error(demo, meter, clock):
    fault(demo, "newrelic", "*", "5xx")
    with pytest.raises(VendorDown):
        meter.value(NewRelicQuery(nrql=P99), since=hours_ago(clock, 24), until=clock.now())


def test_counts_are_the_worlds_true_ones(demo, meter, ask, clock):
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(1200)
    until = clock.now() - 2 * MINUTE
    total, bad = meter.series([ask(each.format("lms"), 18, until=until) for each in (TOTAL, BAD)])
    window = {"since": (until - 18 * MINUTE).isoformat(), "until": until.isoformat()}
    told = demo.get("/objectives", name="lms-availability", **window)["objectives"]
    assert told["lms-availability"] == {
        "total": sum(each.value for each in total),
        "bad": sum(each.value for each in bad),
    }
