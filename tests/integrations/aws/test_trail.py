"""CloudTrail as a source of changes, by real boto3: whose call it was, what it changed, the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Deployment, Driver, Resource, Service, TerraformModule
from bot.domain.change import Change, ChangeKind, Partly
from bot.domain.change_merging import Ours
from bot.domain.errors import VendorRejected
from bot.domain.firewall import edit
from bot.domain.suspicion import Trouble, placed, rank
from bot.integrations.aws.account import Account
from bot.integrations.aws.pace import Pace
from bot.integrations.aws.trail import CloudTrail
from tests.cloud import ROLE, Cloud
from tests.integrations.worlds import OPEN
from tests.mitigations.clouds import PRODUCTION

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8"
NAMES = ("discovery-ec2", "discovery-eks")


def resource(name: str, kind: str, identifier: str, **more: object) -> Resource:
    return Resource(
        name=name,
        kind=kind,
        environments=("production",),
        identifiers=(("production", identifier),),
        **more,
    )


PLACES = tuple(
    Deployment(environment="production", **each)
    for each in (
        {
            "service": "discovery",
            "target_groups": NAMES,
            "record": "Z0PROD/discovery.demo.example",
        },
        {"service": "legacy-wiki", "driver": Driver.ASG, "asg": "prod-wiki-asg"},
    )
)
CATALOG = Catalog(
    environments=(PRODUCTION,),
    services=tuple(
        Service(name=each.service, deployments=(each,), depends_on=("rds-mysql", "redis", "flags"))
        for each in PLACES
    ),
    resources=(
        resource("alb", "load-balancer", "prod-alb-1", terraform_module="load-balancer"),
        resource("waf", "waf", "prod-acl", spec=(("scope", "CLOUDFRONT"),)),
        resource("route53", "route53", "Z0PROD"),
        resource("cloudfront", "cloudfront", "E0PROD"),
        resource("rds-mysql", "rds", "prod-mysql-1", owner="team-data"),
        resource("redis", "elasticache", "prod-redis-1"),
        resource("general", "nodegroup", "prod-eks-1-general"),
        resource("flags", "appconfig", "platform/production/learner-flags"),
    ),
    modules=(
        TerraformModule(name="load-balancer", area="n", path="m", environments=("production",)),
    ),
)
EVERYWHERE = (
    *PLACES,
    *(CATALOG.deployment(name, "production") for name in ("rds-mysql", "redis", "flags")),
)


@pytest.fixture
def quick():
    """No waiting: the rate itself is proven with a clock of its own."""
    return Pace(timedelta(0))


@pytest.fixture
def seen(aws: Cloud, account: Account, quick: Pace):
    """What the trail tells of the last six hours, oldest first."""

    def found(source: CloudTrail | None = None) -> list[Change]:
        told = whole(source or CloudTrail(account, CATALOG, pace=quick))
        return sorted(told.changes, key=lambda each: each.at)

    def whole(source: CloudTrail) -> Partly:
        now = aws.now() + timedelta(seconds=1)
        return source.changes(EVERYWHERE, since=now - timedelta(hours=6), until=now)

    found.whole = whole
    return found


class Balancer:
    """A rule that splits discovery's traffic, a tenth of it on EKS."""

    def __init__(self, aws: Cloud, service: str = "discovery") -> None:
        elb, ec2 = aws.client("elbv2"), aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        nets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)
            for n, zone in enumerate(("us-east-1a", "us-east-1b"))
        ]
        subnets = [each["Subnet"]["SubnetId"] for each in nets]
        made = elb.create_load_balancer(Name=f"prod-{service}-alb", Subnets=subnets)
        self.groups = [
            elb.create_target_group(Name=f"{service}-{s}", Protocol="HTTP", Port=80, VpcId=vpc)
            for s in ("ec2", "eks")
        ]
        listener = elb.create_listener(
            LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
            Port=443,
            Protocol="HTTP",
            DefaultActions=self.forward(100, 0),
        )
        self.rule = elb.create_rule(
            ListenerArn=listener["Listeners"][0]["ListenerArn"],
            Priority=10,
            Conditions=[{"Field": "path-pattern", "Values": ["/discovery/*"]}],
            Actions=self.forward(90, 10),
        )["Rules"][0]["RuleArn"]

    def forward(self, *weights: int) -> list[dict[str, object]]:
        arns = [each["TargetGroups"][0]["TargetGroupArn"] for each in self.groups]
        groups = [
            {"TargetGroupArn": arn, "Weight": weight}
            for arn, weight in zip(arns, weights, strict=True)
        ]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]

    def weigh(self, client, *weights: int) -> None:
        client("elbv2").modify_rule(RuleArn=self.rule, Actions=self.forward(*weights))


