"""Puts the demo platform's account together: load balancer, firewall, flags, data stores, a cluster."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.appconfig.models import appconfig_backends

from sandbox.aws.fleet import GROUPS
from sandbox.aws.moment import MOMENT

ACCOUNT = os.environ.get("MOTO_ACCOUNT_ID", "123456789012")
REGION = "us-east-1"
ACL = {"Name": "prod-web-acl", "Scope": "CLOUDFRONT"}
RULE_PATHS = {"body-size": "waf.body_size"}
"""By the name of a firewall rule: the world's path of what it does."""
FLAGS = ("platform", "production", "learner-flags")
"""Application, environment and profile, as the catalog names them."""
SPLITS = {"forums": 10, "discovery": 50, "submission-queue": 90}
"""By service: the percent of its traffic that EKS gets on a quiet day."""
TARGETS = 4
CLUSTER = "prod-eks-1"

Client = Callable[[str], Any]


@dataclass(frozen=True, kw_only=True)
class Built:
    """What is found again by it; `rules` by service."""

    rules: dict[str, str]
    acl: str
    database: str


def build(client: Client) -> Built:
    """In an account that is empty."""
    rules = _traffic(client)
    acl = _firewall(client("wafv2"))
    _flags(client("appconfig"))
    _stores(client)
    _cluster(client("eks"))
    MOMENT.advance(3600)
    MOMENT.advance(-3600)
    return Built(rules=rules, acl=acl, database="prod-mysql-1")


def _traffic(client: Client) -> dict[str, str]:
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    nets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{z}")
        for n, z in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(
        Name="prod-alb-1", Subnets=[each["Subnet"]["SubnetId"] for each in nets]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Port=443,
        Protocol="HTTP",
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    return {
        service: _rule(client, listener, vpc, service, priority)
        for priority, service in enumerate(SPLITS, start=10)
    }


def _rule(client: Client, listener: str, vpc: str, service: str, priority: int) -> str:
    sides = [_group(client, vpc, f"{service}-{side}") for side in ("ec2", "eks")]
    share = SPLITS[service]
    weights = [
        {"TargetGroupArn": arn, "Weight": weight}
        for arn, weight in zip(sides, (100 - share, share), strict=True)
    ]
    made = client("elbv2").create_rule(
        ListenerArn=listener,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "Values": [f"/{service}/*"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )
    return str(made["Rules"][0]["RuleArn"])


def _group(client: Client, vpc: str, name: str) -> str:
    made = client("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    found = client("ec2").run_instances(ImageId="ami-demo", MinCount=TARGETS, MaxCount=TARGETS)
    targets = [{"Id": each["InstanceId"]} for each in found["Instances"]]
    client("elbv2").register_targets(TargetGroupArn=arn, Targets=targets)
    return arn


def _firewall(waf: Any) -> str:
    rules = [
        _managed("common", "AWSManagedRulesCommonRuleSet", 1),
        _managed("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet", 2),
        _managed("bot-control", "AWSManagedRulesBotControlRuleSet", 3),
        {
            "Name": "body-size",
            "Priority": 4,
            "Statement": {
                "SizeConstraintStatement": {
                    "FieldToMatch": {"Body": {"OversizeHandling": "MATCH"}},
                    "ComparisonOperator": "GT",
                    "Size": 16384,
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                }
            },
            "Action": {"Count": {}},
            "VisibilityConfig": _seen("body-size"),
        },
    ]
    made = waf.create_web_acl(
        Name=ACL["Name"],
        Scope=ACL["Scope"],
        DefaultAction={"Allow": {}},
        Description="in front of everything",
        VisibilityConfig=_seen("acl"),
        Rules=rules,
    )
    return str(made["Summary"]["Id"])


def _managed(name: str, group: str, priority: int) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": _seen(name),
    }


def _seen(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def _flags(config: Any) -> None:
    """Ids are drawn by moto: they are exchanged for those of the catalog."""
    application, environment, profile = FLAGS
    app = config.create_application(Name="platform")["Id"]
    made = config.create_configuration_profile(
        ApplicationId=app,
        Name="learner-flags",
        LocationUri="hosted",
        Type="AWS.AppConfig.FeatureFlags",
    )["Id"]
    inside = appconfig_backends[ACCOUNT][REGION]
    held: Any = inside.applications.pop(app)
    held.id = application
    inside.applications[application] = held
    flags = held.config_profiles.pop(made)
    flags.id, flags.application_id = profile, application
    held.config_profiles[profile] = flags
    content = {
        "version": "1",
        "flags": {
            "session_blob_v2": {"name": "New session format"},
            "cohort_banner": {"name": "Cohort banner"},
        },
        "values": {"session_blob_v2": {"enabled": False}, "cohort_banner": {"enabled": True}},
    }
    version = config.create_hosted_configuration_version(
        ApplicationId=application,
        ConfigurationProfileId=profile,
        Content=json.dumps(content).encode(),
        ContentType="application/json",
    )
    config.start_deployment(
        ApplicationId=application,
        EnvironmentId=environment,
        DeploymentStrategyId="AppConfig.AllAtOnce",
        ConfigurationProfileId=profile,
        ConfigurationVersion=str(version["VersionNumber"]),
    )


def _stores(client: Client) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier="prod-mysql-1",
        DBInstanceClass="db.r5.4xlarge",
        Engine="mysql",
        EngineVersion="8.0",
        AllocatedStorage=100,
        MasterUsername="demo",
        MasterUserPassword="not-a-secret",
        MultiAZ=True,
        AvailabilityZone=f"{REGION}a",
    )
    client("elasticache").create_replication_group(
        ReplicationGroupId="prod-redis-1",
        ReplicationGroupDescription="sessions, caches and queues",
        CacheNodeType="cache.r5.2xlarge",
        Engine="redis",
        NumNodeGroups=1,
        ReplicasPerNodeGroup=5,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
    )
    client("opensearch").create_domain(
        DomainName="prod-es-1",
        EngineVersion="Elasticsearch_7.10",
        ClusterConfig={
            "InstanceType": "i3.2xlarge.search",
            "InstanceCount": 54,
            "DedicatedMasterEnabled": True,
            "DedicatedMasterCount": 3,
        },
    )


def _cluster(eks: Any) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/eks"
    eks.create_cluster(name=CLUSTER, roleArn=role, resourcesVpcConfig={"subnetIds": []})
    for group in GROUPS:
        eks.create_nodegroup(
            clusterName=CLUSTER,
            nodegroupName=group.name,
            nodeRole=role,
            subnets=["subnet-demo"],
            scalingConfig={
                "minSize": group.nodes // 2,
                "desiredSize": group.nodes,
                "maxSize": group.nodes * 2,
            },
        )
