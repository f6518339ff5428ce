"""What we add to moto behaves as AWS describes it: these are the sentences our mitigations rest on."""

import pytest

botocore = pytest.importorskip("botocore", reason="boto3 is not installed")

from botocore.exceptions import ClientError, ConnectionClosedError  # noqa: E402


def refused(code):
    return pytest.raises(ClientError, match=code)


@pytest.fixture
def group(aws):
    """An Auto Scaling group on version 2 of its template, numbered."""
    ec2, scaling = aws.client("ec2"), aws.client("autoscaling")
    made = ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={"ImageId": "ami-1", "InstanceType": "m5.large"},
    )["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_launch_template_version(
        LaunchTemplateId=made, LaunchTemplateData={"ImageId": "ami-2"}
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateId": made, "Version": "2"},
    )
    return made


def to_version(template, version):
    return {"LaunchTemplate": {"LaunchTemplateId": template, "Version": version}}


def version_of(aws):
    groups = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return groups[0]["LaunchTemplate"]["Version"]


def refreshes(aws):
    found = aws.client("autoscaling").describe_instance_refreshes(AutoScalingGroupName="web")
    return [each["Status"] for each in found["InstanceRefreshes"]]


def test_a_refresh_takes_its_time_and_then_the_group_has_the_version(aws, group):
    scaling = aws.client("autoscaling")
    wanted = to_version(group, "1")
    scaling.start_instance_refresh(AutoScalingGroupName="web", DesiredConfiguration=wanted)
    assert (refreshes(aws), version_of(aws)) == (["Pending"], "2")
    aws.advance(150)
    assert refreshes(aws) == ["InProgress"]
    aws.advance(200)
    assert (refreshes(aws), version_of(aws)) == (["Successful"], "1")


def test_only_one_refresh_runs_at_a_time(aws, group):
    scaling = aws.client("autoscaling")
    scaling.start_instance_refresh(AutoScalingGroupName="web")
    with refused("InstanceRefreshInProgress"):
        scaling.start_instance_refresh(AutoScalingGroupName="web")


def test_a_refresh_without_a_desired_configuration_cannot_be_rolled_back(aws, group):
    scaling = aws.client("autoscaling")
    scaling.start_instance_refresh(AutoScalingGroupName="web")
    with refused("IrreversibleInstanceRefresh"):
        scaling.rollback_instance_refresh(AutoScalingGroupName="web")


def test_a_refresh_that_is_over_cannot_be_rolled_back(aws, group):
    scaling = aws.client("autoscaling")
    wanted = to_version(group, "1")
    scaling.start_instance_refresh(AutoScalingGroupName="web", DesiredConfiguration=wanted)
    aws.advance(400)
    with refused("ActiveInstanceRefreshNotFound"):
        scaling.rollback_instance_refresh(AutoScalingGroupName="web")


def test_a_refresh_rolled_back_leaves_the_version_as_it_was(aws, group):
    scaling = aws.client("autoscaling")
    wanted = to_version(group, "1")
    scaling.start_instance_refresh(AutoScalingGroupName="web", DesiredConfiguration=wanted)
    aws.advance(100)
    scaling.rollback_instance_refresh(AutoScalingGroupName="web")
    assert refreshes(aws) == ["RollbackInProgress"]
    aws.advance(200)
    assert (refreshes(aws), version_of(aws)) == (["RollbackSuccessful"], "2")


def database(aws, *, multi):
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.r5.large",
        Engine="mysql",
        MultiAZ=multi,
        MasterUsername="admin",
        MasterUserPassword="not-a-secret",
        AllocatedStorage=20,
    )


def zones(aws):
    found = aws.client("rds").describe_db_instances()["DBInstances"][0]
    return found["AvailabilityZone"], found.get("SecondaryAvailabilityZone")


def test_a_multi_az_failover_swaps_the_zones_and_says_so(aws):
    database(aws, multi=True)
    assert zones(aws) == ("us-east-1a", "us-east-1b")
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)
    aws.advance(90)
    assert zones(aws) == ("us-east-1b", "us-east-1a")
    events = aws.client("rds").describe_events(SourceIdentifier="db", SourceType="db-instance")
    told = [each["Message"] for each in events["Events"]]
    assert told[-1] == "Multi-AZ instance failover completed"


def test_a_single_az_instance_is_not_failed_over(aws):
    database(aws, multi=False)
    with refused("InvalidParameterCombination"):
        aws.client("rds").reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)


def test_a_cache_fails_over_to_its_replica(aws):
    cache = aws.client("elasticache")
    cache.create_replication_group(
        ReplicationGroupId="redis",
        ReplicationGroupDescription="sessions",
        ReplicasPerNodeGroup=1,
        NumNodeGroups=1,
        AutomaticFailoverEnabled=True,
    )
    cache.test_failover(ReplicationGroupId="redis", NodeGroupId="0001")
    aws.advance(60)
    shards = cache.describe_replication_groups()["ReplicationGroups"][0]["NodeGroups"]
    roles = [each.get("CurrentRole") for each in shards[0]["NodeGroupMembers"]]
    assert roles == ["replica", "primary"]
    assert len(cache.describe_events(SourceIdentifier="redis")["Events"]) == 2


def test_the_trail_names_who_changed_something(aws, group):
    found = aws.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateLaunchTemplate"}]
    )
    assert [each["Username"] for each in found["Events"]] == ["root"]


@pytest.mark.parametrize(("do", "code"), [("throttle", "Throttling"), ("deny", "AccessDenied")])
def test_a_fault_is_answered_in_the_protocol_of_its_service(aws, do, code):
    aws.fault("autoscaling|wafv2", do)
    with refused(code):
        aws.client("autoscaling").describe_auto_scaling_groups()
    with refused(code):
        aws.client("wafv2").list_web_acls(Scope="REGIONAL")


def test_a_call_may_be_carried_out_and_its_answer_lost(aws, group):
    aws.fault("StartInstanceRefresh", "drop_after", times=1)
    with pytest.raises(ConnectionClosedError):
        aws.client("autoscaling").start_instance_refresh(AutoScalingGroupName="web")
    assert refreshes(aws) == ["Pending"]
