"""What is configured is put together: who is asked what changed, in which environment."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.config import load
from bot.flow.triage import ERRORS
from bot.integrations.clock import SystemClock
from bot.slack.directory import CatalogDirectory
from bot.vendors import vendors
from bot.wiring import tools

WAFFLE = """\
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: lms-flags
  annotations: {tocsin.dev/identifier.production: lms/lms-flags}
spec: {type: waffle, owner: team-lms}
"""
ROLE = "arn:aws:iam::111111111111:role/tocsin"


@pytest.fixture
def asked(tmp_path: Path):
    """The names of those who are asked, by environment."""

    def found(**environ: str) -> dict[str, list[str]]:
        config = load({"TOCSIN_DATA_DIR": str(tmp_path), **environ})
        known = vendors(config, SystemClock())
        timeline: Any = None
        directory = CatalogDirectory(config.catalog)
        made = tools(config, known, timeline, time=SystemClock(), directory=directory)
        return {
            place: [each.name for each in sources]
            for place, sources in made.change_sources.items()
        }

    return found


def test_nobody_is_asked_where_nothing_is_configured(asked):
    assert asked() == {}


def test_an_account_is_asked_by_its_trail_and_by_its_rollouts(asked):
    found = asked(AWS_PRODUCTION_ROLE_ARN=ROLE)
    assert found == {"production": ["AWS", "CloudTrail", "AppConfig"]}


def test_the_code_of_terraform_is_asked_wherever_a_module_is_used(asked, tmp_path):
    found = asked(TERRAFORM_REPO=str(tmp_path), AWS_PRODUCTION_ROLE_ARN=ROLE)
    assert found["production"][-1] == "Terraform"
    assert found["staging"] == found["sandbox"] == ["Terraform"]


def test_whoever_is_told_of_changes_is_asked_in_every_environment(asked):
    found = asked(
        CHANGES_WEBHOOK_SECRETS="a-secret",
        PAGERDUTY_API_TOKEN="pd-demo-token",
        PAGERDUTY_FROM_EMAIL="tocsin@demo.example",
        PAGERDUTY_WEBHOOK_SECRETS="another-secret",
        NEWRELIC_API_KEY="nr-demo-key",
        NEWRELIC_ACCOUNT_ID="1234567",
        AWS_PRODUCTION_ROLE_ARN=ROLE,
    )
    told = ["change webhook", "PagerDuty", "New Relic changes"]
    assert found["production"] == ["AWS", "CloudTrail", "AppConfig", *told]
    assert found["staging"] == found["sandbox"] == told


def test_no_two_are_asked_under_one_name_nor_under_that_of_who_tells_the_errors(asked):
    found = asked(
        CHANGES_WEBHOOK_SECRETS="a-secret",
        PAGERDUTY_API_TOKEN="pd-demo-token",
        PAGERDUTY_FROM_EMAIL="tocsin@demo.example",
        PAGERDUTY_WEBHOOK_SECRETS="another-secret",
        NEWRELIC_API_KEY="nr-demo-key",
        NEWRELIC_ACCOUNT_ID="1234567",
        AWS_PRODUCTION_ROLE_ARN=ROLE,
    )["production"]
    assert len(set(found)) == len(found)
    assert ERRORS not in found


def test_a_cluster_in_which_flags_are_listed_is_asked_how_they_changed(asked, tmp_path):
    shipped = Path(__file__).parents[1] / "catalog"
    shutil.copytree(shipped, tmp_path / "catalog")
    (tmp_path / "catalog" / "lms-flags.yaml").write_text(WAFFLE)
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}")
    found = asked(
        TOCSIN_CATALOG=str(tmp_path / "catalog"),
        KUBECONFIG_PRODUCTION=str(kubeconfig),
        KUBECONFIG_STAGING=str(kubeconfig),
    )
    assert "waffle" in found["production"]
    assert "waffle" not in found["staging"]


def test_a_further_cluster_is_asked_of_its_environment_and_runs_nothing_of_its_own(tmp_path):
    shipped = Path(__file__).parents[1] / "catalog"
    shutil.copytree(shipped, tmp_path / "catalog")
    places = tmp_path / "catalog" / "environments.yaml"
    first = "      kubeconfig_variable: KUBECONFIG_PRODUCTION\n"
    eu = "      more:\n        eu: {kubeconfig_variable: KUBECONFIG_PRODUCTION_EU}\n"
    places.write_text(places.read_text().replace(first, first + eu))
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}")
    config = load(
        {
            "TOCSIN_DATA_DIR": str(tmp_path),
            "TOCSIN_CATALOG": str(tmp_path / "catalog"),
            "KUBECONFIG_PRODUCTION": str(kubeconfig),
            "KUBECONFIG_PRODUCTION_EU": str(kubeconfig),
        }
    )
    timeline: Any = None
    made = tools(
        config,
        vendors(config, SystemClock()),
        timeline,
        time=SystemClock(),
        directory=CatalogDirectory(config.catalog),
    )
    names = [each.name for each in made.change_sources["production"]]
    assert names == ["Kubernetes", "Helm", "Kubernetes in eu", "Helm in eu"]
    assert set(made.change_sources) == {"production"}
    assert set(made.clusters) == {"production", "production/eu"}
    assert {place for place, _driver in made.deployers} == {"production", "production/eu"}
    assert {place for place, _by in made.runners} == {"production"}
