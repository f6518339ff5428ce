"""Invalidations against real boto3 and moto: paths that are meant, found again, and no undo."""

import pytest

from bot.domain.catalog import Catalog, Resource
from bot.domain.errors import Refused, VendorRejected
from bot.domain.mitigation import Receipt, Settled, TooEarly, Untouched
from bot.mitigations.purge_cache import PurgeCache
from tests.mitigations.clouds import (
    ATTEMPT,
    INCIDENT,
    PRODUCTION,
    carried_out,
    denied,
    lost,
    plan_of,
    seen,
    tools_of,
)


@pytest.fixture
def site(aws):
    origin = {
        "Id": "s3",
        "DomainName": "demo.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    cached = {
        "TargetOriginId": "s3",
        "ViewerProtocolPolicy": "https-only",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    made = aws.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": cached,
            "Aliases": {"Quantity": 1, "Items": ["learn.demo.example"]},
        }
    )
    return made["Distribution"]["Id"]


@pytest.fixture
def catalog(site):
    resource = Resource(
        name="cloudfront",
        kind="cloudfront",
        environments=("production",),
        identifiers=(("production", site),),
    )
    return Catalog(environments=(PRODUCTION,), resources=(resource,))


@pytest.fixture
def place(catalog):
    return catalog.deployment("cloudfront", "production")


@pytest.fixture
def tools(aws, account, catalog):
    return tools_of(aws, account, catalog)


@pytest.fixture
def purge():
    return PurgeCache(where=frozenset({"production"}))


def test_the_plan_names_the_site_and_every_path(purge, tools, place):
    plan = plan_of(tools, purge, place, "/static/app.js, /courses/*")
    assert [d.what for d in plan.differences] == ["/courses/*", "/static/app.js"]
    assert plan.live_label == "learn.demo.example"
    assert not plan.undoable


def test_everything_is_a_risk_of_its_own(purge, tools, place):
    (offer,) = purge.offers(tools, place, before=None)
    plan = plan_of(tools, purge, place, offer.target)
    assert "everything is fetched anew: the origin has to stand that" in plan.risk_reasons


@pytest.mark.parametrize(
    "target", ["", "courses", "/a b?c", "/a*/b", "/ä", " ".join(f"/{n}" for n in range(16))]
)
def test_what_is_no_path_is_refused(purge, tools, place, target):
    with pytest.raises(Refused):
        plan_of(tools, purge, place, target)


def test_a_purge_is_watched_until_it_is_through(aws, purge, tools, place):
    plan = plan_of(tools, purge, place, "/courses/*")
    receipt = carried_out(tools, purge, plan)
    (call,) = aws.calls("CreateInvalidation")
    assert (call["session"], call["region"]) == (INCIDENT, "us-east-1")
    assert isinstance(purge.verify(tools, plan, receipt), TooEarly)
    assert isinstance(seen(aws, tools, purge, plan, receipt), Settled)


def test_a_missing_right_is_told_plainly(aws, purge, tools, place):
    plan = plan_of(tools, purge, place, "/courses/*")
    why = denied(aws, tools, purge, plan, "CreateInvalidation")
    assert "lacks cloudfront:CreateInvalidation" in why


def test_a_lost_answer_is_found_again_by_its_marker(aws, purge, tools, place):
    plan = plan_of(tools, purge, place, "/courses/*")
    lost(aws, tools, purge, plan, "CreateInvalidation", "drop_after")
    assert isinstance(purge.look(tools, plan, ATTEMPT), Receipt)
    assert isinstance(purge.look(tools, plan, "another.m1.1"), Untouched)


def test_a_lost_request_left_nothing_behind(aws, purge, tools, place):
    plan = plan_of(tools, purge, place, "/courses/*")
    lost(aws, tools, purge, plan, "CreateInvalidation", "drop_before")
    assert isinstance(purge.look(tools, plan, ATTEMPT), Untouched)


def test_a_distribution_that_is_gone_meanwhile_is_sent_nothing(aws, purge, tools, place, site):
    plan = plan_of(tools, purge, place, "/courses/*")
    cloudfront = aws.client("cloudfront")
    tag = cloudfront.get_distribution(Id=site)["ETag"]
    cloudfront.delete_distribution(Id=site, IfMatch=tag)
    with pytest.raises(VendorRejected):
        carried_out(tools, purge, plan)
    assert aws.calls("CreateInvalidation") == []


def test_a_purge_cannot_be_undone(purge, tools, place):
    plan = plan_of(tools, purge, place, "/courses/*")
    with pytest.raises(Refused, match="no undo"):
        purge.undo(tools, plan, None)
