"""The simulated CloudWatch counts the same events as the simulated New Relic."""

from datetime import timedelta

import pytest

from sandbox.core.clock import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EDGE = {"DistributionId": "E0DEMOPROD", "Region": "Global"}
REQUESTS, FAILED = "RequestCount", "HTTPCode_Target_5XX_Count"


@pytest.fixture
def cloudwatch(demo):
    """The values by their moments, as the simulated AWS asks for them."""

    def values(namespace, metric, of, *, since, until, step, stat="Sum"):
        query = {"id": "m0", "namespace": namespace, "metric": metric, "of": of}
        query |= {"period": step.total_seconds(), "stat": stat}
        window = {"since": since.timestamp(), "until": until.timestamp()}
        (found,) = demo.post("/aws/numbers", queries=[query], **window)["series"]
        return dict(zip(found["at"], found["values"], strict=True))

    return values


@pytest.fixture
def balancer(cloudwatch):
    """What went to a target group in a window."""

    def total(metric, group, *, since, until, step=HOUR):
        of = {"LoadBalancer": "app/prod-alb-1/1", "TargetGroup": f"targetgroup/{group}/1"}
        found = cloudwatch("AWS/ApplicationELB", metric, of, since=since, until=until, step=step)
        return sum(found.values())

    return total


@pytest.fixture
def truth(demo):
    def counts(name, *, since, until):
        window = {"since": since.isoformat(), "until": until.isoformat()}
        return demo.get("/objectives", name=name, **window)["objectives"][name]

    return counts


@pytest.mark.parametrize("since", [START - 30 * DAY, START - 2 * HOUR])
def test_the_balancer_counts_the_lms_as_new_relic_does(demo, balancer, truth, since):
    demo.advance(600)
    window = {"since": since, "until": START + timedelta(minutes=10)}
    found = {
        "total": balancer(REQUESTS, "lms-eks", **window),
        "bad": balancer(FAILED, "lms-eks", **window),
    }
    assert found == truth("lms-availability", **window)


@pytest.mark.parametrize("service", ["discovery", "forums", "submission-queue"])
def test_both_sides_of_a_split_add_up(demo, balancer, truth, service):
    demo.advance(600)
    window = {"since": START - 5 * DAY, "until": START + timedelta(minutes=10)}
    true = truth(f"{service}-availability", **window)
    for metric, key in ((REQUESTS, "total"), (FAILED, "bad")):
        found = sum(balancer(metric, f"{service}-{side}", **window) for side in ("ec2", "eks"))
        assert found == pytest.approx(true[key], rel=0.001, abs=3)


def test_the_share_of_failures_at_the_edge_times_its_requests_are_the_failures(cloudwatch, truth):
    window = {"since": START - 3 * DAY, "until": START}
    served = cloudwatch("AWS/CloudFront", "Requests", EDGE, step=HOUR, **window)
    shares = cloudwatch(
        "AWS/CloudFront", "5xxErrorRate", EDGE, step=HOUR, stat="Average", **window
    )
    failed = sum(shares[at] / 100 * served[at] for at in served)
    true = truth("video-delivery", **window)
    assert (sum(served.values()), round(failed)) == (true["total"], true["bad"])


def test_a_minute_without_failures_has_no_point(cloudwatch):
    of = {"LoadBalancer": "app/prod-alb-1/1", "TargetGroup": "targetgroup/lms-eks/1"}
    window = {"since": START - HOUR, "until": START, "step": timedelta(minutes=1)}
    failed = cloudwatch("AWS/ApplicationELB", FAILED, of, **window)
    assert all(failed.values())
    assert cloudwatch("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", of, **window) == {}
