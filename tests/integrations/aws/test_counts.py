"""The counts of objectives from CloudWatch, by real boto3 from moto."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.domain.errors import VendorDown
from bot.domain.slo import CloudWatchQuery
from bot.integrations.aws.account import Account
from bot.integrations.aws.counts import QUERIES, CloudWatchMeter
from bot.meters import Ask, Point, Unread
from tests.cloud import ROLE, ROOT, Cloud
from tests.integrations.worlds import OPEN

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BALANCER = {"LoadBalancer": "app/prod-alb-1/50dc6c495c0c9188"}
REQUESTS = CloudWatchQuery(namespace="AWS/ApplicationELB", metric="RequestCount", of=BALANCER)
EDGE = {"DistributionId": "E0DEMOPROD", "Region": "Global"}
SERVED = CloudWatchQuery(
    namespace="AWS/CloudFront", metric="Requests", of=EDGE, region="us-east-1"
)
FAILED = CloudWatchQuery(
    namespace="AWS/CloudFront",
    metric="5xxErrorRate",
    of=EDGE,
    stat="Average",
    region="us-east-1",
    percent_of=SERVED,
)


@pytest.fixture
def meter(account):
    return CloudWatchMeter(account)


@pytest.fixture
def end(aws):
    """The end of the last minute of which everything has arrived."""
    return aws.now().replace(second=0, microsecond=0) - 5 * MINUTE


@pytest.fixture
def put(aws, end):
    """Values of the last minutes, oldest first; None where nothing came."""

    def values(query, *values):
        told = [
            {
                "MetricName": query.metric,
                "Dimensions": [{"Name": n, "Value": v} for n, v in query.of.items()],
                "Timestamp": end - (len(values) - place) * MINUTE,
                "Value": value,
            }
            for place, value in enumerate(values)
            if value is not None
        ]
        aws.client("cloudwatch").put_metric_data(Namespace=query.namespace, MetricData=told)

    return values


def minutes(query, steps, end):
    return Ask(query=query, since=end - steps * MINUTE, until=end, step=MINUTE)


def test_a_series_has_its_points_at_the_beginning_of_their_minutes(meter, put, end):
    put(REQUESTS, 10, 20, 30)
    (found,) = meter.series([minutes(REQUESTS, 3, end)])
    assert found == tuple(Point(end - (3 - n) * MINUTE, 10.0 * (n + 1)) for n in range(3))


def test_a_minute_in_which_nothing_came_has_no_point(meter, put, end):
    put(REQUESTS, 10, None, 30)
    (found,) = meter.series([minutes(REQUESTS, 3, end)])
    assert [each.value for each in found] == [10, 30]


def test_an_hour_is_the_sum_of_its_minutes(meter, put, end):
    put(REQUESTS, 10, 20, 30)
    ask = Ask(query=REQUESTS, since=end - HOUR, until=end, step=HOUR)
    assert meter.series([ask]) == [(Point(end - HOUR, 60.0),)]


def test_answers_come_in_the_order_of_the_asks_whatever_their_windows(aws, meter, put, end):
    put(REQUESTS, 10, 20)
    put(SERVED, 1000, 2000)
    asks = [minutes(SERVED, 2, end), minutes(REQUESTS, 1, end), minutes(SERVED, 1, end)]
    found = [[point.value for point in each] for each in meter.series(asks)]
    assert found == [[1000, 2000], [20], [2000]]


def test_the_same_window_is_one_request(aws, meter, put, end):
    put(REQUESTS, 10)
    meter.series([minutes(REQUESTS, 5, end)] * 7)
    assert len(aws.calls("GetMetricData")) == 1


def test_more_than_500_metrics_are_several_requests(aws, meter, put, end):
    put(REQUESTS, 10)
    found = meter.series([minutes(REQUESTS, 1, end)] * (QUERIES + 1))
    assert len(aws.calls("GetMetricData")) == 2
    assert {each[0].value for each in found} == {10}


def test_a_percentage_is_told_as_what_it_is_of(meter, put, end):
    put(SERVED, 2000, 4000, None)
    put(FAILED, 0.5, None, 1.0)
    (found,) = meter.series([minutes(FAILED, 3, end)])
    assert found == (Point(end - 3 * MINUTE, 10.0),)


def test_the_edge_is_asked_in_its_own_region(aws, meter, put, end):
    meter.series([minutes(SERVED, 1, end)])
    meter.series([minutes(CloudWatchQuery(namespace="AWS/CloudFront", metric="Requests"), 1, end)])
    assert {each["region"] for each in aws.calls("GetMetricData")} == {"us-east-1"}


@pytest.mark.parametrize(("query", "late"), [(REQUESTS, 2), (SERVED, 3)])
def test_the_minutes_that_have_not_all_arrived_are_left_out(aws, meter, query, late):
    now = aws.now().replace(second=0, microsecond=0)
    metric = {
        "MetricName": query.metric,
        "Dimensions": [{"Name": n, "Value": v} for n, v in query.of.items()],
        "Value": 7,
    }
    told = [metric | {"Timestamp": now - back * MINUTE} for back in range(6)]
    aws.client("cloudwatch").put_metric_data(Namespace=query.namespace, MetricData=told)
    (found,) = meter.series([minutes(query, 6, now + MINUTE)])
    assert found[-1].at + MINUTE == now - late * MINUTE


def test_points_that_cloudwatch_keeps_no_more_are_not_asked_for(aws, meter, end):
    meter.series([Ask(query=REQUESTS, since=end - 20 * DAY, until=end, step=MINUTE)])
    meter.series([Ask(query=REQUESTS, since=end - 500 * DAY, until=end, step=HOUR)])
    asked = [
        datetime.fromtimestamp(each["parameters"]["StartTime"], UTC)
        for each in aws.calls("GetMetricData")
    ]
    assert asked[0] >= aws.now() - 15 * DAY
    assert asked[1] >= aws.now() - 455 * DAY
    assert all((end - each) % MINUTE == timedelta() for each in asked)


def test_nothing_is_asked_where_no_step_is_over(aws, meter, end):
    ask = Ask(query=REQUESTS, since=end, until=end + HOUR, step=HOUR)
    assert meter.series([ask]) == [()]
    assert aws.calls("GetMetricData") == []


@pytest.mark.parametrize(
    ("do", "why"),
    [
        ("throttle", "limiting how often"),
        ("5xx", "answered 503"),
        ("deny", "lacks cloudwatch:GetMetricData"),
        ("drop_after", "the connection broke"),
    ],
)
def test_a_request_that_fails_leaves_its_own_asks_unread(aws, meter, put, end, do, why):
    put(REQUESTS, 10)
    meter.series([minutes(REQUESTS, 1, end)])
    aws.fault("GetMetricData", do, times=1)
    (found,) = meter.series([minutes(REQUESTS, 1, end)])
    assert isinstance(found, Unread)
    assert why in found.why
    assert meter.series([minutes(REQUESTS, 1, end)]) == [(Point(end - MINUTE, 10.0),)]


def test_a_time_out_is_said(aws, meter, end):
    aws.fault("GetMetricData", "slow", seconds=6, times=1)
    assert meter.series([minutes(REQUESTS, 1, end)]) == [Unread("no answer within 5 seconds")]


def test_after_two_in_a_row_nothing_more_is_asked(aws, meter, end):
    begun = datetime.now(UTC)
    aws.fault("GetMetricData", "5xx")
    found = meter.series([minutes(REQUESTS, steps, end) for steps in range(1, 6)])
    assert all(isinstance(each, Unread) for each in found)
    # A request that timed out in an earlier test may be written down only now.
    asked = [datetime.fromisoformat(each["at"]) for each in aws.calls("GetMetricData")]
    assert len([at for at in asked if at >= begun]) == 2


def test_one_number_over_the_whole_window(meter, put, end):
    put(REQUESTS, 10, 20, 30)
    assert meter.value(REQUESTS, since=end - HOUR, until=end) == 60


def test_a_number_of_nothing_is_none(meter, end):
    assert meter.value(REQUESTS, since=end - HOUR, until=end) is None


def test_one_number_that_cannot_be_had_is_an_error(aws, meter, end):
    aws.fault("GetMetricData", "throttle")
    with pytest.raises(VendorDown):
        meter.value(REQUESTS, since=end - HOUR, until=end)


Asked = list[dict[str, Any]]


@contextmanager
def numbers_of(told: dict[str, Any], asked: Asked) -> Iterator[str]:
    """Where the simulated CloudWatch finds its numbers: it answers `told` for every metric."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(body)
            series = [{"id": each["id"], **told["series"]} for each in body["queries"]]
            answer = json.dumps({**told, "series": series}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def scripted() -> Iterator[tuple[Cloud, dict[str, Any], Asked]]:
    """A CloudWatch that answers what a test writes down: `series`, and `most` points a page."""
    told: dict[str, Any] = {}
    asked: Asked = []
    with numbers_of(told, asked) as address:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "sandbox.aws", "--world", address],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        cloud = Cloud(process.stdout.readline().strip())
        yield cloud, told, asked
        cloud.close()
        process.terminate()
        process.wait(60)
        process.stdout.close()


