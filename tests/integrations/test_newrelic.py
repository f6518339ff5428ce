"""Error rates from New Relic, against the demo world."""

from datetime import timedelta

import pytest

from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.newrelic import NewRelic
from tests.integrations.worlds import WorldClock, fault, url

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock(demo):
    return WorldClock(demo)


@pytest.fixture
def metrics(demo, clock):
    made = NewRelic(url(demo, "/newrelic/graphql"), "nr-demo-key", account=1234567, clock=clock)
    yield made
    made.close()


def test_a_normal_hour_is_quiet(metrics, clock):
    normal = metrics.normal("lms", before=clock.now())
    assert normal.error_ratio < 0.01
    assert normal.requests > 1000


def test_a_measure_counts_whole_minutes_only(demo, metrics, clock):
    demo.advance(95)
    measure = metrics.measure("lms", since=clock.now() - 5 * MINUTE, until=clock.now())
    assert (measure.at.second, measure.blind) == (0, "")
    assert measure.requests > 100


def test_the_bad_release_shows(demo, metrics, clock):
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(1200)
    measure = metrics.measure("lms", since=clock.now() - 3 * MINUTE, until=clock.now())
    assert measure.error_ratio > 0.05
    began = metrics.first_bad_minute("lms", since=clock.now() - 30 * MINUTE, until=clock.now())
    assert clock.now() - 21 * MINUTE < began < clock.now()
    assert metrics.top_errors("lms", since=began, until=clock.now())[0].endswith("×)")


def test_a_quiet_service_has_no_bad_minute(metrics, clock):
    since = clock.now() - 30 * MINUTE
    assert metrics.first_bad_minute("lms", since=since, until=clock.now()) is None


def test_a_sparkline_has_a_point_a_minute(metrics, clock):
    points = metrics.sparkline("lms", since=clock.now() - 10 * MINUTE, until=clock.now())
    assert len(points) in (9, 10)


@pytest.mark.parametrize("minutes", [5, 40])
def test_silence_is_noticed_and_never_taken_for_health(demo, metrics, clock, minutes):
    silent_at = clock.now()
    demo.post("/newrelic/knobs", app="lms", silent=True)
    demo.advance(minutes * 60)
    measure = metrics.measure("lms", since=clock.now() - 3 * MINUTE, until=clock.now())
    assert measure.blind == f"New Relic silent since {silent_at:%H:%M} UTC"
    assert measure.error_ratio is None


def test_little_traffic_is_not_silence(demo, metrics, clock):
    demo.post("/newrelic/knobs", app="lms", traffic="low")
    demo.advance(1200)
    measure = metrics.measure("lms", since=clock.now() - 5 * MINUTE, until=clock.now())
    assert measure.blind == ""
    assert measure.requests < 100


def test_an_error_inside_a_200_is_an_error(demo, clock):
    wrong = NewRelic(url(demo, "/newrelic/graphql"), "nr-demo-key", account=7, clock=clock)
    with pytest.raises(VendorRejected, match="Account 7 not found"):
        wrong.measure("lms", since=clock.now() - MINUTE, until=clock.now())
    wrong.close()


def test_a_wrong_key_is_said_plainly(demo, clock):
    wrong = NewRelic(url(demo, "/newrelic/graphql"), "nope", account=1234567, clock=clock)
    with pytest.raises(VendorRejected, match="refused our credentials"):
        wrong.normal("lms", before=clock.now())
    wrong.close()


def test_too_many_queries_may_pass(demo, metrics, clock):
    fault(demo, "newrelic", "*", "429", retry_after=2)
    with pytest.raises(VendorDown):
        metrics.normal("lms", before=clock.now())