@pytest.fixture
def balancer(aws: Cloud) -> Balancer:
    return Balancer(aws)


@pytest.fixture
def terraform(aws: Cloud):
    return aws.somebody("terraform-apply", TERRAFORM)


def test_weights_that_terraform_moved_are_the_first_suspect_with_reasons_in_words(
    aws, balancer, terraform, seen
):
    balancer.weigh(terraform, 90, 10)
    aws.advance(3 * 86400)
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier=_database(aws))
    aws.advance(1200)
    balancer.weigh(terraform, 50, 50)
    aws.advance(120)
    found = [placed(each, CATALOG, "discovery") for each in seen()]
    trouble = Trouble(environment="production", start=aws.now())
    first, second = rank(found, trouble)
    assert first.change.title == "discovery 90/10 → 50/50"
    assert first.reasons == (
        "traffic shifted 2 min before the first bad minute",
        "the failing service itself",
        "made by Terraform, module load-balancer",
    )
    assert (second.change.service, second.change.team) == ("rds-mysql", "team-data")


def test_the_weights_before_are_those_of_the_call_before_however_long_ago(
    aws, balancer, terraform, seen
):
    balancer.weigh(terraform, 90, 10)
    aws.advance(30 * 86400)
    balancer.weigh(terraform, 50, 50)
    (change,) = seen()
    assert (change.kind, change.before, change.after) == (ChangeKind.WEIGHT, "90/10", "50/50")
    assert (change.reversible_by, change.target) == ("shift_traffic", "90/10")


def test_where_no_call_came_before_nothing_is_said_of_the_way_back(balancer, terraform, seen):
    balancer.weigh(terraform, 50, 50)
    change = seen()[-1]
    assert (change.before, change.after) == ("", "50/50")
    assert (change.reversible_by, change.target) == ("", "")


def test_traffic_that_moved_back_is_not_offered_to_be_moved_on(balancer, terraform, seen):
    balancer.weigh(terraform, 50, 50)
    balancer.weigh(terraform, 90, 10)
    change = seen()[-1]
    assert (change.before, change.after, change.reversible_by) == ("50/50", "90/10", "")


def test_it_says_who_called_and_links_to_the_call(balancer, terraform, seen):
    balancer.weigh(terraform, 50, 50)
    change = seen()[-1]
    assert change.actor == "terraform-apply"
    assert change.address.endswith(f"#/events/{change.id.removeprefix('cloudtrail:')}")


def test_what_we_did_ourselves_is_known_by_the_name_of_the_session(aws, balancer, seen):
    balancer.weigh(aws.somebody("20260305-lms-ab12"), 50, 50)
    ours = Ours(marks=frozenset({"20260305-lms-ab12"}))
    assert ours.did(seen()[-1])


def test_calls_that_failed_and_calls_that_only_read_are_no_changes(aws, terraform, seen):
    with pytest.raises(Exception, match="not found"):
        terraform("rds").reboot_db_instance(DBInstanceIdentifier="prod-mysql-1")
    terraform("rds").describe_db_instances()
    assert seen() == []


def test_a_balancer_that_the_catalog_does_not_know_is_told_as_not_placed(aws, terraform, seen):
    other = Balancer(aws, "intranet")
    other.weigh(terraform, 50, 50)
    change = seen()[-1]
    assert change.service == ""
    assert change.message == "ModifyRule of prod-intranet-alb"
    assert "not placed: the catalog does not know it" in change.notes


