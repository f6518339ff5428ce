"""How databases and caches are doing, read by real boto3 from moto."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.errors import Refused
from bot.integrations.aws.account import Account
from tests.cloud import Cloud
from tests.integrations.aws.numbers import condition, counted


def instance(aws: Cloud, name: str = "mysql", **more: Any) -> None:
    given = {
        "DBInstanceClass": "db.r5.4xlarge",
        "Engine": "mysql",
        "AllocatedStorage": 100,
        "MasterUsername": "admin",
        "MasterUserPassword": "not-a-secret",
        "MultiAZ": True,
        **more,
    }
    aws.client("rds").create_db_instance(DBInstanceIdentifier=name, **given)


def of(name: str) -> dict[str, str]:
    return {"DBInstanceIdentifier": name}


def test_a_database_that_runs_out_of_connections_is_ill(aws: Cloud, account: Account) -> None:
    instance(aws)
    numbers = {"DatabaseConnections": 4790, "CPUUtilization": 93.2, "FreeStorageSpace": 50 * 2**30}
    counted(aws, "AWS/RDS", of("mysql"), **numbers)
    found = condition(account, "rds", "mysql", max_connections="5000")
    assert found.ills == ("4,790 of 5,000 connections (db.r5.4xlarge, catalog)", "CPU 93%")
    assert "50 GiB free" in str(found)


def test_without_a_word_of_the_catalog_the_limit_is_the_default_of_the_class(
    aws: Cloud, account: Account
) -> None:
    instance(aws)
    counted(aws, "AWS/RDS", of("mysql"), DatabaseConnections=4790)
    found = condition(account, "rds", "mysql")
    assert found.ills == ()
    assert str(found) == "4,790 of 10,922 connections (default of db.r5.4xlarge)"


def test_the_newest_number_counts(aws: Cloud, account: Account) -> None:
    instance(aws)
    counted(aws, "AWS/RDS", of("mysql"), CPUUtilization=99)
    aws.advance(120)
    counted(aws, "AWS/RDS", of("mysql"), CPUUtilization=20)
    assert str(condition(account, "rds", "mysql")) == "CPU 20%"


def test_a_replica_that_is_behind_is_told_by_the_one_it_follows(
    aws: Cloud, account: Account
) -> None:
    instance(aws)
    aws.client("rds").create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="mysql"
    )
    counted(aws, "AWS/RDS", of("copy"), ReplicaLag=45)
    assert condition(account, "rds", "mysql").ills == ("replica 45 s behind",)


def test_a_failover_is_told_while_it_runs_and_for_an_hour_after(
    aws: Cloud, account: Account
) -> None:
    instance(aws)
    counted(aws, "AWS/RDS", of("mysql"), CPUUtilization=20)
    aws.client("rds").reboot_db_instance(DBInstanceIdentifier="mysql", ForceFailover=True)
    status, started = condition(account, "rds", "mysql").ills
    assert status == "it is rebooting"
    assert started.startswith("Multi-AZ instance failover started at ")
    aws.advance(61)
    (over,) = condition(account, "rds", "mysql").ills
    assert over.startswith("failed over at ")
    aws.advance(3700)
    assert condition(account, "rds", "mysql").ills == ()


def test_a_database_without_numbers_is_not_called_well(aws: Cloud, account: Account) -> None:
    instance(aws)
    found = condition(account, "rds", "mysql")
    assert found.unseen == ("CloudWatch has no numbers of it",)


def test_an_aurora_cluster_is_its_writer_and_the_last_of_its_readers(
    aws: Cloud, account: Account
) -> None:
    rds = aws.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="not-a-secret",
    )
    for name in ("orders-1", "orders-2"):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.r5.large",
            Engine="aurora-mysql",
            DBClusterIdentifier="orders",
        )
    counted(aws, "AWS/RDS", of("orders-1"), DatabaseConnections=1000, CPUUtilization=30)
    counted(aws, "AWS/RDS", of("orders-2"), AuroraReplicaLag=41_000)
    found = condition(account, "aurora", "orders")
    assert found.ills == (
        "1,000 of 1,069 connections (default of db.r5.large)",
        "replica 41 s behind",
    )
    assert "2 of 2 nodes in service" in [str(each) for each in found.vitals]


def redis(aws: Cloud) -> None:
    aws.client("elasticache").create_replication_group(
        ReplicationGroupId="redis",
        ReplicationGroupDescription="sessions",
        CacheNodeType="cache.r5.large",
        Engine="redis",
        NumNodeGroups=1,
        ReplicasPerNodeGroup=2,
        AutomaticFailoverEnabled=True,
    )


def nodes(aws: Cloud) -> list[str]:
    shown = aws.client("elasticache").describe_replication_groups(ReplicationGroupId="redis")
    (shard,) = shown["ReplicationGroups"][0]["NodeGroups"]
    return [each["CacheClusterId"] for each in shard["NodeGroupMembers"]]


def test_a_cache_is_as_ill_as_its_fullest_node(aws: Cloud, account: Account) -> None:
    redis(aws)
    for name, memory in zip(nodes(aws), (52, 98, 60), strict=True):
        numbers = {"DatabaseMemoryUsagePercentage": memory, "Evictions": memory * 10}
        counted(aws, "AWS/ElastiCache", {"CacheClusterId": name}, **numbers)
    found = condition(account, "elasticache", "redis")
    assert found.ills == ("memory 98%", "196 evictions a minute")
    assert "3 of 3 nodes in service" in str(found)


def test_a_cache_with_fewer_nodes_than_the_catalog_says_is_ill(
    aws: Cloud, account: Account
) -> None:
    redis(aws)
    for name in nodes(aws):
        counted(aws, "AWS/ElastiCache", {"CacheClusterId": name}, CurrConnections=500)
    found = condition(account, "elasticache", "redis", nodes="6")
    assert found.ills == ("3 of 6 nodes in service",)
    assert "500 of 65,000 connections" in str(found)


def test_a_failover_of_a_cache_is_told(aws: Cloud, account: Account) -> None:
    redis(aws)
    counted(aws, "AWS/ElastiCache", {"CacheClusterId": nodes(aws)[0]}, CurrConnections=5)
    aws.client("elasticache").test_failover(ReplicationGroupId="redis", NodeGroupId="0001")
    assert "it is modifying" in condition(account, "elasticache", "redis").ills
    aws.advance(40)
    (over,) = condition(account, "elasticache", "redis").ills
    assert over.startswith("failed over at ")


def test_a_store_that_the_account_does_not_have_is_refused(aws: Cloud, account: Account) -> None:
    with pytest.raises(Refused, match="do not agree"):
        condition(account, "rds", "nowhere")
