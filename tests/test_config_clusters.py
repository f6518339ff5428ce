"""Where clusters are reached, and what the catalog may say of workloads: read, or told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.check import State, problems
from bot.config import load, survey
from bot.domain.catalog import Driver, Queue
from tests.test_config import COMPONENT, GROUP, folder, told, told_of

__all__ = ["folder"]
BY_FILE = """\
environments:
  production:
    production: true
    kube_context: prod-1
    kubernetes: {kubeconfig_variable: PROD_KUBECONFIG}
  staging:
    kubernetes:
      token_variable: STAGING_TOKEN
      url: https://10.1.2.3:6443/
      ca_file: /etc/tocsin/staging-ca.crt
"""


def test_a_cluster_is_off_while_its_variable_is_not_set(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_FILE)
    assert load({"TOCSIN_CATALOG": str(folder)}).kubernetes == ()


def test_a_kubeconfig_is_read_at_the_context_of_the_environment(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_FILE)
    file = folder / "kubeconfig"
    file.write_text("")
    [place] = load({"TOCSIN_CATALOG": str(folder), "PROD_KUBECONFIG": str(file)}).kubernetes
    assert (place.environment, place.kubeconfig, place.context) == ("production", file, "prod-1")


def test_a_token_comes_with_the_address_from_the_file(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_FILE)
    [place] = load({"TOCSIN_CATALOG": str(folder), "STAGING_TOKEN": "abc"}).kubernetes
    assert (place.url, str(place.ca_file)) == (
        "https://10.1.2.3:6443",
        "/etc/tocsin/staging-ca.crt",
    )
    assert "abc" not in repr(place)


BY_ROLE = """\
environments:
  production:
    production: true
    cluster: prod-1
    region: us-east-1
    kubernetes: {eks: true, kubeconfig_variable: PROD_KUBECONFIG}
    aws: {role_variable: PROD_ROLE}
