"""Which condition, which threshold, what value: found in whatever the sender put into an alert."""

import json

from bot.integrations.pagerduty_alerts import alert_from


def raw(details, **more):
    return {
        "id": "PT1",
        "summary": "LMS is unwell",
        "severity": "critical",
        "created_at": "2026-03-10T14:12:00Z",
        "body": {"type": "alert_body", "details": details, "contexts": []},
        **more,
    }


CLOUDWATCH = {
    "AlarmName": "lms-5xx",
    "NewStateReason": "Threshold Crossed: 1 datapoint [11.4 (10/03/26 14:03:00)] was greater than"
    " the threshold (5.0).",
    "StateChangeTime": "2026-03-10T14:04:00.000+0000",
    "Region": "US East (N. Virginia)",
    "Trigger": {
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"name": "LoadBalancer", "value": "app/lms/1"}],
    },
}


def test_a_cloudwatch_alarm_is_read():
    alert = alert_from(raw(CLOUDWATCH))
    assert (alert.condition, alert.threshold, alert.value) == ("lms-5xx", "> 5.0", "11.4")
    assert alert.entity == "app/lms/1"
    assert alert.since.isoformat() == "2026-03-10T14:04:00+00:00"


def test_a_cloudwatch_alarm_inside_a_string_is_read_as_well():
    assert alert_from(raw(json.dumps(CLOUDWATCH))).value == "11.4"


def test_a_new_relic_issue_is_read():
    alert = alert_from(
        raw(
            {
                "alertConditionNames": ["Error rate above 5%"],
                "impactedEntities": ["lms"],
                "threshold": "5",
                "value": "11.4",
                "createdAt": 1773151320000,
                "issueUrl": "https://one.newrelic.example/i/1",
                "runbook_url": "https://runbooks.example/lms",
            }
        )
    )
    assert (alert.condition, alert.entity) == ("Error rate above 5%", "lms")
    assert alert.since.isoformat() == "2026-03-10T14:02:00+00:00"
    assert alert.links == ("https://one.newrelic.example/i/1",)
    assert alert.runbook_url == "https://runbooks.example/lms"


def test_alertmanagers_text_is_read():
    firing = (
        "Labels:\n - alertname = KubePodCrashLooping\n - pod = lms-web-1\n"
        "Annotations:\n - runbook_url = https://runbooks.example/crash\n"
        "Source: http://prometheus.example/graph\n"
    )
    alert = alert_from(raw({"firing": firing, "num_firing": "1"}))
    assert (alert.name, alert.entity) == ("KubePodCrashLooping", "lms-web-1")
    assert alert.runbook_url == "https://runbooks.example/crash"


def test_an_alert_without_details_keeps_its_summary_and_time():
    alert = alert_from({**raw(None), "body": None})
    assert (alert.summary, alert.condition, alert.labels) == ("LMS is unwell", "", ())
    assert alert.since.isoformat() == "2026-03-10T14:12:00+00:00"


def test_links_of_the_alert_come_first():
    alert = raw({"client_url": "https://b.example"})
    alert["body"]["contexts"] = [{"type": "link", "href": "https://a.example"}]
    assert alert_from(alert).links == ("https://a.example", "https://b.example")
