"""Holds what we ship to what it promises: the whole platform and nothing that leads nowhere."""

from collections import Counter
from pathlib import Path

import pytest

from bot.config import Config, load
from bot.configuration.entities import ANNOTATIONS
from bot.domain.catalog import Catalog, Kind, MigrationStage

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def config() -> Config:
    """Loading raises on any reference that leads nowhere."""
    return load(
        {
            "TOCSIN_CATALOG": str(ROOT / "catalog"),
            "TOCSIN_RUNBOOKS": str(ROOT / "runbooks"),
            "TOCSIN_TEMPLATES": str(ROOT / "templates"),
        }
    )


@pytest.fixture(scope="module")
def catalog(config: Config) -> Catalog:
    return config.catalog


def test_there_are_fifty_services_with_their_workers_and_jobs(catalog):
    counted = Counter(service.kind for service in catalog.services)
    assert counted[Kind.SERVICE] + counted[Kind.WEBSITE] == 50
    assert counted[Kind.WORKER] >= 20
    assert counted[Kind.JOB] >= 30


@pytest.mark.parametrize(
    "name",
    [
        "lms",
        "cms",
        "ecommerce",
        "discovery",
        "credentials",
        "notes",
        "forums",
        "analytics",
        "grading",
    ],
)
def test_every_named_service_is_there_and_can_be_rolled_back(catalog, name):
    deployment = catalog.deployment(name, "production")
    assert deployment is not None
    assert (deployment.app, deployment.project) == (name, "platform")
    assert deployment.image == f"registry.demo.example/{name}"


@pytest.mark.parametrize(
    ("name", "kind", "spec"),
    [
        ("rds-mysql", "rds", {"instance": "db.r5.4xlarge", "multi_az": "yes"}),
        ("elasticache-redis", "elasticache", {"instance": "cache.r5.2xlarge", "nodes": "6"}),
        ("elasticsearch", "elasticsearch", {"instance": "i3.2xlarge", "nodes": "54"}),
        ("s3", "s3", {"size": "petabytes"}),
        ("nodegroup-general", "nodegroup", {"instance": "m5.2xlarge", "nodes": "20"}),
        ("nodegroup-compute", "nodegroup", {"instance": "c5.4xlarge", "nodes": "10"}),
        ("nodegroup-memory", "nodegroup", {"instance": "r5.2xlarge", "nodes": "10"}),
        ("route53", "route53", {}),
        ("cloudfront", "cloudfront", {}),
        ("waf", "waf", {}),
        ("argocd", "argocd", {}),
        ("new-relic", "observability", {}),
        ("cloudwatch", "observability", {}),
    ],
)
def test_every_system_of_the_platform_is_there_with_its_size(catalog, name, kind, spec):
    resource = catalog.resource(name)
    assert resource is not None
    assert resource.kind == kind
    assert spec.items() <= dict(resource.spec).items()


def test_users_reach_the_lms_studio_and_the_legacy_services_through_the_firewall(catalog):
    behind = {each.name for each in catalog.dependants("waf") if each.distance == 1}
    assert {"lms", "cms", "legacy-discovery", "legacy-forums"} <= behind
    path = [each.name for each in catalog.dependencies("waf")]
    assert "cloudfront" in path
    assert "route53" in path


def test_the_lms_stands_on_its_three_data_stores_and_studio_on_s3(catalog):
    lms, cms = catalog.service("lms"), catalog.service("cms")
    assert lms is not None
    assert cms is not None
    assert {"rds-mysql", "elasticache-redis", "elasticsearch"} <= set(lms.depends_on)
    assert "s3" in cms.depends_on


def test_the_five_objectives_are_there_and_latency_has_no_budget(catalog):
    assert {each.name: each.target for each in catalog.journeys} == {
        "lms-availability": pytest.approx(0.999),
        "api-latency": None,
        "video-delivery": pytest.approx(0.9995),
        "authentication": pytest.approx(0.9999),
        "enrollment": pytest.approx(0.999),
    }


