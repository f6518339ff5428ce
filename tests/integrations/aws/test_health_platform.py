"""How search, buckets, the edge and machines are doing, read by real boto3 from moto."""

from __future__ import annotations

import pytest

from bot.domain.catalog import Catalog, Environment, Resource
from bot.domain.errors import Refused, VendorRejected
from bot.domain.places import Deployment, Driver
from bot.domain.vitals import MEASURED
from bot.flow.conditions import NODE_GROUP
from bot.integrations.aws.account import Account
from bot.integrations.aws.health import READERS, AwsHealth
from tests.cloud import Cloud
from tests.integrations.aws.numbers import condition, counted, placed

OWNER = "123456789012"
ROLE = f"arn:aws:iam::{OWNER}:role/eks"


def test_every_kind_that_counts_as_measured_has_somebody_who_reads_it() -> None:
    assert {*READERS, NODE_GROUP} == MEASURED


def search(aws: Cloud, **metrics: float) -> None:
    aws.client("opensearch").create_domain(
        DomainName="courses",
        EngineVersion="Elasticsearch_7.10",
        ClusterConfig={
            "InstanceType": "i3.2xlarge.search",
            "InstanceCount": 54,
            "DedicatedMasterEnabled": True,
            "DedicatedMasterCount": 3,
        },
    )
    counted(aws, "AWS/ES", {"DomainName": "courses", "ClientId": OWNER}, **metrics)


def test_a_red_search_cluster_tells_its_shards_and_its_nodes(aws: Cloud, account: Account) -> None:
    search(aws, **{"ClusterStatus.red": 1, "Shards.unassigned": 212, "Nodes": 55})
    found = condition(account, "elasticsearch", "courses")
    assert found.ills == (
        "status red: some shards are nowhere",
        "212 unassigned shards",
        "55 of 57 nodes in service",
    )


def test_a_yellow_search_cluster_is_ill_too(aws: Cloud, account: Account) -> None:
    search(aws, **{"ClusterStatus.red": 0, "ClusterStatus.yellow": 1, "Nodes": 57})
    found = condition(account, "opensearch", "courses")
    assert found.ills == ("status yellow: some shards have no copy",)


def test_a_search_node_that_is_nearly_full_is_ill(aws: Cloud, account: Account) -> None:
    search(aws, Nodes=57, FreeStorageSpace=12 * 1024)
    assert condition(account, "elasticsearch", "courses").ills == ("12 GiB free",)


def test_a_green_search_cluster_is_well(aws: Cloud, account: Account) -> None:
    search(aws, **{"ClusterStatus.red": 0, "Shards.unassigned": 0, "Nodes": 57})
    assert condition(account, "elasticsearch", "courses").ills == ()


def test_a_bucket_is_told_by_the_share_of_its_requests_that_fail(
    aws: Cloud, account: Account
) -> None:
    of = {"BucketName": "media", "FilterId": "EntireBucket"}
    counted(aws, "AWS/S3", of, **{"AllRequests": 2000, "5xxErrors": 60, "4xxErrors": 20})
    found = condition(account, "s3", "media")
    assert found.ills == ("5xx 3.0% (media)",)


def test_a_bucket_without_request_metrics_says_so_beside_those_that_have_them(
    aws: Cloud, account: Account
) -> None:
    of = {"BucketName": "media", "FilterId": "EntireBucket"}
    counted(aws, "AWS/S3", of, AllRequests=2000)
    found = condition(account, "s3", "media", buckets="media events")
    assert found.unseen == ("request metrics are not switched on: events",)
    assert (found.ills, found.blind) == ((), False)


def test_a_bucket_that_nobody_measures_is_not_called_well(aws: Cloud, account: Account) -> None:
    found = condition(account, "s3", "media")
    assert found.blind
    assert found.unseen == ("request metrics are not switched on: media",)


def test_a_handful_of_requests_makes_no_percentage(aws: Cloud, account: Account) -> None:
    of = {"BucketName": "media", "FilterId": "EntireBucket"}
    counted(aws, "AWS/S3", of, **{"AllRequests": 3, "5xxErrors": 3})
    assert condition(account, "s3", "media").ills == ()


def test_the_cdn_is_told_by_its_error_rate(aws: Cloud, account: Account) -> None:
    of = {"DistributionId": "E1", "Region": "Global"}
    counted(aws, "AWS/CloudFront", of, **{"5xxErrorRate": 4.2, "4xxErrorRate": 1.0})
    assert condition(account, "cloudfront", "E1").ills == ("5xx 4.2%",)


def test_a_firewall_that_stops_every_third_request_is_ill(aws: Cloud, account: Account) -> None:
    of = {"WebACL": "acl", "Rule": "ALL"}
    counted(aws, "AWS/WAFV2", of, AllowedRequests=2000, BlockedRequests=1000)
    found = condition(account, "waf", "acl", scope="CLOUDFRONT")
    assert found.ills == ("33% of the requests blocked",)