def _database(aws: Cloud, name: str = "prod-mysql-1") -> str:
    made = aws.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r5.large",
        Engine="mysql",
        MultiAZ=True,
        AllocatedStorage=100,
        MasterUsername="demo",
        MasterUserPassword="not-a-secret",
    )
    return str(made["DBInstance"]["DBInstanceIdentifier"])


def test_a_database_that_the_catalog_does_not_know_is_somebody_elses(aws, seen):
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier=_database(aws, "intranet"))
    assert seen() == []


def test_a_reboot_with_failover_is_a_failover(aws, seen):
    name, rds = _database(aws), aws.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier=name, AllocatedStorage=200)
    rds.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
    modified, rebooted = seen()
    assert (modified.kind, modified.after) == (ChangeKind.CONFIG, "allocatedStorage 200")
    assert (rebooted.kind, rebooted.service) == (ChangeKind.FAILOVER, "rds-mysql")


def test_a_node_of_a_cache_belongs_to_the_cache(aws, seen):
    cache = aws.client("elasticache")
    cache.create_replication_group(
        ReplicationGroupId="prod-redis-1",
        ReplicationGroupDescription="sessions",
        CacheNodeType="cache.r5.large",
        NumNodeGroups=1,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
    )
    cache.test_failover(ReplicationGroupId="prod-redis-1", NodeGroupId="0001")
    assert [(each.service, each.kind) for each in seen()] == [("redis", ChangeKind.FAILOVER)]


def wall(aws: Cloud, action: str = "Count", name: str = "prod-acl"):
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True}
    size = {
        "SizeConstraintStatement": {
            "FieldToMatch": {"Body": {"OversizeHandling": "MATCH"}},
            "ComparisonOperator": "GT",
            "Size": 16384,
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        }
    }
    rule = {"Name": "body-size", "Priority": 1, "Statement": size, "Action": {action: {}}}
    return {
        "Name": name,
        "Scope": "CLOUDFRONT",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {**visible, "MetricName": "acl"},
        "Rules": [{**rule, "VisibilityConfig": {**visible, "MetricName": "size"}}],
    }


def test_a_rule_that_blocks_now_is_told_with_the_edit_that_lets_it_count(aws, seen):
    waf = aws.somebody("rosa.vidal")("wafv2")
    made = waf.create_web_acl(**wall(aws))["Summary"]
    for action in ("Count", "Block"):
        lock = waf.get_web_acl(Name="prod-acl", Scope="CLOUDFRONT", Id=made["Id"])["LockToken"]
        waf.update_web_acl(**wall(aws, action), Id=made["Id"], LockToken=lock)
    change = seen()[-1]
    assert (change.service, change.kind, change.actor) == ("waf", ChangeKind.WAF, "rosa.vidal")
    assert (change.before, change.after) == ("body-size count", "body-size block")
    assert change.reversible_by == "block_requests"
    assert edit(change.target).text == "count body-size for 1h"


def test_an_address_that_was_listed_is_pardoned_by_the_way_back(aws, seen):
    waf = aws.client("wafv2")
    given = {"Name": "blocked", "Scope": "CLOUDFRONT"}
    made = waf.create_ip_set(**given, IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])[
        "Summary"
    ]
    for addresses in (["192.0.2.0/24"], ["192.0.2.0/24", "198.51.100.0/24"]):
        lock = waf.get_ip_set(**given, Id=made["Id"])["LockToken"]
        waf.update_ip_set(**given, Id=made["Id"], Addresses=addresses, LockToken=lock)
    change = seen()[-1]
    assert change.after == "blocked +198.51.100.0/24"
    assert edit(change.target).text == "pardon 198.51.100.0/24 in blocked for 1h"


def record(action: str, side: str, weight: int) -> dict[str, object]:
    shown = {
        "Name": "discovery.demo.example.",
        "Type": "A",
        "SetIdentifier": f"discovery-{side}",
        "Weight": weight,
        "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.1"}],
    }
    return {"Action": action, "ResourceRecordSet": shown}


