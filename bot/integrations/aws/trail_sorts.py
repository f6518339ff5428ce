"""Which calls are changes worth a suspicion, of what kind, and where they name what they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.change import ChangeKind
from bot.integrations.aws.trail_events import Event
from bot.integrations.aws.trail_places import Known

BALANCING, FIREWALL, DNS = "elasticloadbalancing", "wafv2", "route53"
EDGE_SERVICES = frozenset((DNS, "cloudfront", FIREWALL))
"""What is steered from one region for all of the world."""
_UNSAID = {"clientRequestToken", "clientToken", "ifMatch", "lockToken", "callerReference"}


@dataclass(frozen=True, kw_only=True)
class Sort:
    """`named`: the parameters that hold the name; `of`: the kinds of resource it can be."""

    kind: ChangeKind
    named: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    shared: bool = False
    """Everybody stands on it: then it is told even where the catalog does not know it."""


@dataclass(frozen=True, kw_only=True)
class _Thing:
    named: str
    of: str = ""
    shared: bool = False


_BALANCER = _Thing(
    named="ruleArn listenerArn loadBalancerArn targetGroupArn", of="load-balancer", shared=True
)
_WALL = _Thing(named="name", of="waf", shared=True)
_ZONE = _Thing(named="hostedZoneId", of="route53", shared=True)
_DISTRIBUTION = _Thing(named="id distributionId", of="cloudfront", shared=True)
_DATABASE = _Thing(named="dBInstanceIdentifier dBClusterIdentifier", of="rds")
_CACHE = _Thing(named="replicationGroupId cacheClusterId", of="elasticache")
_SEARCH = _Thing(named="domainName", of="elasticsearch opensearch")
_NODES = _Thing(named="nodegroupName", of="nodegroup", shared=True)
_CLUSTER = _Thing(named="name clusterName", of="eks-cluster", shared=True)
_GROUP = _Thing(named="autoScalingGroupName")
_TEMPLATE = _Thing(named="launchTemplateId launchTemplateName")
_FLAGS = _Thing(named="applicationId", of="appconfig")

_ROWS = (
    (
        f"{BALANCING}:ModifyRule ModifyListener CreateRule DeleteRule SetRulePriorities"
        " CreateListener DeleteListener ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets"
        " ModifyTargetGroup ModifyTargetGroupAttributes",
        ChangeKind.CONFIG,
        _BALANCER,
    ),
    (f"{FIREWALL}:UpdateWebACL UpdateIPSet UpdateRuleGroup", ChangeKind.WAF, _WALL),
    (f"{FIREWALL}:AssociateWebACL DisassociateWebACL DeleteWebACL", ChangeKind.WAF, _WALL),
    (f"{DNS}:ChangeResourceRecordSets", ChangeKind.CONFIG, _ZONE),
    ("cloudfront:UpdateDistribution", ChangeKind.CONFIG, _DISTRIBUTION),
    ("cloudfront:CreateInvalidation", ChangeKind.PURGE, _DISTRIBUTION),
    ("rds:ModifyDBInstance ModifyDBCluster", ChangeKind.CONFIG, _DATABASE),
    ("rds:FailoverDBCluster PromoteReadReplica", ChangeKind.FAILOVER, _DATABASE),
    ("rds:RebootDBInstance StartDBInstance StopDBInstance", ChangeKind.RESTART, _DATABASE),
    ("rds:DeleteDBInstance DeleteDBCluster", ChangeKind.INFRA, _DATABASE),
    ("elasticache:ModifyReplicationGroup ModifyCacheCluster", ChangeKind.CONFIG, _CACHE),
    ("elasticache:TestFailover", ChangeKind.FAILOVER, _CACHE),
    ("elasticache:RebootCacheCluster", ChangeKind.RESTART, _CACHE),
    ("elasticache:IncreaseReplicaCount DecreaseReplicaCount", ChangeKind.SCALE, _CACHE),
    ("elasticache:ModifyReplicationGroupShardConfiguration", ChangeKind.SCALE, _CACHE),
    ("es:UpdateDomainConfig UpdateElasticsearchDomainConfig", ChangeKind.CONFIG, _SEARCH),
    ("eks:UpdateNodegroupConfig", ChangeKind.SCALE, _NODES),
    ("eks:UpdateNodegroupVersion DeleteNodegroup", ChangeKind.INFRA, _NODES),
    ("eks:UpdateClusterConfig UpdateClusterVersion UpdateAddon", ChangeKind.INFRA, _CLUSTER),
    ("autoscaling:StartInstanceRefresh RollbackInstanceRefresh", ChangeKind.AMI, _GROUP),
    ("autoscaling:UpdateAutoScalingGroup SetDesiredCapacity", ChangeKind.SCALE, _GROUP),
    ("autoscaling:SuspendProcesses ResumeProcesses", ChangeKind.SCALE, _GROUP),
    ("ec2:CreateLaunchTemplateVersion ModifyLaunchTemplate", ChangeKind.AMI, _TEMPLATE),
    ("appconfig:StartDeployment StopDeployment", ChangeKind.FLAG, _FLAGS),
)
SORTS: Mapping[str, Sort] = {
    f"{names.partition(':')[0]}:{name}": Sort(
        kind=kind,
        named=tuple(thing.named.split()),
        of=tuple(thing.of.split()),
        shared=thing.shared,
    )
    for names, kind, thing in _ROWS
    for name in names.partition(":")[2].split()
}
"""By source and name; a call that is not here is none of those that set off incidents."""


def where(event: Event, sort: Sort, known: Known) -> str:
    """The service or resource of the catalog; empty where that is not known."""
    named = [event.text(each) for each in sort.named]
    match event.service:
        case "autoscaling":
            return known.group(named[0])
        case "ec2":
            return known.of_template(*named)
        case "appconfig":
            return known.resource(sort.of, flags(event))
        case "eks":
            pool, cluster = event.text("nodegroupName"), event.text("clusterName", "name")
            pools = (pool, f"{cluster}-{pool}", f"{cluster}/{pool}") if pool else ()
            return known.resource(sort.of, *(pools or (cluster,)))
        case service if service == BALANCING:
            return known.resource(sort.of, *(_balancer(each) for each in named))
        case service if service == FIREWALL:
            return known.wall(event.text("name"), event.text("scope"))
        case service if service == DNS:
            return known.resource(sort.of, zone(event))
    return known.resource(sort.of, *named)


def flags(event: Event) -> str:
    """As the catalog names them: `<application>/<environment>/<profile>`."""
    parts = ("applicationId", "environmentId", "configurationProfileId")
    return "/".join(event.text(each) for each in parts)


def zone(event: Event) -> str:
    return event.text("hostedZoneId").rpartition("/")[2]


def object_of(event: Event, sort: Sort) -> str:
    """What AWS calls it, short enough to be read."""
    if event.service == "appconfig":
        return flags(event)
    found = next((event.text(each) for each in sort.named if event.text(each)), "")
    return _balancer(found) or found.rpartition("/")[2] or found


def fields(event: Event, sort: Sort) -> tuple[str, ...]:
    """What was set, in words, the name of the thing itself left out."""
    skipped = {*sort.named, *_UNSAID}
    return tuple(
        f"{name} {value}"
        for name, value in sorted(event.asked.items())
        if name not in skipped and isinstance(value, str | int | float | bool)
    )


def _balancer(arn: str) -> str:
    """`…:listener-rule/app/<name>/…`, and the same of a listener and of the balancer itself."""
    parts = arn.rpartition(":")[2].split("/")
    for kind in ("app", "net", "gwy"):
        if kind in parts[:-1]:
            return parts[parts.index(kind) + 1]
    return ""
