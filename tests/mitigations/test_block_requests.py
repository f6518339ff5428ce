"""The firewall against real boto3 and moto: one change, a lock that must be fresh, an end, and a way back."""

from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Resource
from bot.domain.errors import Refused
from bot.domain.mitigation import (
    Cleared,
    Receipt,
    Risk,
    Settled,
    StillThere,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.mitigations.block_requests import BlockRequests
from tests.mitigations.clouds import (
    INCIDENT,
    PRODUCTION,
    carried_out,
    denied,
    lost,
    plan_of,
    tools_of,
    undo_of,
)

CATALOG = Catalog(
    environments=(PRODUCTION,),
    resources=(
        Resource(
            name="waf",
            kind="waf",
            environments=("production",),
            identifiers=(("production", "prod-web-acl"),),
            spec=(("scope", "CLOUDFRONT"),),
            terraform_module="cloudfront",
        ),
    ),
)
WAF = CATALOG.deployment("waf", "production")
COUNT = "count bot-control for 2h"


def visible(name):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


class Wall:
    """One ACL: a managed group, a rate rule and a rule of our own; and one address list."""

    def __init__(self, aws):
        self.waf = aws.client("wafv2")
        group = {"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet"}
        list_arn = self.waf.create_ip_set(
            Name="blocked",
            Scope="CLOUDFRONT",
            IPAddressVersion="IPV4",
            Addresses=["198.51.100.0/24"],
            Description="who misbehaved",
        )["Summary"]
        self.list = list_arn["Id"]
        rules = [
            {
                "Name": "bot-control",
                "Priority": 1,
                "Statement": {"ManagedRuleGroupStatement": group},
                "OverrideAction": {"None": {}},
            },
            {
                "Name": "sign-in",
                "Priority": 2,
                "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
                "Action": {"Block": {}},
            },
            {
                "Name": "bad-addresses",
                "Priority": 3,
                "Statement": {"IPSetReferenceStatement": {"ARN": list_arn["ARN"]}},
                "Action": {"Count": {}},
            },
            {
                "Name": "health",
                "Priority": 4,
                "Statement": {"GeoMatchStatement": {"CountryCodes": ["DE"]}},
                "Action": {"Allow": {}},
            },
        ]
        for each in rules:
            each["VisibilityConfig"] = visible(each["Name"])
        self.id = self.waf.create_web_acl(
            Name="prod-web-acl",
            Scope="CLOUDFRONT",
            DefaultAction={"Allow": {}},
            Description="in front of everything",
            VisibilityConfig=visible("acl"),
            Rules=rules,
        )["Summary"]["Id"]

    def acl(self):
        return self.waf.get_web_acl(Name="prod-web-acl", Scope="CLOUDFRONT", Id=self.id)

    def rule(self, name):
        return next(each for each in self.acl()["WebACL"]["Rules"] if each["Name"] == name)

    def touched(self, **changed):
        """Somebody else writes it."""
        found = self.acl()
        acl = found["WebACL"]
        self.waf.update_web_acl(
            Name="prod-web-acl",
            Scope="CLOUDFRONT",
            Id=self.id,
            LockToken=found["LockToken"],
            **{
                "DefaultAction": acl["DefaultAction"],
                "Rules": acl["Rules"],
                "VisibilityConfig": acl["VisibilityConfig"],
                **changed,
            },
        )

    def addresses(self):
        found = self.waf.get_ip_set(Name="blocked", Scope="CLOUDFRONT", Id=self.list)
        return sorted(found["IPSet"]["Addresses"])


@pytest.fixture
def wall(aws):
    return Wall(aws)


@pytest.fixture
def tools(aws, account, wall):
    return tools_of(aws, account, CATALOG)


@pytest.fixture
def block():
    return BlockRequests(where=frozenset({"production"}))


def test_every_rule_that_counts_or_blocks_can_be_turned(block, tools):
    found = block.offers(tools, WAF, before=None)
    assert [(each.target, each.message) for each in found] == [
        ("count bot-control for 1h", "now: block"),
        ("count sign-in for 1h", "now: block"),
        ("block bad-addresses for 1h", "now: count"),
    ]


def test_the_plan_is_exact_and_has_an_end(block, tools):
    plan = plan_of(tools, block, WAF, COUNT)
    assert [(d.what, d.before, d.after) for d in plan.differences] == [
        ("rule bot-control", "block", "count"),
        ("until", "no end", "2h after it starts"),
    ]
    assert plan.ends_after == timedelta(hours=2)
    assert plan.leftovers == ("rule bot-control is “count”, not “block”, for 2h",)
    (written,) = plan.written
    assert written.told == (
        "`override_action { none {} }` → `override_action { count {} }` of bot-control"
    )
    assert plan.owned_by == "Terraform cloudfront in production"
    assert plan.risk is Risk.HIGH
    assert "bot-control stops nothing while it only counts" in plan.risk_reasons


def test_a_managed_group_is_set_to_count_and_nothing_else_changes(aws, block, tools, wall):
    before = wall.acl()["WebACL"]
    plan = plan_of(tools, block, WAF, COUNT)
    receipt = carried_out(tools, block, plan)
    after = wall.acl()["WebACL"]
    assert wall.rule("bot-control")["OverrideAction"] == {"Count": {}}
    assert after["Rules"][1:] == before["Rules"][1:]
    assert after["Description"] == before["Description"]
    (call,) = aws.calls("UpdateWebACL")
    assert (call["session"], call["region"]) == (INCIDENT, "us-east-1")
    done = block.verify(tools, plan, receipt)
    assert done == Settled(evidence="rule bot-control is “count”", at=receipt.at)


def test_a_rule_of_our_own_is_set_to_block(block, tools, wall):
    carried_out(tools, block, plan_of(tools, block, WAF, "block bad-addresses"))
    assert wall.rule("bad-addresses")["Action"] == {"Block": {}}


def test_a_limit_is_lowered(block, tools, wall):
    carried_out(tools, block, plan_of(tools, block, WAF, "limit sign-in to 100 for 30m"))
    assert wall.rule("sign-in")["Statement"]["RateBasedStatement"]["Limit"] == 100


def test_an_address_is_put_on_the_list_and_the_others_stay(block, tools, wall):
    plan = plan_of(tools, block, WAF, "deny 192.0.2.7 in blocked for 1d")
    carried_out(tools, block, plan)
    assert wall.addresses() == ["192.0.2.7/32", "198.51.100.0/24"]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("stop bot-control", "not understood"),
        ("limit sign-in to 9", "from 10 on"),
        ("limit bot-control to 100", "no rule with a limit"),
        ("block health", "neither counting nor blocking"),
        ("block bot-control", "“block” already"),
        ("block nothing-such", "has no rule"),
        ("deny 10.0.0.0/8 in blocked", "too wide"),
        ("deny everybody in blocked", "not an address"),
        ("deny 192.0.2.1", "in which list"),
        ("deny 192.0.2.1 in nowhere", "no address list"),
        ("count bot-control for 2m", "from 5 minutes to 7 days"),
        ("count bot-control for 30d", "from 5 minutes to 7 days"),
        ("block sign-in to 5", "Only `limit`"),
    ],
)
def test_what_makes_no_sense_is_refused(block, tools, target, why):
    with pytest.raises(Refused, match=why):
        plan_of(tools, block, WAF, target)