@pytest.fixture
def zoned(aws: Cloud):
    """The zone of the catalog, by the id that AWS drew for it here."""
    made = aws.client("route53").create_hosted_zone(Name="demo.example", CallerReference="1")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def test_the_edge_is_read_from_its_own_region_wherever_the_account_lives(aws, zoned, seen, quick):
    place = Deployment(
        service="discovery",
        environment="production",
        target_groups=NAMES,
        record=f"{zoned}/discovery.demo.example",
    )
    catalog = Catalog(
        environments=(PRODUCTION,),
        services=(Service(name="discovery", deployments=(place,)),),
        resources=CATALOG.resources,
    )
    dns = aws.client("route53")
    changes = [record("CREATE", "ec2", 90), record("CREATE", "eks", 10)]
    dns.change_resource_record_sets(HostedZoneId=zoned, ChangeBatch={"Changes": changes})
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier=_database(aws))
    far = Account("production", ROLE, "eu-west-1", gate=OPEN, clock=aws, endpoint=aws.url)
    (change,) = seen(CloudTrail(far, catalog, pace=quick))
    far.close()
    assert (change.service, change.kind, change.after) == ("discovery", ChangeKind.WEIGHT, "90/10")


def test_a_purge_of_the_cache_is_told_with_its_paths(aws, seen, quick, account):
    made = aws.client("cloudfront").create_distribution(DistributionConfig=distribution())
    name = made["Distribution"]["Id"]
    batch = {"Paths": {"Quantity": 1, "Items": ["/static/*"]}, "CallerReference": "1"}
    aws.client("cloudfront").create_invalidation(DistributionId=name, InvalidationBatch=batch)
    (change,) = seen()
    assert (change.kind, change.after) == (ChangeKind.PURGE, "purged /static/*")


def distribution() -> dict[str, object]:
    origin = {
        "Id": "s3",
        "DomainName": "demo.example",
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
        },
    }
    behaviour = {
        "TargetOriginId": "s3",
        "ViewerProtocolPolicy": "https-only",
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        "MinTTL": 0,
    }
    return {
        "CallerReference": "1",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
        "Comment": "",
        "Enabled": True,
    }


def test_a_launch_template_belongs_to_the_service_whose_machines_start_from_it(aws, seen):
    ec2 = aws.client("ec2")
    image = {"ImageId": "ami-1", "InstanceType": "m5.large"}
    made = ec2.create_launch_template(LaunchTemplateName="wiki", LaunchTemplateData=image)
    template = made["LaunchTemplate"]["LaunchTemplateId"]
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="prod-wiki-asg",
        MinSize=1,
        MaxSize=2,
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
    )
    ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData=image)
    aws.client("autoscaling").set_desired_capacity(
        AutoScalingGroupName="prod-wiki-asg", DesiredCapacity=2
    )
    found = [(each.service, each.kind, each.after) for each in seen()]
    assert found == [
        ("legacy-wiki", ChangeKind.AMI, ""),
        ("legacy-wiki", ChangeKind.SCALE, "desiredCapacity 2"),
    ]


def test_where_there_are_more_calls_than_pages_it_says_from_when_on_it_looked(
    aws, account, seen, quick
):
    name = _database(aws)
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier=name)
    for each in range(60):
        aws.client("sns").create_topic(Name=f"noise-{each}")
    told = seen.whole(CloudTrail(account, CATALOG, pace=quick, pages=1))
    assert told.changes == ()
    (gap,) = told.missing
    assert str(gap).startswith("CloudTrail before ")
    assert seen.whole(CloudTrail(account, CATALOG, pace=quick)).missing == ()


def test_it_says_that_it_is_late_unless_the_question_is_about_long_ago(aws, account, quick):
    source, now = CloudTrail(account, CATALOG, pace=quick), aws.now()
    told = source.changes(EVERYWHERE, since=now - timedelta(hours=1), until=now)
    assert told.late == "CloudTrail tells of a change up to 15 min late"
    before = now - timedelta(hours=1)
    assert source.changes(EVERYWHERE, since=before, until=before).late == ""


def test_a_right_that_is_missing_is_named(aws, seen):
    aws.fault("LookupEvents", "deny")
    with pytest.raises(VendorRejected, match="our role lacks cloudtrail:LookupEvents"):
        seen()