@pytest.fixture
def answered(aws, scripted, end):
    """Ten points of 1, 2, 3 … for whatever is asked, as the answer is changed."""
    cloud, told, asked = scripted
    made = Account("production", ROLE, "us-east-1", gate=OPEN, clock=aws, endpoint=cloud.url)

    def found(asks, **more):
        series = {
            "at": [(end - (10 - n) * MINUTE).timestamp() for n in range(10)],
            "values": list(range(1, 11)),
        }
        told.clear()
        told.update({"series": series | more.pop("series", {}), **more})
        asked.clear()
        return CloudWatchMeter(made).series([minutes(REQUESTS, 10, end)] * asks)

    yield found
    made.close()


def test_the_pages_of_an_answer_are_joined(answered, scripted):
    found = answered(3, most=7)
    assert [[point.value for point in each] for each in found] == [list(range(1, 11))] * 3
    assert len(scripted[2]) == 5


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_what_cloudwatch_itself_calls_incomplete_is_unread(answered, status):
    (found,) = answered(1, series={"status": status})
    assert found == Unread(f"CloudWatch answered {status}")


def test_a_percentile_is_asked_for_the_whole_window_at_once(aws, scripted, end):
    cloud, told, asked = scripted
    account = Account("production", ROLE, "us-east-1", gate=OPEN, clock=aws, endpoint=cloud.url)
    told.clear()
    told.update({"series": {"at": [(end - DAY).timestamp()], "values": [0.342]}})
    asked.clear()
    slow = CloudWatchQuery(namespace="AWS/ApplicationELB", metric="TargetResponseTime", stat="p99")
    assert CloudWatchMeter(account).value(slow, since=end - DAY, until=end) == 0.342
    (query,) = asked[0]["queries"]
    assert (query["stat"], query["period"]) == ("p99", 86_400)
    account.close()


def test_points_in_any_order_are_put_in_theirs(answered, end):
    backwards = [(end - n * MINUTE).timestamp() for n in (1, 2, 3)]
    (found,) = answered(1, series={"at": backwards, "values": [3, 2, 1]})
    assert [each.value for each in found] == [1, 2, 3]