@pytest.mark.parametrize(
    ("journey", "members"),
    [
        ("video-delivery", {"cloudfront", "s3", "lms"}),
        ("authentication", {"lms", "rds-mysql", "elasticache-redis"}),
        ("enrollment", {"lms", "ecommerce", "discovery", "rds-mysql"}),
    ],
)
def test_a_journey_has_its_members(catalog, journey, members):
    assert members <= set(catalog.journey(journey).members)


def test_every_migration_stage_is_held_by_something(catalog):
    assert {each.migration for each in catalog.services if each.migration} == set(MigrationStage)


def test_every_service_has_a_stage(catalog):
    without = [
        each.name
        for each in catalog.services
        if each.kind not in (Kind.WORKER, Kind.JOB) and each.migration is None
    ]
    assert without == []


def test_a_decommissioned_group_is_deployed_nowhere(catalog):
    gone = catalog.service("legacy-credentials")
    assert gone is not None
    assert gone.deployments == ()


def test_everything_that_pages_has_its_own_pagerduty_service(catalog):
    without = [each.name for each in catalog.services if not each.pagerduty]
    assert without == []
    pagers = [
        pager for each in (*catalog.services, *catalog.resources) for _, pager in each.pagerduty
    ]
    assert Counter(pagers).most_common(1)[0][1] == 1


def test_pagerduty_services_are_named_after_ours(catalog):
    for service in catalog.services:
        plain = "P" + service.name.upper().replace("-", "")
        assert service.pagerduty_in("production") == plain
        assert service.pagerduty_in("staging") in (f"{plain}STG", None)


def test_a_staging_page_of_any_service_stays_in_staging(catalog):
    for service in catalog.services:
        if pager := service.pagerduty_in("staging"):
            found = catalog.match_page(pager, {"title": "errors"})
            assert found is not None
            assert (found.service, found.environment) == (service.name, "staging")


@pytest.mark.parametrize(
    ("pager", "title", "service"),
    [
        ("PLMS", "LMS error rate above 5%", "lms"),
        ("PLMS", "Celery queue length over 100000", "lms-worker-default"),
        ("PLMS", "Logins fail for 12% of learners", "identity"),
        ("PCLOUDWATCH", "prod-mysql-1 DatabaseConnections high", "rds-mysql"),
        ("PCLOUDWATCH", "elasticache evictions", "elasticache-redis"),
        ("PCLOUDWATCH", "CloudFront 5xxErrorRate", "cloudfront"),
    ],
)
def test_the_shipped_rules_send_a_page_where_it_belongs(catalog, pager, title, service):
    found = catalog.match_page(pager, {"title": title})
    assert found is not None
    assert (found.service, found.environment) == (service, "production")


def test_only_production_is_production_and_every_environment_has_its_own_argo_cd(catalog):
    assert [each.name for each in catalog.environments if each.production] == ["production"]
    addresses = [each.argocd_url for each in catalog.environments]
    assert len(set(addresses)) == len(addresses) == 3


def test_every_owner_has_an_escalation_policy_and_a_channel(catalog):
    assert [
        team.name for team in catalog.teams if not (team.escalation_policy and team.slack_channel)
    ] == []


def test_terraform_is_there_as_drawn(catalog):
    modules = {each.name: set(each.environments) for each in catalog.modules}
    assert len(modules) == 10
    assert modules["eks-cluster"] == modules["vpc"] == {"production", "staging", "sandbox"}
    assert modules["rds-mysql"] == {"production", "staging"}
    used = {each.terraform_module for each in (*catalog.resources, *catalog.services)} - {""}
    assert used <= set(modules)


def test_the_demo_people_are_known(catalog):
    ana = catalog.person_by_slack("U01ANA")
    assert ana is not None
    assert (ana.pagerduty, ana.team) == ("PUANA", "team-lms")
    assert catalog.person_by_slack("U07GUS").guest


def test_the_shipped_policy_lets_a_responder_act_alone_in_staging(config):
    assert not config.policy.approvals("staging", 1, "rollback", "high").wants_another
    assert config.policy.approvals("production", 1, "rollback", "high").wants_another
    assert not config.policy.approvals("production", 1, "rollback", "low").wants_another


def test_every_annotation_that_we_read_is_explained():
    explained = (ROOT / "catalog" / "README.md").read_text()
    assert [name for name in ANNOTATIONS if name not in explained] == []
