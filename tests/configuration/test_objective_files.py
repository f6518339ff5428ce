"""Objectives of the catalog: read as they are written, each mistake told at its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import load, survey
from bot.domain.slo import CloudWatchQuery, NewRelicQuery, Objective, Ratio, Threshold, rules
from tests.small_catalog import ENVIRONMENTS, LMS, TEAM

JOURNEY = """\
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: video, annotations: {tocsin.dev/members: "component:default/lms"}}
spec: {type: journey, owner: team-lms}
"""
CATALOG = {
    "environments.yaml": ENVIRONMENTS,
    "teams.yaml": TEAM,
    "lms.yaml": LMS,
    "video.yaml": JOURNEY,
}
RATIO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: lms-availability
  displayName: LMS availability
  labels:
    tocsin.dev/environment: staging
spec:
  service: lms
  budgetingMethod: Occurrences
  timeWindow: [{duration: 28d, isRolling: true}]
  indicator:
    spec:
      ratioMetric:
        counter: false
        total:
          metricSource:
            type: CloudWatch
            spec:
              sum:
                - {part: EC2 side, namespace: AWS/ApplicationELB, metricName: RequestCount, dimensions: {TargetGroup: ec2}}
                - {part: EKS side, namespace: AWS/ApplicationELB, metricName: RequestCount, dimensions: {TargetGroup: eks}}
              throughNewRelic: {nrql: SELECT count(t) FROM Metric}
        bad:
          metricSource:
            type: CloudWatch
            spec:
              namespace: AWS/CloudFront
              metricName: 5xxErrorRate
              dimensions: {DistributionId: E1}
              percentOf: {metricName: Requests}
              throughNewRelic: {nrql: SELECT count(e) FROM Metric}
  objectives:
    - targetPercent: 99.9
"""
LATENCY = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: latency}
spec:
  service: video
  indicator:
    spec:
      thresholdMetric:
        metricSource:
          type: NewRelic
          spec:
            nrql: SELECT percentile(duration, 99.5) FROM Transaction WHERE appName = 'lms'
            scale: 1000
  objectives:
    - {op: lt, value: 500}
