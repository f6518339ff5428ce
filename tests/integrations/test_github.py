"""GitHub as the forge, against the demo world."""

import pytest

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.review import Comment, Draft
from bot.integrations.github import GitHub
from bot.integrations.github_revert import is_migration
from bot.integrations.postmortem_git import PostmortemRepository
from tests.integrations.worlds import OPEN, fault, sent, url


@pytest.fixture
def forge(demo):
    made = GitHub(
        url(demo, "/github"),
        "gh-demo-token",
        repo="demo/platform",
        postmortems="demo/postmortems",
        gate=OPEN,
    )
    yield made
    made.close()


@pytest.fixture
def lms(demo):
    """The commits of lms by tag, r142 included."""
    demo.post("/world", set={"lms-web.revision": "r142"})
    app = demo.sim.argocd.apps["lms"]
    code = demo.sim.github.platform
    return {
        code.commits[entry.sha].message.rpartition("Deploys lms ")[2].strip("."): entry.sha
        for entry in app.history
    }


def test_migrations_between_two_revisions_are_found(forge, lms):
    found = forge.migrations_between(lms["r140"], lms["r141"])
    assert any("migrations/0041" in each for each in found)


def test_where_there_are_none_it_says_so(forge, lms):
    assert [
        each for each in forge.migrations_between(lms["r141"], lms["r142"]) if "lms/" in each
    ] == []


def test_backwards_there_is_nothing_new(forge, lms):
    assert forge.migrations_between(lms["r141"], lms["r140"]) == ()


def test_an_unknown_revision_is_rejected(forge):
    with pytest.raises(VendorRejected, match="no such thing"):
        forge.migrations_between("0" * 40, "1" * 40)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("lms/migrations/0041_x.py", True),
        ("db/migrate/20260310_x.rb", True),
        ("service/alembic/versions/ab12_x.py", True),
        ("lms/migrations/__init__.py", False),
        ("lms/views/migrations.py", False),
    ],
)
def test_migrations_are_known_by_where_they_lie(path, is_one):
    assert is_migration(path) is is_one


def test_a_revert_puts_the_services_own_files_back(demo, forge, lms):
    address = forge.revert_pull_request(
        service="lms", bad=lms["r142"], good=lms["r141"], reason="It failed."
    )
    code = demo.sim.github.platform
    (branch,) = [name for name in code.branches if name.startswith("tocsin/revert-lms")]
    tree, good = code.trees[code.branches[branch]], code.trees[lms["r141"]]
    assert tree["deploy/lms/values.yaml"] == good["deploy/lms/values.yaml"]
    views = "lms/djangoapps/courseware/views.py"
    assert tree[views] == good[views]
    assert "/pull/" in address


def test_a_release_is_found_by_its_name(demo, forge, lms):
    forge.revert_pull_request(service="lms", bad="r142", good="r141", reason="Bad.")
    (asked,) = sent(demo, "github", "pulls.create")
    expected = f"Revert lms from {lms['r142'][:7]} to {lms['r141'][:7]}"
    assert asked.request["title"] == expected


def test_a_release_that_no_commit_names_is_rejected(forge, lms):
    with pytest.raises(VendorRejected, match="could not find r9 of lms"):
        forge.revert_pull_request(service="lms", bad="r142", good="r9", reason="Bad.")


def test_a_pull_request_of_a_postmortem_is_opened_once_and_commented_once(demo, forge, tmp_path):
    archive = PostmortemRepository(demo.sim.git.path, tmp_path / "copy", gate=OPEN)
    text = "# One\n\nBob broke it.\n"
    draft = Draft(
        incident="i1",
        path="postmortems/2026/i1.md",
        branch="postmortem/i1",
        text=text,
        index_line="- [One](2026/i1.md)",
        message="One",
    )
    archive.publish(draft)
    assert archive.read(draft.branch, draft.path) == text
    wanted = {"branch": draft.branch, "title": "Postmortem: One", "body": "Read it."}
    address = forge.pull_request(**wanted)
    assert forge.pull_request(**wanted) == address
    remark = Comment(path=draft.path, line=3, body="Say what the system allowed.")
    forge.comment(address, [remark])
    forge.comment(address, [remark])
    assert len(sent(demo, "github", "pulls.create")) == 1
    assert len(sent(demo, "github", "pulls.reviews.create")) == 1


def test_a_revert_leaves_other_services_alone(demo, forge, lms):
    forge.revert_pull_request(service="lms", bad=lms["r142"], good=lms["r140"], reason="Bad.")
    written = [each.path for each in sent(demo, "github", "contents.put")]
    assert written
    assert all("/contents/lms/" in path or "/contents/deploy/lms/" in path for path in written)


def test_a_revert_leaves_migrations_where_they_are(demo, forge, lms):
    forge.revert_pull_request(service="lms", bad=lms["r142"], good=lms["r140"], reason="Bad.")
    assert not [r for r in sent(demo, "github", "contents.put") if "migrations" in r.path]
    (asked,) = sent(demo, "github", "pulls.create")
    assert "0041" in asked.request["body"]


def test_a_revert_is_proposed_once(demo, forge, lms):
    wanted = {"service": "lms", "bad": lms["r142"], "good": lms["r141"], "reason": "Bad."}
    assert forge.revert_pull_request(**wanted) == forge.revert_pull_request(**wanted)
    assert len(sent(demo, "github", "pulls.create")) == 1


def test_a_revert_that_broke_off_is_finished(demo, forge, lms):
    wanted = {"service": "lms", "bad": lms["r142"], "good": lms["r141"], "reason": "Bad."}
    fault(demo, "github", "pulls.create", "5xx", when={"times": 1})
    with pytest.raises(VendorDown):
        forge.revert_pull_request(**wanted)
    assert "/pull/" in forge.revert_pull_request(**wanted)


def test_a_service_without_commits_between_is_rejected(forge, lms):
    with pytest.raises(VendorRejected, match="touches nothing-here"):
        forge.revert_pull_request(
            service="nothing-here", bad=lms["r142"], good=lms["r141"], reason=""
        )


def test_two_revisions_can_be_compared_by_hand(forge):
    assert forge.compare_address("a", "b").endswith("/demo/platform/compare/a...b")