def balancer(aws: Cloud) -> tuple[dict[str, str], dict[str, str]]:
    """Its dimensions, and those of the one group behind it."""
    ec2, elb = aws.client("ec2"), aws.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    net = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = elb.create_load_balancer(Name="front", Subnets=[net])["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)
    target = group["TargetGroups"][0]["TargetGroupArn"]
    forward = {"Type": "forward", "TargetGroupArn": target}
    elb.create_listener(LoadBalancerArn=arn, Port=80, Protocol="HTTP", DefaultActions=[forward])
    whole = {"LoadBalancer": arn.partition(":loadbalancer/")[2]}
    return whole, {**whole, "TargetGroup": target.rpartition(":")[2]}


def test_a_load_balancer_tells_its_errors_and_the_targets_that_do_not_pass(
    aws: Cloud, account: Account
) -> None:
    whole, side = balancer(aws)
    numbers = {"RequestCount": 1000, "HTTPCode_Target_5XX_Count": 20, "HTTPCode_ELB_5XX_Count": 5}
    counted(aws, "AWS/ApplicationELB", whole, **numbers)
    counted(aws, "AWS/ApplicationELB", side, HealthyHostCount=3, UnHealthyHostCount=1)
    found = condition(account, "load-balancer", "front")
    assert found.ills == ("5xx 2.5%", "3 of 4 targets healthy (web)")


def group(aws: Cloud, *, desired: int) -> Deployment:
    made = aws.client("ec2").create_launch_template(
        LaunchTemplateName="forums",
        LaunchTemplateData={"ImageId": "ami-12345678", "InstanceType": "m5.large"},
    )["LaunchTemplate"]["LaunchTemplateId"]
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="forums",
        LaunchTemplate={"LaunchTemplateId": made, "Version": "1"},
        MinSize=1,
        MaxSize=8,
        DesiredCapacity=desired,
        AvailabilityZones=["us-east-1a"],
    )
    return Deployment(service="forums", environment="production", driver=Driver.ASG, asg="forums")


def test_machines_in_service_are_told_against_those_desired(aws: Cloud, account: Account) -> None:
    place = group(aws, desired=6)
    found = AwsHealth(account).condition(place)
    assert (found.ills, str(found)) == ((), "6 of 6 machines in service (at most 8)")


def test_a_machine_that_is_not_healthy_does_not_count(aws: Cloud, account: Account) -> None:
    place = group(aws, desired=6)
    client = aws.client("autoscaling")
    shown = client.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
    client.set_instance_health(InstanceId=shown[0]["InstanceId"], HealthStatus="Unhealthy")
    found = AwsHealth(account).condition(place)
    assert found.ills == ("5 of 6 machines in service (at most 8)",)


def test_suspended_processes_of_a_group_are_told(aws: Cloud, account: Account) -> None:
    place = group(aws, desired=2)
    aws.client("autoscaling").suspend_processes(
        AutoScalingGroupName="forums", ScalingProcesses=["Launch"]
    )
    assert AwsHealth(account).condition(place).ills == ("suspended: Launch",)


def test_a_node_group_tells_how_many_it_wants_and_may_have(aws: Cloud, account: Account) -> None:
    eks = aws.client("eks")
    eks.create_cluster(name="prod-eks-1", roleArn=ROLE, resourcesVpcConfig={"subnetIds": []})
    eks.create_nodegroup(
        clusterName="prod-eks-1",
        nodegroupName="general",
        nodeRole=ROLE,
        subnets=["subnet-1"],
        scalingConfig={"minSize": 10, "desiredSize": 20, "maxSize": 30},
    )
    found = AwsHealth(account).node_group(placed("nodegroup", "general"))
    assert (found.lowest, found.desired, found.highest) == (10, 20, 30)
    assert found.troubles == ()
    assert condition(account, "eks-cluster", "prod-eks-1").ills == ()


def test_a_node_group_that_the_account_does_not_have_is_named(
    aws: Cloud, account: Account
) -> None:
    with pytest.raises(VendorRejected, match="prod-eks-1"):
        AwsHealth(account).node_group(placed("nodegroup", "general"))


def test_a_resource_without_a_name_in_aws_is_refused(account: Account) -> None:
    place = Deployment(service="db", environment="production", driver=Driver.MANAGED, kind="rds")
    with pytest.raises(Refused, match="does not say what production/db is called"):
        AwsHealth(account).condition(place)


def test_the_cluster_of_a_node_group_is_the_one_of_its_environment() -> None:
    known = Catalog(
        environments=(Environment(name="production", cluster="prod-eks-1"),),
        resources=(Resource(name="general", kind="nodegroup", environments=("production",)),),
    )
    place = known.deployment("general", "production")
    assert place is not None
    assert place.cluster == "prod-eks-1"


def test_a_right_that_is_missing_is_named_as_a_policy_spells_it(
    aws: Cloud, account: Account
) -> None:
    search(aws)
    aws.fault("es", "deny", times=1)
    with pytest.raises(VendorRejected, match="es:DescribeDomain"):
        condition(account, "elasticsearch", "courses")
