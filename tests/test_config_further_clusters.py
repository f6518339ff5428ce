"""Further clusters of an environment, and the services that run in them: read, or told with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check import State, problems
from bot.checking.row import Row
from bot.config import load, survey
from bot.domain.catalog import Deployment
from tests.test_config import GROUP, folder, told_of
from tests.test_config_clusters import PLAIN

__all__ = ["folder"]
ENVIRONMENTS = """\
environments:
  production:
    production: true
    cluster: prod-1
    region: us-east-1
    kube_context: prod-1
    kubernetes:
      kubeconfig_variable: PROD_KUBECONFIG
      more:
        eu: {kubeconfig_variable: PROD_EU_KUBECONFIG, kube_context: prod-2}
        ap: {eks: true, cluster: prod-3, region: ap-southeast-1}
    aws: {role_variable: PROD_ROLE}
  staging:
    cluster: staging-1
"""
LMS = PLAIN.replace(
    "    tocsin.dev/scale", "    tocsin.dev/more-clusters: eu, ap\n    tocsin.dev/scale"
)


def place_in(folder: Path, environment: str = "production") -> Deployment:
    found = survey({"TOCSIN_CATALOG": str(folder)}).config.catalog.deployment("lms", environment)
    assert found is not None
    return found


def written(folder: Path, lms: str = LMS, environments: str = ENVIRONMENTS) -> dict[str, str]:
    return told_of(folder, lms=lms, teams=GROUP, environments=environments)


def checked(folder: Path, **environ: str) -> list[Row]:
    return problems({"TOCSIN_CATALOG": str(folder), **environ})


def wrong(folder: Path) -> list[Row]:
    return [row for row in checked(folder) if row.area == "configuration"]


def test_a_service_runs_in_the_clusters_that_it_names_in_their_order(folder: Path) -> None:
    assert written(folder) == {}
    places = place_in(folder).everywhere
    assert [each.where for each in places] == ["production", "production/eu", "production/ap"]
    assert [each.called for each in places] == ["prod-1", "eu", "ap"]


def test_the_plain_annotation_is_production_s_alone(folder: Path) -> None:
    lms = LMS.replace(
        "    tocsin.dev/scale",
        "    tocsin.dev/environments: production, staging\n    tocsin.dev/scale",
    )
    assert written(folder, lms) == {}
    assert place_in(folder, "staging").more == ()


def test_another_environment_has_an_annotation_of_its_own(folder: Path) -> None:
    lms = LMS.replace("more-clusters: eu, ap", "more-clusters.production: ap")
    assert written(folder, lms) == {}
    assert place_in(folder).more == ("ap",)


def test_each_cluster_is_switched_on_by_its_own_variable(folder: Path) -> None:
    written(folder)
    file = folder / "kubeconfig"
    file.write_text("")
    known = {"TOCSIN_CATALOG": str(folder), "PROD_EU_KUBECONFIG": str(file)}
    [eu] = load(known).kubernetes
    assert (eu.where, eu.kubeconfig, eu.context) == ("production/eu", file, "prod-2")


def test_a_further_cluster_of_eks_is_reached_in_its_own_region(folder: Path) -> None:
    written(folder)
    role = "arn:aws:iam::111111111111:role/t"
    [ap] = load({"TOCSIN_CATALOG": str(folder), "PROD_ROLE": role}).kubernetes
    assert (ap.where, ap.eks, ap.region) == ("production/ap", "prod-3", "ap-southeast-1")


def test_a_cluster_that_nobody_described_is_told_with_what_to_write(folder: Path) -> None:
    [(where, what)] = written(folder, LMS.replace("eu, ap", "eu, sa")).items()
    assert where == "catalog/lms.yaml:9"
    assert "there is no further cluster `sa` in production" in what
    [row] = wrong(folder)
    assert "environments.yaml (kubernetes.more)" in row.fix


def test_a_cluster_that_is_misspelt_is_guessed(folder: Path) -> None:
    environments = ENVIRONMENTS.replace("eu:", "europe:")
    written(folder, LMS.replace("eu, ap", "eurpe"), environments)
    [row] = wrong(folder)
    assert row.fix == "Did you mean europe?"


def test_what_argo_cd_deploys_names_its_applications_instead(folder: Path) -> None:
    lms = LMS.replace("    tocsin.dev/driver: kubernetes\n", "    argocd/app-name: lms\n")
    [(where, what)] = written(folder, lms).items()
    assert (where, what) == (
        "catalog/lms.yaml:9",
        "tocsin.dev/more-clusters: Argo CD deploys it.",
    )
    [row] = wrong(folder)
    assert "tocsin.dev/more-apps" in row.fix


def test_applications_of_what_argo_cd_does_not_deploy_are_pointed_to_clusters(
    folder: Path,
) -> None:
    written(folder, LMS.replace("more-clusters", "more-apps"))
    [row] = wrong(folder)
    assert (row.where, "tocsin.dev/more-clusters" in row.fix) == ("catalog/lms.yaml:9", True)


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (
            ("ap: {eks: true, cluster: prod-3,", "prod-1: {eks: true, cluster: prod-3,"),
            11,
            "is the first cluster",
        ),
        (("ap: {eks: true, cluster: prod-3,", "ap: {eks: true,"), 11, "which cluster"),
        (("ap: {eks: true, cluster", "ap: {cluster"), 11, "nothing says how it is reached"),
        (("ap: {eks", "A P: {eks"), 11, "is no name for a cluster"),
        (("ap: {eks", "together: {eks"), 11, "is no name for a cluster"),
        (("ap-southeast-1", "asia"), 11, "is not a region"),
        (("      kubeconfig_variable: PROD_KUBECONFIG\n", ""), 7, "after a first cluster"),
    ],
)
def test_half_a_further_cluster_is_told_at_its_line(
    folder: Path, change: tuple[str, str], line: int, what: str
) -> None:
    found = written(folder, PLAIN, ENVIRONMENTS.replace(*change))
    assert what in found[f"catalog/environments.yaml:{line}"]


def test_a_cluster_that_is_switched_off_is_told_with_its_line_and_who_runs_there(
    folder: Path,
) -> None:
    written(folder)
    known = {row.where: row for row in checked(folder)}
    eu = known["catalog/environments.yaml:10"]
    assert (eu.state, eu.what) == (
        State.WARNING,
        "Kubernetes in production/eu is not configured: rollbacks of lms leave it out.",
    )
    assert eu.fix == "Set PROD_EU_KUBECONFIG, or take eu away."
    assert "role of its AWS account" in known["catalog/environments.yaml:11"].fix


def test_a_cluster_that_nobody_needs_is_simply_off(folder: Path) -> None:
    written(folder, PLAIN)
    [row] = [row for row in checked(folder) if row.where == "catalog/environments.yaml:10"]
    assert row.state is State.OFF


def test_a_further_cluster_that_does_not_answer_is_a_problem_of_its_variable(
    folder: Path,
) -> None:
    environments = ENVIRONMENTS.replace(
        "{kubeconfig_variable: PROD_EU_KUBECONFIG, kube_context: prod-2}",
        "{token_variable: PROD_EU_TOKEN, url: 'http://127.0.0.1:9'}",
    )
    written(folder, LMS, environments)
    [row] = [row for row in checked(folder, PROD_EU_TOKEN="t") if row.where == "PROD_EU_TOKEN"]
    assert (row.state, row.what) == (
        State.PROBLEM,
        "Kubernetes in production/eu: the connection was refused.",
    )
