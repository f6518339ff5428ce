"""Traffic between EC2 and EKS against real boto3 and moto: phases, the sick side, lingering clients."""

from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Deployment, MigrationStage, Resource, Service
from bot.domain.errors import NotSent, Refused
from bot.domain.mitigation import (
    Cleared,
    Receipt,
    Risk,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.mitigations.shift_traffic import ShiftTraffic
from tests.mitigations.clouds import (
    INCIDENT,
    PRODUCTION,
    carried_out,
    denied,
    lost,
    plan_of,
    seen,
    tools_of,
    undo_of,
)

DISCOVERY = Deployment(
    service="discovery",
    environment="production",
    app="discovery",
    target_groups=("discovery-ec2", "discovery-eks"),
)
BALANCERS = Resource(
    name="alb",
    kind="load-balancer",
    environments=("production",),
    terraform_module="load-balancer",
)


def catalog(stage=MigrationStage.TRAFFIC_50, place=DISCOVERY):
    service = Service(name="discovery", deployments=(place,), migration=stage)
    return Catalog(environments=(PRODUCTION,), services=(service,), resources=(BALANCERS,))


@pytest.fixture
def shift():
    return ShiftTraffic(where=frozenset({"production"}))


class Balancer:
    """One load balancer whose rule splits discovery's traffic."""

    def __init__(self, aws):
        self.aws, self.elb = aws, aws.client("elbv2")
        ec2 = aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        nets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}"
            )
            for n, z in enumerate("ab")
        ]
        self.lb = self.elb.create_load_balancer(
            Name="prod-alb-1", Subnets=[each["Subnet"]["SubnetId"] for each in nets]
        )["LoadBalancers"][0]["LoadBalancerArn"]
        self.groups = [self._group(name, vpc) for name in DISCOVERY.target_groups]
        self.listener = self.elb.create_listener(
            LoadBalancerArn=self.lb,
            Port=443,
            Protocol="HTTP",
            DefaultActions=[
                {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
            ],
        )["Listeners"][0]["ListenerArn"]
        self.rule = self.elb.create_rule(
            ListenerArn=self.listener,
            Priority=10,
            Conditions=[{"Field": "path-pattern", "Values": ["/discovery/*"]}],
            Actions=self.forward(50, 50),
        )["Rules"][0]["RuleArn"]

    def _group(self, name, vpc):
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        found = self.aws.client("ec2").run_instances(ImageId="ami-1", MinCount=4, MaxCount=4)
        targets = [{"Id": each["InstanceId"]} for each in found["Instances"]]
        self.elb.register_targets(TargetGroupArn=arn, Targets=targets)
        return arn

    def forward(self, ec2, eks, sticky=0):
        config = {
            "TargetGroups": [
                {"TargetGroupArn": self.groups[0], "Weight": ec2},
                {"TargetGroupArn": self.groups[1], "Weight": eks},
            ],
            "TargetGroupStickinessConfig": {
                "Enabled": bool(sticky),
                "DurationSeconds": sticky or 1,
            },
        }
        return [{"Type": "forward", "ForwardConfig": config}]

    def set(self, ec2, eks, sticky=0):
        self.elb.modify_rule(RuleArn=self.rule, Actions=self.forward(ec2, eks, sticky))

    def weights(self):
        rule = self.elb.describe_rules(RuleArns=[self.rule])["Rules"][0]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        return tuple(each["Weight"] for each in groups)

    def sick(self, side, unhealthy):
        self.aws.steer("targets", group=self.groups[side], unhealthy=unhealthy)

    def traffic(self, *sides):
        """(requests, errors) of EC2 and EKS."""
        now = self.aws.now() - timedelta(minutes=2)
        for arn, (requests, errors) in zip(self.groups, sides, strict=True):
            dimensions = [
                {"Name": "TargetGroup", "Value": arn.rpartition(":")[2]},
                {"Name": "LoadBalancer", "Value": self.lb.partition(":loadbalancer/")[2]},
            ]
            for name, value in (("RequestCount", requests), ("HTTPCode_Target_5XX_Count", errors)):
                self.aws.client("cloudwatch").put_metric_data(
                    Namespace="AWS/ApplicationELB",
                    MetricData=[
                        {
                            "MetricName": name,
                            "Dimensions": dimensions,
                            "Value": value,
                            "Timestamp": now,
                        }
                    ],
                )


@pytest.fixture
def balancer(aws):
    return Balancer(aws)


@pytest.fixture
def tools(aws, account, balancer):
    balancer.traffic((1000, 2), (1000, 3))
    return tools_of(aws, account, catalog())


def test_back_one_phase_comes_first(shift, tools):
    found = shift.offers(tools, DISCOVERY, before=None)
    assert [(each.label, each.suggested) for each in found] == [("90/10", True), ("100/0", False)]


def test_the_plan_says_how_both_sides_do(shift, tools):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    assert "EC2: 4 of 4 targets healthy, errors 0.2% of 1000 requests" in plan.stands
    assert "neither side is clearly the sick one" in plan.stands
    assert [(d.before, d.after) for d in plan.differences] == [("50 %", "90 %"), ("50 %", "10 %")]


def test_the_way_back_is_never_forward_and_says_who_owns_the_weights(shift, tools):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    assert not plan.forward
    assert plan.owned_by == "Terraform load-balancer in production"
    assert plan.leftovers == ("traffic of discovery is split 90/10, not 50/50",)
    assert [each.told for each in plan.written] == [
        "`weight = 50` → `weight = 90` of discovery-ec2",
        "`weight = 50` → `weight = 10` of discovery-eks",
    ]


def test_a_side_that_holds_it_makes_the_way_back_a_low_risk(shift, tools, balancer):
    balancer.traffic((9000, 0), (1000, 900))
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    assert plan.risk is Risk.LOW
    assert any(each.startswith("the sick side is EKS") for each in plan.stands)


def test_targets_that_would_take_far_more_make_it_high(shift, tools, balancer):
    balancer.sick(0, 2)
    plan = plan_of(tools, shift, DISCOVERY, "100/0")
    assert plan.risk is Risk.HIGH
    assert "only 2 of 4 targets of EC2 pass" in plan.risk_reasons
    assert any("times of what the busiest takes now" in each for each in plan.risk_reasons)


def test_a_cold_side_is_a_risk(shift, tools, balancer):
    balancer.set(0, 100)
    plan = plan_of(tools, shift, DISCOVERY, "10/90")
    assert any(each.startswith("EC2 is cold") for each in plan.risk_reasons)


def test_a_side_without_a_healthy_target_gets_nothing(shift, tools, balancer):
    balancer.sick(0, 4)
    with pytest.raises(Refused, match="EC2 has no healthy target"):
        plan_of(tools, shift, DISCOVERY, "90/10")


def test_moving_on_is_refused_while_ec2_is_well(shift, tools):
    with pytest.raises(Refused, match="unless EC2 is the sick side"):
        plan_of(tools, shift, DISCOVERY, "0/100")


def test_off_a_sick_ec2_is_offered_first_with_the_evidence_and_is_high_risk(
    shift, tools, balancer
):
    balancer.sick(0, 3)
    (first, *_) = shift.offers(tools, DISCOVERY, before=None)
    assert (first.label, first.suggested) == ("0/100", True)
    plan = plan_of(tools, shift, DISCOVERY, "0/100")
    assert (plan.risk, plan.forward) == (Risk.HIGH, True)
    assert "which is the sick side: EC2: 1 of 4 targets healthy" in plan.risk_reasons[0]


def test_after_the_decommission_there_is_no_way_back(aws, account, shift, balancer):
    gone = tools_of(aws, account, catalog(MigrationStage.DECOMMISSIONED))
    with pytest.raises(Refused, match="decommissioned"):
        plan_of(gone, shift, DISCOVERY, "90/10")


@pytest.mark.parametrize("target", ["70/30", "1000/-900", "110/-10", "x", "90/11"])
def test_what_is_no_phase_is_refused(shift, tools, target):
    with pytest.raises(Refused, match="no phase of the migration"):
        plan_of(tools, shift, DISCOVERY, target)


def test_a_shift_is_one_request_in_the_incidents_name(aws, shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    receipt = carried_out(tools, shift, plan)
    assert balancer.weights() == (90, 10)
    (call,) = [each for each in aws.calls("ModifyRule") if each["session"]]
    assert call["session"] == INCIDENT
    assert isinstance(seen(aws, tools, shift, plan, receipt), Settled)


def test_clients_that_linger_are_waited_for(aws, shift, tools, balancer):
    balancer.set(50, 50, sticky=300)
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    assert "clients linger up to 300 s where they are (stickiness)" in plan.steps
    receipt = carried_out(tools, shift, plan)
    waiting = shift.verify(tools, plan, receipt)
    assert isinstance(waiting, TooEarly)
    assert waiting.progress.startswith("clients linger by stickiness for ")
    aws.advance(301)
    settled = shift.verify(tools, plan, receipt)
    assert isinstance(settled, Settled)
    assert settled.at == receipt.at + timedelta(seconds=300)


def test_a_rule_of_more_than_weights_keeps_the_rest(aws, shift, tools, balancer):
    balancer.set(50, 50, sticky=300)
    carried_out(tools, shift, plan_of(tools, shift, DISCOVERY, "90/10"))
    rule = balancer.elb.describe_rules(RuleArns=[balancer.rule])["Rules"][0]
    held = rule["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"]
    assert (held["Enabled"], held["DurationSeconds"]) == (True, 300)


def test_a_world_that_moved_is_refused(shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    balancer.set(10, 90)
    with pytest.raises(Refused, match="The world moved"):
        carried_out(tools, shift, plan)
    assert balancer.weights() == (10, 90)


def test_where_it_is_there_already_nothing_is_sent(aws, shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    balancer.set(90, 10)
    before = len(aws.calls("ModifyRule"))
    assert "already" in carried_out(tools, shift, plan).summary
    assert len(aws.calls("ModifyRule")) == before


def test_a_missing_right_is_told_plainly(aws, shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    why = denied(aws, tools, shift, plan, "ModifyRule")
    assert "our role lacks elasticloadbalancing:ModifyRule" in why
    assert balancer.weights() == (50, 50)


def test_a_lost_answer_is_found_again(aws, shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    lost(aws, tools, shift, plan, "ModifyRule", "drop_after")
    assert isinstance(shift.look(tools, plan, "a"), Receipt)


def test_a_lost_request_left_nothing_behind(aws, shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    lost(aws, tools, shift, plan, "ModifyRule", "drop_before")
    assert isinstance(shift.look(tools, plan, "a"), Untouched)


def test_what_somebody_else_did_meanwhile_is_left_to_people(shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    balancer.set(10, 90)
    assert isinstance(shift.look(tools, plan, "a"), Unknown)


def test_aws_down_before_the_request_means_nothing_was_sent(aws, shift, tools):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    aws.fault("DescribeRules", "5xx")
    with pytest.raises(NotSent):
        carried_out(tools, shift, plan)


def test_a_split_that_terraform_put_back_is_not_recovered(shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    receipt = carried_out(tools, shift, plan)
    balancer.set(50, 50)
    verdict = shift.verify(tools, plan, receipt)
    assert isinstance(verdict, Unhealthy)
    assert "was it Terraform load-balancer in production?" in verdict.why


def test_the_undo_goes_back_to_the_split_before_and_is_high_risk(shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    receipt = carried_out(tools, shift, plan)
    undo = undo_of(tools, shift, plan, receipt)
    assert (undo.target_label, undo.risk) == ("50/50", Risk.HIGH)
    again = plan_of(tools, shift, DISCOVERY, undo.target)
    assert again.digest == undo.digest
    carried_out(tools, shift, undo)
    assert balancer.weights() == (50, 50)


def test_what_is_left_over_is_the_split_itself(shift, tools, balancer):
    plan = plan_of(tools, shift, DISCOVERY, "90/10")
    carried_out(tools, shift, plan)
    left = shift.leftover(tools, plan)
    assert isinstance(left, StillThere)
    assert left.blocked
    balancer.set(50, 50)
    assert shift.leftover(tools, plan) == Cleared(shows="traffic is split 50/50")


def test_two_rules_that_split_it_are_left_to_people(shift, tools, balancer):
    balancer.elb.create_rule(
        ListenerArn=balancer.listener,
        Priority=20,
        Conditions=[{"Field": "path-pattern", "Values": ["/api/discovery/*"]}],
        Actions=balancer.forward(50, 50),
    )
    with pytest.raises(Refused, match="2 rules split traffic"):
        plan_of(tools, shift, DISCOVERY, "90/10")


class Zone:
    """Weighted records for the same two groups."""

    def __init__(self, aws):
        self.dns = aws.client("route53")
        made = self.dns.create_hosted_zone(Name="demo.example", CallerReference="1")
        self.id = made["HostedZone"]["Id"].rpartition("/")[2]
        for name in DISCOVERY.target_groups:
            self.set(name, 50)

    def set(self, name, weight):
        record = {
            "Name": "discovery.demo.example",
            "Type": "A",
            "SetIdentifier": name,
            "Weight": weight,
            "TTL": 120,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        self.dns.change_resource_record_sets(HostedZoneId=self.id, ChangeBatch=batch)

    def weights(self):
        found = self.dns.list_resource_record_sets(HostedZoneId=self.id)["ResourceRecordSets"]
        return {each["SetIdentifier"]: each["Weight"] for each in found if "Weight" in each}


@pytest.fixture
def zone(aws):
    return Zone(aws)


@pytest.fixture
def by_dns(zone):
    return Deployment(
        service="discovery",
        environment="production",
        target_groups=DISCOVERY.target_groups,
        record=f"{zone.id}/discovery.demo.example",
    )


def test_weighted_records_are_shifted_together_and_ttl_is_waited_for(
    aws, account, shift, balancer, zone, by_dns
):
    tools = tools_of(aws, account, catalog(place=by_dns))
    plan = plan_of(tools, shift, by_dns, "90/10")
    assert "clients linger up to 120 s where they are (DNS)" in plan.steps
    receipt = carried_out(tools, shift, plan)
    assert zone.weights() == {"discovery-ec2": 90, "discovery-eks": 10}
    assert isinstance(shift.verify(tools, plan, receipt), TooEarly)
    assert isinstance(seen(aws, tools, shift, plan, receipt), Settled)
    assert {each["region"] for each in aws.calls("ChangeResourceRecordSets")} == {"us-east-1"}


def test_records_that_moved_are_refused(aws, account, shift, balancer, zone, by_dns):
    tools = tools_of(aws, account, catalog(place=by_dns))
    plan = plan_of(tools, shift, by_dns, "90/10")
    zone.set("discovery-ec2", 200)
    with pytest.raises(Refused, match="The world moved"):
        carried_out(tools, shift, plan)