"""


def test_a_cluster_of_eks_is_reached_while_its_account_is(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_ROLE)
    assert load({"TOCSIN_CATALOG": str(folder)}).kubernetes == ()
    environ = {"TOCSIN_CATALOG": str(folder), "PROD_ROLE": "arn:aws:iam::111111111111:role/t"}
    [place] = load(environ).kubernetes
    assert (place.eks, place.variable) == ("prod-1", "PROD_ROLE")


def test_a_kubeconfig_wins_over_the_way_through_aws(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_ROLE)
    file = folder / "kubeconfig"
    file.write_text("")
    environ = {"PROD_ROLE": "arn:aws:iam::111111111111:role/t", "PROD_KUBECONFIG": str(file)}
    [place] = load({"TOCSIN_CATALOG": str(folder), **environ}).kubernetes
    assert (place.eks, place.kubeconfig) == ("", file)


def test_an_eks_cluster_without_a_name_is_a_problem(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_ROLE.replace("    cluster: prod-1\n", ""))
    environ = {"TOCSIN_CATALOG": str(folder), "PROD_ROLE": "arn:aws:iam::111111111111:role/t"}
    assert told(environ)["PROD_ROLE"] == "The EKS cluster of production is not known."


def test_a_kubeconfig_that_is_not_there_is_a_problem(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_FILE)
    environ = {"TOCSIN_CATALOG": str(folder), "PROD_KUBECONFIG": "/no/such"}
    assert told(environ)["PROD_KUBECONFIG"] == "There is no file /no/such."


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("token_variable", "kubeconfig_variable: A\n      token_variable"), "two ways; keep one"),
        (("      url: https://10.1.2.3:6443/\n", ""), "needs the address of the cluster"),
        (("https://10", "http://10"), "unencrypted"),
    ],
)
def test_half_a_cluster_is_told_at_its_line(
    folder: Path, change: tuple[str, str], what: str
) -> None:
    found = told_of(folder, environments=BY_FILE.replace(*change))
    assert [line for line in found.values() if what in line]


def test_an_environment_without_a_cluster_says_what_that_switches_off(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_FILE)
    rows = problems({"TOCSIN_CATALOG": str(folder)})
    off = {row.where: row for row in rows if row.state is State.OFF}
    assert off["PROD_KUBECONFIG"].what == "Kubernetes in production is not configured."
    assert "No restarting" in off["STAGING_TOKEN"].fix


def test_a_cluster_that_does_not_answer_is_a_problem_of_its_variable(folder: Path) -> None:
    (folder / "environments.yaml").write_text(BY_FILE.replace("10.1.2.3:6443", "127.0.0.1:9"))
    plain = {"TOCSIN_CATALOG": str(folder), "STAGING_TOKEN": "abc"}
    (folder / "environments.yaml").write_text(
        BY_FILE.replace("10.1.2.3:6443", "127.0.0.1:9").replace(
            "      ca_file: /etc/tocsin/staging-ca.crt\n", ""
        )
    )
    [row] = [row for row in problems(plain) if row.where == "STAGING_TOKEN"]
    assert (row.state, row.what) == (
        State.PROBLEM,
        "Kubernetes in staging: the connection was refused.",
    )


PLAIN = COMPONENT.replace(
    "    argocd/app-name: lms\n",
    "    tocsin.dev/driver: kubernetes\n    backstage.io/kubernetes-namespace: lms\n"
    "    tocsin.dev/workload: statefulset/lms\n    tocsin.dev/scale: 2-40\n",
)


def test_a_service_may_run_in_several_clusters_of_production(folder: Path) -> None:
    more = "    argocd/app-name: lms\n    tocsin.dev/more-apps: lms-eu, lms-ap\n"
    lms = COMPONENT.replace("    argocd/app-name: lms\n", more)
    assert told_of(folder, lms=lms, teams=GROUP, environments=BY_FILE) == {}
    catalog = survey({"TOCSIN_CATALOG": str(folder)}).config.catalog
    place = catalog.deployment("lms", "production")
    assert place is not None
    assert [each.app for each in place.everywhere] == ["lms", "lms-eu", "lms-ap"]


def test_only_argo_cd_runs_one_service_in_several_clusters(folder: Path) -> None:
    lms = PLAIN.replace(
        "    tocsin.dev/scale", "    tocsin.dev/more-apps: lms-eu\n    tocsin.dev/scale"
    )
    (said,) = told_of(folder, lms=lms, teams=GROUP, environments=BY_FILE).values()
    assert "more-apps" in said


def test_plain_kubernetes_needs_a_namespace_and_no_application(folder: Path) -> None:
    assert told_of(folder, lms=PLAIN, teams=GROUP, environments=BY_FILE) == {}
    catalog = survey({"TOCSIN_CATALOG": str(folder)}).config.catalog
    place = catalog.deployment("lms", "production")
    assert place is not None
    assert (place.driver, place.namespace) == (Driver.KUBERNETES, "lms")
    assert (place.workload, place.scale) == ("statefulset/lms", (2, 40))


def test_a_queue_is_a_metric_and_production_s_where_no_environment_is_named(folder: Path) -> None:
    named = "    tocsin.dev/queue: AWS/SQS ApproximateNumberOfMessagesVisible QueueName=grades\n"
    lms = PLAIN.replace("    tocsin.dev/scale: 2-40\n", named)
    assert told_of(folder, lms=lms, teams=GROUP, environments=BY_FILE) == {}
    catalog = survey({"TOCSIN_CATALOG": str(folder)}).config.catalog
    place = catalog.deployment("lms", "production")
    assert place is not None
    assert place.queue == Queue(
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        of=(("QueueName", "grades"),),
    )


@pytest.mark.parametrize("written", ["grades", "AWS/SQS Visible grades", "AWS/SQS Visible Name="])
def test_what_is_no_metric_is_no_queue(folder: Path, written: str) -> None:
    lms = PLAIN.replace("tocsin.dev/scale: 2-40", f"tocsin.dev/queue: {written}")
    found = told_of(folder, lms=lms, teams=GROUP, environments=BY_FILE)
    assert f"`{written}` is no metric." in found["catalog/lms.yaml:9"]


def test_a_workload_may_be_a_rollout(folder: Path) -> None:
    changed = PLAIN.replace("statefulset/lms", "rollout/lms")

    assert told_of(folder, lms=changed, teams=GROUP, environments=BY_FILE) == {}


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (("statefulset/lms", "statefullset/lms"), 8, "`statefullset/lms` is no workload"),
        (("statefulset/lms", "statefulset"), 8, "`statefulset` is no workload"),
        (("2-40", "40-2"), 9, "`40-2` is no range"),
        (("2-40", "many"), 9, "`many` is no range"),
        (("    backstage.io/kubernetes-namespace: lms\n", ""), 6, "the namespace is not known"),
        (("driver: kubernetes", "driver: helm"), 6, "the release is not known"),
    ],
)
def test_a_mistake_about_a_workload_is_told_at_its_line(
    folder: Path, change: tuple[str, str], line: int, what: str
) -> None:
    found = told_of(folder, lms=PLAIN.replace(*change), teams=GROUP, environments=BY_FILE)
    assert what in found[f"catalog/lms.yaml:{line}"]
