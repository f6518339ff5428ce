"""Failovers of RDS, Aurora and ElastiCache against real boto3 and moto that fails over as AWS does."""

from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Resource
from bot.domain.errors import Refused
from bot.domain.mitigation import Receipt, Risk, Settled, TooEarly, Untouched
from bot.mitigations.failover_database import FailoverDatabase
from tests.mitigations.clouds import (
    INCIDENT,
    PRODUCTION,
    carried_out,
    denied,
    lost,
    plan_of,
    seen,
    tools_of,
)


def resource(name, kind):
    return Resource(
        name=name, kind=kind, environments=("production",), identifiers=(("production", name),)
    )


CATALOG = Catalog(
    environments=(PRODUCTION,),
    resources=(
        resource("mysql", "rds"),
        resource("orders", "aurora"),
        resource("redis", "elasticache"),
    ),
)
MYSQL, ORDERS, REDIS = (CATALOG.deployment(n, "production") for n in ("mysql", "orders", "redis"))


@pytest.fixture
def failover():
    return FailoverDatabase(where=frozenset({"production"}))


@pytest.fixture
def tools(aws, account):
    return tools_of(aws, account, CATALOG)


def instance(aws, name="mysql", *, multi=True, **more):
    account = {"MasterUsername": "admin", "MasterUserPassword": "not-a-secret"}
    if "DBClusterIdentifier" in more:
        account = {}
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r5.large",
        MultiAZ=multi,
        **{"Engine": "mysql", "AllocatedStorage": 20, **account, **more},
    )


@pytest.fixture
def mysql(aws):
    instance(aws)


@pytest.fixture
def orders(aws):
    """An Aurora cluster of one writer and one reader."""
    aws.client("rds").create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="not-a-secret",
    )
    for name in ("orders-1", "orders-2"):
        instance(aws, name, multi=False, Engine="aurora-mysql", DBClusterIdentifier="orders")


@pytest.fixture
def redis(aws):
    aws.client("elasticache").create_replication_group(
        ReplicationGroupId="redis",
        ReplicationGroupDescription="sessions",
        ReplicasPerNodeGroup=1,
        NumNodeGroups=1,
        AutomaticFailoverEnabled=True,
    )


def behind(aws, namespace, name, dimension, value):
    (metric, node) = dimension
    aws.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": metric, "Value": node}],
                "Value": value,
                "Timestamp": aws.now() - timedelta(minutes=2),
            }
        ],
    )


def test_the_plan_says_what_breaks_and_that_there_is_no_way_back(failover, tools, mysql):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    assert plan.interrupts == "every open connection to mysql"
    assert any("1 to 2 minutes" in each for each in plan.steps)
    assert (plan.risk, plan.undoable) == (Risk.HIGH, False)
    assert "there is no way back from it" in plan.risk_reasons


def test_the_same_world_gives_the_same_digest(aws, failover, tools, mysql):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    aws.advance(60)
    assert plan_of(tools, failover, MYSQL, "us-east-1b").digest == plan.digest


def test_a_single_az_instance_is_refused(aws, failover, tools):
    instance(aws, multi=False)
    with pytest.raises(Refused, match="one zone only"):
        failover.offers(tools, MYSQL, before=None)
    with pytest.raises(Refused, match="one zone only"):
        plan_of(tools, failover, MYSQL, "us-east-1b")


def test_a_multi_az_failover_is_seen_through(aws, failover, tools, mysql):
    (offer,) = failover.offers(tools, MYSQL, before=None)
    plan = plan_of(tools, failover, MYSQL, offer.target)
    receipt = carried_out(tools, failover, plan)
    (call,) = aws.calls("RebootDBInstance")
    assert (call["session"], call["parameters"]["ForceFailover"]) == (INCIDENT, "true")
    going = failover.verify(tools, plan, receipt)
    assert isinstance(going, TooEarly)
    assert "rebooting" in going.progress
    done = seen(aws, tools, failover, plan, receipt)
    assert isinstance(done, Settled)
    # From one fixed moment on: recovery is judged over the time since then.
    aws.advance(300)
    assert failover.verify(tools, plan, receipt) == done
    assert done.evidence == (
        "mysql is in us-east-1b; AWS says “Multi-AZ instance failover completed”"
    )


def test_a_database_that_moved_meanwhile_is_left_alone(aws, failover, tools, mysql):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier="mysql", ForceFailover=True)
    with pytest.raises(Refused, match="is rebooting now"):
        carried_out(tools, failover, plan)
    aws.advance(90)
    with pytest.raises(Refused, match="The world moved"):
        carried_out(tools, failover, plan)


