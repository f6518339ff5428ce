"""Terraform's code in a real git repository: whose commit touched what a service stands on."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.catalog import Catalog, Environment, Resource, Service, TerraformModule
from bot.domain.change import Change, ChangeKind
from bot.domain.errors import VendorRejected
from bot.domain.suspicion import Trouble, placed, rank
from bot.integrations.terraform_commits import page_of
from bot.integrations.terraform_git import TerraformRepository

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BOTH = ("production", "staging")


def module(name: str, path: str) -> TerraformModule:
    return TerraformModule(name=name, area="a", path=path, environments=BOTH)


def resource(name: str, kind: str, module: str) -> Resource:
    return Resource(
        name=name, kind=kind, environments=BOTH, terraform_module=module, owner="team-data"
    )


CATALOG = Catalog(
    environments=(Environment(name="production", production=True), Environment(name="staging")),
    services=(Service(name="lms", depends_on=("rds", "nodes-memory")),),
    resources=(
        resource("rds", "rds", "rds-mysql"),
        resource("nodes-general", "nodegroup", "eks-cluster"),
        resource("nodes-memory", "nodegroup", "eks-cluster"),
        resource("s3", "s3", "s3-buckets"),
        resource("alb", "load-balancer", "load-balancer"),
    ),
    modules=(
        module("rds-mysql", "modules/database/rds-mysql"),
        module("eks-cluster", "modules/compute/eks-cluster"),
        module("s3-buckets", "modules/storage/s3-buckets"),
        module("load-balancer", "modules/networking/load-balancer"),
    ),
)


class Code:
    """Somebody's checkout, in which time passes by hand."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("Begin", at=NOON - timedelta(days=9), **{"README.md": "# Terraform\n"})

    def git(self, *arguments: str, at: datetime = NOON, by: str = "Kenji") -> str:
        identity = ("-c", f"user.name={by}", "-c", "user.email=k@demo.example")
        dates = (f"GIT_AUTHOR_DATE={at.isoformat()}", f"GIT_COMMITTER_DATE={at.isoformat()}")
        return subprocess.run(
            ["env", *dates, "git", *identity, *arguments],
            cwd=self.place,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def commit(self, subject: str, *, at: datetime = NOON, by: str = "Kenji", **files: str) -> str:
        for name, text in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", subject, at=at, by=by)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def code(tmp_path: Path) -> Code:
    return Code(tmp_path / "code")


@pytest.fixture
def seen(code: Code, tmp_path: Path):
    """What the six hours before noon and the hour after it brought, in this environment."""
    source = TerraformRepository(str(code.place), tmp_path / "kept" / "terraform", CATALOG)

    def found(environment: str = "production") -> list[Change]:
        names = ("rds", "nodes-memory")
        places = tuple(CATALOG.deployment(each, environment) for each in names)
        since, until = NOON - timedelta(hours=6), NOON + timedelta(hours=1)
        return source.changes(places, since=since, until=until)

    return found


RDS = "modules/database/rds-mysql/main.tf"


def test_a_commit_to_a_module_is_a_change_of_what_is_written_down_in_it(code, seen):
    sha = code.commit("Fewer connections", by="Mei Tanaka", **{RDS: "max = 1\nkept = 2\n"})
    (change,) = seen()
    assert (change.service, change.kind, change.author) == ("rds", ChangeKind.INFRA, "Mei Tanaka")
    assert change.message == "Fewer connections (module rds-mysql)"
    assert (change.at, change.refs, change.size) == (NOON, (sha,), 2)


def test_it_says_that_a_commit_is_no_apply(code, seen):
    code.commit("Fewer connections", **{RDS: "max = 1\n"})
    assert seen()[0].notes == ("committed then; whether and when it was applied is not known",)


def test_it_is_a_suspect_with_reasons_and_its_owner(code, seen):
    code.commit("Fewer connections", **{RDS: "max = 1\n"})
    known = [placed(each, CATALOG, "lms") for each in seen()]
    (suspect,) = rank(known, Trouble(environment="production", start=NOON + timedelta(minutes=5)))
    assert suspect.change.team == "team-data"
    assert suspect.reasons[:2] == (
        "infrastructure changed 5 min before the first bad minute",
        "a dependency, 1 step away",
    )


def test_a_module_of_several_resources_is_told_once_of_the_nearest(code, seen):
    code.commit("Smaller nodes", **{"modules/compute/eks-cluster/nodes.tf": "size = 1\n"})
    assert [each.service for each in seen()] == ["nodes-memory"]


@pytest.mark.parametrize("home", ["environments/production", "envs/production", "production"])
def test_an_environments_own_code_changes_that_environment_alone(code, seen, home):
    code.commit("Fewer", **{f"{home}/rds-mysql/terraform.tfvars": "max = 1\n"})
    assert [each.service for each in seen()] == ["rds"]
    assert seen("staging") == []


def test_what_names_no_module_is_told_as_not_placed(code, seen):
    code.commit("New provider", **{"production/main.tf": "version = 2\n"})
    (change,) = seen()
    assert change.service == ""
    assert "not placed: production/main.tf names no module of the catalog" in change.notes


def test_one_commit_to_two_modules_is_two_changes(code, seen):
    code.commit("Both", **{RDS: "a\n", "modules/compute/eks-cluster/nodes.tf": "a\nb\n"})
    found = {each.service: each.size for each in seen()}
    assert found == {"rds": 1, "nodes-memory": 2}


def test_what_everybody_stands_on_is_told_and_somebody_elses_is_not(code, seen):
    code.commit("Balance", **{"modules/networking/load-balancer/main.tf": "a\n"})
    code.commit("Buckets", **{"modules/storage/s3-buckets/main.tf": "a\n"})
    assert [each.service for each in seen()] == ["alb"]


def test_what_lies_outside_of_the_time_or_of_the_modules_is_left_out(code, seen):
    code.commit("Long ago", at=NOON - timedelta(hours=7), **{RDS: "a\n"})
    code.commit("Words", at=NOON, **{"README.md": "# More\n"})
    code.commit("Later", at=NOON + timedelta(hours=2), **{RDS: "b\n"})
    assert seen() == []


def test_what_is_merged_counts_when_it_is_merged_and_once(code, seen):
    code.git("checkout", "--quiet", "-b", "fewer")
    code.commit("Fewer", at=NOON - timedelta(days=2), **{RDS: "a\n"})
    code.commit("Fewer still", at=NOON - timedelta(days=1), **{RDS: "b\n"})
    code.git("checkout", "--quiet", "main")
    assert seen() == []
    code.git("merge", "--quiet", "--no-ff", "-m", "Merge #7: fewer", "fewer", by="Rosa")
    (change,) = seen()
    assert (change.author, change.at) == ("Rosa", NOON)
    assert change.message == "Merge #7: fewer (module rds-mysql)"


def test_what_came_since_the_last_look_is_fetched(code, seen):
    assert seen() == []
    code.commit("Fewer", **{RDS: "a\n"})
    assert len(seen()) == 1


def test_history_that_was_written_anew_is_read_as_it_is_now(code, seen):
    code.commit("Fewer", **{RDS: "a\n"})
    assert len(seen()) == 1
    code.git("commit", "--quiet", "--amend", "-m", "Fewer of them")
    assert [each.message for each in seen()] == ["Fewer of them (module rds-mysql)"]


def test_a_fetch_that_a_crash_broke_off_does_not_stand_in_the_way(code, seen, tmp_path):
    assert seen() == []
    (tmp_path / "kept" / "terraform" / "refs" / "tocsin" / "head.lock").touch()
    code.commit("Fewer", **{RDS: "a\n"})
    assert len(seen()) == 1


def test_a_repository_that_is_not_there_is_named_with_what_to_check(tmp_path):
    source = TerraformRepository(str(tmp_path / "gone"), tmp_path / "kept", CATALOG)
    places = (CATALOG.deployment("rds", "production"),)
    with pytest.raises(VendorRejected, match=r"does not exist|does not appear") as refused:
        source.changes(places, since=NOON - timedelta(hours=1), until=NOON)
    assert "TERRAFORM_REPO" in refused.value.by_hand
    assert source.health.last_failure


@pytest.mark.parametrize(
    ("repository", "page"),
    [
        ("https://key@git.example/demo/infra.git", "https://git.example/demo/infra/commit/a1"),
        ("git@git.example:demo/infra.git", "https://git.example/demo/infra/commit/a1"),
        ("/srv/infra", ""),
    ],
)
def test_the_page_of_a_commit_is_known_where_there_is_one(repository, page):
    assert page_of(repository, "a1") == page