def test_a_stale_lock_means_a_new_plan(block, tools, wall):
    plan = plan_of(tools, block, WAF, COUNT)
    wall.touched(Description="changed by somebody")
    assert plan_of(tools, block, WAF, COUNT).digest != plan.digest
    with pytest.raises(Refused, match="has to be approved anew"):
        carried_out(tools, block, plan)
    assert wall.rule("bot-control")["OverrideAction"] == {"None": {}}


def test_a_missing_right_is_told_plainly(aws, block, tools):
    plan = plan_of(tools, block, WAF, COUNT)
    assert "lacks wafv2:UpdateWebACL" in denied(aws, tools, block, plan, "UpdateWebACL")


def test_a_lost_answer_is_found_again(aws, block, tools):
    plan = plan_of(tools, block, WAF, COUNT)
    lost(aws, tools, block, plan, "UpdateWebACL", "drop_after")
    assert isinstance(block.look(tools, plan, "a"), Receipt)


def test_a_lost_request_left_nothing_behind(aws, block, tools, wall):
    plan = plan_of(tools, block, WAF, COUNT)
    lost(aws, tools, block, plan, "UpdateWebACL", "drop_before")
    assert isinstance(block.look(tools, plan, "a"), Untouched)
    wall.touched(Description="changed by somebody")
    assert isinstance(block.look(tools, plan, "a"), Unknown)


def test_a_rule_that_was_put_back_meanwhile_is_not_recovered(block, tools, wall):
    plan = plan_of(tools, block, WAF, COUNT)
    receipt = carried_out(tools, block, plan)
    rules = wall.acl()["WebACL"]["Rules"]
    rules[0]["OverrideAction"] = {"None": {}}
    wall.touched(Rules=rules)
    verdict = block.verify(tools, plan, receipt)
    assert isinstance(verdict, Unhealthy)
    assert "was it Terraform cloudfront in production?" in verdict.why


@pytest.mark.parametrize(
    "target", [COUNT, "limit sign-in to 100", "deny 192.0.2.7 in blocked", "block bad-addresses"]
)
def test_the_undo_restores_what_was_there(block, tools, wall, target):
    before = (
        [wall.rule(n) for n in ("bot-control", "sign-in", "bad-addresses")],
        wall.addresses(),
    )
    plan = plan_of(tools, block, WAF, target)
    receipt = carried_out(tools, block, plan)
    undo = undo_of(tools, block, plan, receipt)
    assert undo.ends_after is None
    assert plan_of(tools, block, WAF, undo.target).digest == undo.digest
    carried_out(tools, block, undo)
    after = ([wall.rule(n) for n in ("bot-control", "sign-in", "bad-addresses")], wall.addresses())
    assert after == before


def test_at_its_end_it_is_put_back_though_others_changed_other_things(block, tools, wall):
    plan = plan_of(tools, block, WAF, COUNT)
    carried_out(tools, block, plan)
    wall.touched(Description="changed by somebody")
    assert isinstance(block.leftover(tools, plan), StillThere)
    block.put_back(tools, plan)
    assert wall.rule("bot-control")["OverrideAction"] == {"None": {}}
    assert block.leftover(tools, plan) == Cleared(shows="rule bot-control is “block”")


def test_what_stands_otherwise_by_then_is_left_alone(aws, block, tools, wall):
    plan = plan_of(tools, block, WAF, COUNT)
    receipt = carried_out(tools, block, plan)
    carried_out(tools, block, undo_of(tools, block, plan, receipt))
    before = len(aws.calls("UpdateWebACL"))
    block.put_back(tools, plan)
    assert len(aws.calls("UpdateWebACL")) == before