"""
NEW_RELIC = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: signing-in}
spec:
  service: lms
  indicatorRef: sign-ins
  objectives:
    - target: 0.9999
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: sign-ins}
spec:
  ratioMetric:
    total: {metricSource: {type: NewRelic, spec: {nrql: SELECT count(t) FROM Metric}}}
    good: {metricSource: {type: NewRelic, spec: {nrql: SELECT count(g) FROM Metric}}}
"""
POLICY = """\
  alertPolicies:
    - kind: AlertPolicy
      spec:
        conditions:
          - spec:
              severity: page
              condition: {kind: burnrate, op: gte, threshold: 10, lookbackWindow: 2h}
    - alertPolicyRef: slow
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: slow}
spec:
  conditions:
    - spec:
        severity: ticket
        condition: {threshold: 2, lookbackWindow: 1h, alertAfter: 10m}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in CATALOG.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "slos").mkdir()
    return tmp_path


def written(folder: Path, text: str) -> dict[str, str]:
    (folder / "slos" / "all.yaml").write_text(text)
    return {"TOCSIN_CATALOG": str(folder)}


def only(folder: Path, text: str) -> Objective:
    (found,) = load(written(folder, text)).catalog.objectives
    return found


def told(folder: Path, text: str) -> dict[str, str]:
    problems = survey(written(folder, text)).problems
    found: dict[str, str] = {}
    for each in problems:
        line = each.where.rpartition(":")[2]
        found[line] = f"{found.get(line, '')} {each.what} {each.fix}".strip()
    return found


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, words: str) -> str:
    """The first line with these words; a number is the line itself, where its words are many."""
    if words.isdigit():
        return words
    return str(1 + next(n for n, line in enumerate(text.splitlines()) if words in line))


def test_a_ratio_is_read_as_it_is_written(folder):
    found = only(folder, RATIO)
    assert (found.name, found.service, found.title) == (
        "lms-availability",
        "lms",
        "LMS availability",
    )
    assert (found.environment, found.target) == ("staging", 0.999)
    assert found.window == timedelta(days=28)
    assert found.rules == rules(0.999, timedelta(days=28))
    assert isinstance(found.indicator, Ratio)
    assert [(each.part, each.of["TargetGroup"]) for each in found.indicator.total] == [
        ("EC2 side", "ec2"),
        ("EKS side", "eks"),
    ]


def test_a_percentage_is_of_the_count_beside_it_in_the_only_region_of_the_edge(folder):
    (rate,) = only(folder, RATIO).indicator.bad
    place = {"namespace": "AWS/CloudFront", "of": {"DistributionId": "E1"}, "region": "us-east-1"}
    assert rate == CloudWatchQuery(
        metric="5xxErrorRate",
        stat="Average",
        percent_of=CloudWatchQuery(metric="Requests", stat="Sum", **place),
        **place,
    )


def test_the_other_way_is_put_together_from_both_sides(folder):
    assert only(folder, RATIO).instead == Ratio(
        total=(NewRelicQuery(nrql="SELECT count(t) FROM Metric"),),
        bad=(NewRelicQuery(nrql="SELECT count(e) FROM Metric"),),
    )


def test_a_threshold_has_its_limit_and_no_target(folder):
    found = only(folder, LATENCY)
    assert (found.target, found.rules, found.environment) == (None, (), "production")
    assert isinstance(found.indicator, Threshold)
    assert (found.indicator.below, found.indicator.unit) == (500, "ms")
    assert (found.indicator.percentile, found.indicator.scale) == ("P99.5", 1000)


def test_an_indicator_may_be_named_and_stand_in_another_file(folder):
    slo, sli = NEW_RELIC.split("---\n")
    (folder / "slos" / "indicators.yml").write_text(sli)
    found = only(folder, slo)
    assert found.indicator == Ratio(
        total=(NewRelicQuery(nrql="SELECT count(t) FROM Metric"),),
        good=(NewRelicQuery(nrql="SELECT count(g) FROM Metric"),),
    )
    assert found.target == 0.9999
    assert found.window == timedelta(days=30)


def test_burn_rules_of_the_file_take_the_place_of_the_workbooks(folder):
    fast, slow = sorted(only(folder, RATIO + POLICY).rules, key=lambda rule: -rule.threshold)
    assert (fast.threshold, fast.long, fast.short, fast.pages) == (
        10,
        timedelta(hours=2),
        timedelta(minutes=10),
        True,
    )
    assert (slow.threshold, slow.short, slow.pages) == (2, timedelta(minutes=10), False)


def test_objectives_of_journeys_lead(folder):
    found = load(written(folder, f"{RATIO}---\n{LATENCY}")).catalog.objectives
    assert [each.name for each in found] == ["latency", "lms-availability"]


RATIOS = [
    ("openslo/v1", "openslo/v1alpha", "apiVersion", "`openslo/v1alpha` is not OpenSLO v1."),
    ("kind: SLO", "kind: DataSource", "kind: DataSource", "`DataSource` is not read here."),
    ("kind: SLO", "kind: slo", "kind: slo", "`slo` is not read here."),
    ("  service: lms", "  services: lms", "services: lms", "Did you mean service?"),
    ("service: lms", "service: lsm", "service: lsm", "`lsm` is not in the catalog. Did you mean lms?"),
    ("displayName", "displayname", "displayname", "Did you mean displayName?"),
    ("budgetingMethod: Occ", "budgetMethod: Occ", "budgetM", "Did you mean budgetingMethod?"),
    ("metricName: 5xx", "metricname: 5xx", "metricname", "Did you mean metricName?"),
    ("environment: staging", "environment: stagng", "stagng", "no environment `stagng`. Did you mean"),
    ("dev/environment", "dev/environmnt", "environmnt", "Did you mean tocsin.dev/environment?"),
    ("Occurrences", "Timeslices", "Timeslices", "an event is good or bad here, a minute is not"),
    ("isRolling: true", "isRolling: false", "timeWindow", "budgets roll here."),
    ("isRolling: true", "calendar: {timeZone: UTC}", "timeWindow", "begins anew with the calendar"),
    ("28d", "1M", "timeWindow", "`1M` is no window that can be kept. Write days or weeks"),
    ("28d", "1h", "timeWindow", "`1h` is no window that can be kept."),
    ("28d", "61d", "timeWindow", "`61d` is no window that can be kept."),
    ("isRolling: true}", "isRolling: true}, {duration: 7d, isRolling: true}", "timeW", "one window"),
    ("counter: false", "counter: true", "counter", "how many events a period had. Write `counter: false`"),
    ("        bad:", "        gud:", "gud", "Use one of bad, counter, good, total, or remove it."),
    ("type: CloudWatch", "type: Cloudwatch", "type: Cloudwatch", "has a value that does not exist"),
    ("type: CloudWatch", "type: NewRelic", "part: EC2 side", "`namespace` is for CloudWatch."),
    ("5xxErrorRate", '""', "27", "`metricName` is missing."),
    ("percentOf: {metricName: Requests}", "stat: p99", "stat: p99", "percentiles of minutes do not add"),
    ("percentOf: {metricName: Requests}", "stat: Average", "stat: Av", "is no count of events."),
    ("percentOf: {metricName: Requests}", "region: eu-west-1", "region", "alone. Write `region: us-east-1`"),
    ("percentOf:", "nrql: SELECT 1 FROM a\n              percentOf:", "SELECT 1", "is for New Relic"),
    ("percentOf:", "unit: s\n              percentOf:", "unit: s", "is for a thresholdMetric"),
    ("sum:\n", "stat: Sum\n              sum:\n", "stat: Sum", "`stat` stands beside `sum`"),
    ("count(t) FROM", "count(t) SINCE 1 day ago FROM", "through", "holds `SINCE`"),
    ("count(t) FROM", "count(t) Fro", "throughNewRelic: {nrql: SELECT count(t)", "no `SELECT` or no `FROM`"),
    ("targetPercent: 99.9", "targetPercent: 100", "targetPercent", "not between 0 and 100"),
    ("targetPercent: 99.9", "target: 99.9", "target: 99.9", "`target: 99.9` is not between 0 and 1"),
    ("targetPercent: 99.9", "target: 0", "target: 0", "is not between 0 and 1"),
    ("targetPercent: 99.9", "{target: 0.9, targetPercent: 90}", "targetPercent", "Exactly one of"),
    ("targetPercent: 99.9", "displayName: 99.9", "displayName: 99.9", "Exactly one of"),
    ("targetPercent: 99.9", "{target: 0.9, op: lt}", "op: lt", "`op` is for a thresholdMetric"),
    ("99.9", "99.9\n    - target: 0.5", "objectives", "one target here. Write a document of its own"),
    ('throughNewRelic: {nrql: SELECT count(e) FROM Metric}', "part: all", "27", "`bad` has no `through"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "what"), RATIOS)
def test_a_mistake_is_told_at_its_line_with_what_to_write(folder, old, new, at, what):
    text = changed(RATIO, old, new)
    found = told(folder, text)
    assert what in found.get(line_of(text, at), ""), found


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("op: lt", "op: gte", "op: gte", "`op: gte` is not read: a percentile has to stay below"),
        ("op: lt, ", "", "value: 500", "`op` is missing. Write `op: lt`."),
        ("value: 500", "value: 0", "value: 0", "The limit is missing or not above 0."),
        ("op: lt", "target: 0.99, op: lt", "target", "has no budget, so no target either"),
        ("percentile(duration, 99.5)", "average(duration)", "average", "this asks for none"),
        ("scale: 1000", "sum: [{nrql: SELECT 1 FROM a}]", "sum", "do not add up to one of all"),
        ("scale: 1000", "throughNewRelic: {nrql: a}", "through", "asked of New Relic already"),
        (
            "'lms'",
            "'lms' FACET host TIMESERIES",
            "FACET",
            "holds `TIMESERIES`: each question adds its own times",
        ),
        ("thresholdMetric", "ratioMetric", "ratioMetric", "`spec.indicator.spec.ratioMetric"),
    ],
)
def test_a_mistake_of_a_threshold_is_told_at_its_line(folder, old, new, at, what):
    text = changed(LATENCY, old, new)
    found = told(folder, text)
    assert what in found.get(line_of(text, at), ""), found


def test_a_percentile_of_new_relic_is_no_count_either(folder):
    text = changed(
        NEW_RELIC, "count(g) FROM Metric", "'percentile(duration, 99) FROM Transaction'"
    )
    text = text.replace(
        "SELECT 'percentile(duration, 99) FROM Transaction'",
        "'SELECT percentile(duration, 99) FROM Transaction'",
    )
    assert "A percentile is no count of events" in told(folder, text)[line_of(text, "good:")]


@pytest.mark.parametrize(
    ("select", "one"),
    [
        ("count(*)", True),
        ("average(`a.5xx`) / 100 * sum(`a.Requests`)", True),
        ("filter(count(*), WHERE duration < 0.5)", True),
        ("count(*) AS total, filter(count(*), WHERE error IS true) AS bad", False),
        ("duration", False),
        ("*", False),
    ],
)
def test_one_question_to_new_relic_selects_one_number(folder, select, one):
    for nrql in (f"SELECT {select} FROM Metric", f"FROM Metric SELECT {select} WHERE a = 'b'"):
        text = changed(NEW_RELIC, "SELECT count(g) FROM Metric", f'"{nrql}"')
        assert ("selects several numbers, or none" not in str(told(folder, text))) is one


def test_words_that_are_only_in_quotes_are_no_clauses(folder):
    inside = "\"SELECT count(g) FROM Metric WHERE name = 'since until' AND `facet` = 'x'\""
    text = changed(NEW_RELIC, "nrql: SELECT count(g) FROM Metric", f"nrql: {inside}")
    assert only(folder, text).name == "signing-in"


def test_both_sides_are_asked_of_one_source(folder):
    sides = RATIO.split("        bad:\n")
    new_relic = (
        "        bad: {metricSource: {type: NewRelic, spec: {nrql: SELECT count(e) FROM Metric}}}"
    )
    text = f"{sides[0]}{new_relic}\n  objectives: [{{target: 0.9}}]\n"
    assert "asked of different sources" in told(folder, text)[line_of(text, "ratioMetric")]


def test_a_name_that_is_there_twice_is_told_with_the_other_place(folder):
    found = told(folder, f"{RATIO}---\n{RATIO}")
    lines = RATIO.count("\n")
    assert "`lms-availability` already exists, in" in found[str(lines + 5)]


def test_an_indicator_that_is_nowhere_is_told_once_and_its_mistakes_too(folder):
    text = changed(NEW_RELIC, "indicatorRef: sign-ins", "indicatorRef: sign-in")
    assert told(folder, text) == {"6": "There is no SLI `sign-in`. Did you mean sign-ins?"}
    both = NEW_RELIC.replace("total:", "counter: true\n    total:", 1)
    both += "---\n" + NEW_RELIC.split("---\n")[0].replace("signing-in", "again")
    assert len(survey(written(folder, both)).problems) == 1


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("threshold: 10", "threshold: 1001", "threshold: 1001", "No outage reaches 1001x"),
        ("threshold: 10", "threshold: 0", "threshold: 0", "above 0 and up to 1000"),
        ("severity: page", "severity: high", "severity: high", "a value that does not exist"),
        ("op: gte", "op: lte", "op: lte", "a value that does not exist"),
        ("kind: burnrate", "kind: budget", "kind: budget", "a value that does not exist"),
        ("lookbackWindow: 2h", "lookbackWindow: 2x", "2x", "is not a length of time"),
        (
            "alertAfter: 10m",
            "alertAfter: 1h",
            "alertAfter: 1h",
            "`alertAfter` is the short window",
        ),
        (
            "alertPolicyRef: slow",
            "alertPolicyRef: slwo",
            "slwo",
            "There is no AlertPolicy `slwo`.",
        ),
    ],
)
def test_a_burn_rule_that_could_never_fire_is_told(folder, old, new, at, what):
    text = RATIO + changed(POLICY, old, new)
    assert what in told(folder, text)[line_of(text, at)]


def test_a_rule_at_the_burn_of_a_total_outage_can_fire(folder):
    text = changed(RATIO + POLICY, "threshold: 10", "threshold: 1000")
    assert {each.threshold for each in only(folder, text).rules} == {2, 1000}


def test_a_threshold_has_no_burn_rules(folder):
    assert "Without a budget nothing burns." in told(folder, LATENCY + POLICY)["16"]


def test_a_file_of_another_make_is_told_and_nothing_is_raised(folder):
    assert told(folder, "- one\n- two\n")
    assert told(folder, "apiVersion: openslo/v1\nkind: [SLO]\n")
    assert told(folder, "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec: 3\n")