def test_a_missing_right_is_told_plainly(aws, failover, tools, mysql):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    assert "lacks rds:RebootDBInstance" in denied(aws, tools, failover, plan, "RebootDBInstance")


@pytest.mark.parametrize("later", [0, 90])
def test_a_lost_answer_is_found_again(aws, failover, tools, mysql, later):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    lost(aws, tools, failover, plan, "RebootDBInstance", "drop_after")
    aws.advance(later)
    assert isinstance(failover.look(tools, plan, "a"), Receipt)


def test_a_lost_request_left_nothing_behind(aws, failover, tools, mysql):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    lost(aws, tools, failover, plan, "RebootDBInstance", "drop_before")
    assert isinstance(failover.look(tools, plan, "a"), Untouched)


def test_it_cannot_be_undone(failover, tools, mysql):
    plan = plan_of(tools, failover, MYSQL, "us-east-1b")
    receipt = carried_out(tools, failover, plan)
    with pytest.raises(Refused, match="no undo"):
        failover.undo(tools, plan, receipt)


def test_an_aurora_cluster_moves_its_writer(aws, failover, tools, orders):
    behind(aws, "AWS/RDS", "AuroraReplicaLag", ("DBInstanceIdentifier", "orders-2"), 20)
    (offer,) = failover.offers(tools, ORDERS, before=None)
    assert (offer.label, offer.message) == (
        "orders-2 writes",
        "healthy, 0 s behind, in us-east-1a",
    )
    plan = plan_of(tools, failover, ORDERS, "orders-2")
    receipt = carried_out(tools, failover, plan)
    done = seen(aws, tools, failover, plan, receipt)
    assert isinstance(done, Settled)
    assert "orders-2 writes" in done.evidence


def test_a_cluster_without_a_reader_is_refused(aws, failover, tools):
    aws.client("rds").create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="not-a-secret",
    )
    instance(aws, "orders-1", multi=False, Engine="aurora-mysql", DBClusterIdentifier="orders")
    with pytest.raises(Refused, match="no reader that could take over"):
        plan_of(tools, failover, ORDERS, "orders-2")


def test_a_replica_far_behind_is_refused(aws, failover, tools, orders):
    behind(aws, "AWS/RDS", "AuroraReplicaLag", ("DBInstanceIdentifier", "orders-2"), 90_000)
    with pytest.raises(Refused, match="90 s behind"):
        plan_of(tools, failover, ORDERS, "orders-2")


def test_a_replica_a_little_behind_is_a_reason_of_risk(aws, failover, tools, redis):
    behind(aws, "AWS/ElastiCache", "ReplicationLag", ("CacheClusterId", "redis-0001-002"), 9)
    behind(aws, "AWS/ElastiCache", "ReplicationLag", ("CacheClusterId", "redis-002"), 9)
    plan = plan_of(tools, failover, REDIS, "0001")
    assert "the replica is 9 s behind" in plan.risk_reasons


def test_a_cache_promotes_a_replica(aws, failover, tools, redis):
    plan = plan_of(tools, failover, REDIS, "0001")
    assert "how far the replica is behind could not be read" in plan.risk_reasons
    receipt = carried_out(tools, failover, plan)
    done = seen(aws, tools, failover, plan, receipt)
    assert isinstance(done, Settled)
    assert "Failover to replica of node group 0001 completed" in done.evidence


def test_a_cache_without_automatic_failover_is_refused(aws, failover, tools):
    aws.client("elasticache").create_replication_group(
        ReplicationGroupId="redis",
        ReplicationGroupDescription="sessions",
        ReplicasPerNodeGroup=1,
        NumNodeGroups=1,
        AutomaticFailoverEnabled=False,
    )
    with pytest.raises(Refused, match="automatic failover is not enabled"):
        plan_of(tools, failover, REDIS, "0001")


def test_what_no_standby_is_called_is_refused(failover, tools, mysql):
    with pytest.raises(Refused, match="could not take over"):
        plan_of(tools, failover, MYSQL, "eu-west-1a")


def test_it_fits_only_what_has_a_standby(failover):
    assert failover.fits(MYSQL)
    waf = Resource(name="waf", kind="waf", environments=("production",))
    other = Catalog(resources=(waf,)).deployment("waf", "production")
    assert not failover.fits(other)
