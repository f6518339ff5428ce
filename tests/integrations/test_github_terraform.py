"""What was changed by hand as a draft pull request to Terraform's code, against the demo world."""

import pytest

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.written import Keeping, Setting
from bot.integrations.github import GitHub
from tests.integrations.worlds import OPEN, SHUT, fault, sent, url

PLACE = "demo/infrastructure"
DOING = "propose it"
EC2 = Setting(attribute="weight", before="50", after="90", names=("discovery-ec2",))
EKS = Setting(attribute="weight", before="50", after="10", names=("discovery-eks",))


def forge_of(demo, *, terraform=PLACE, gate=OPEN):
    return GitHub(
        url(demo, "/github"), "gh-demo-token", repo="demo/platform", gate=gate, terraform=terraform
    )


@pytest.fixture
def forge(demo):
    made = forge_of(demo)
    yield made
    made.close()


def keeping(*settings, marker="i1-m1"):
    return Keeping(
        marker=marker,
        title="Keep discovery as it was set by hand",
        body="| before | after |",
        module="load-balancer",
        folders=("environments/production", "envs/production", "production"),
        settings=settings or (EC2, EKS),
    )


def code_of(demo):
    return demo.sim.github.places[PLACE].code


def opened(demo):
    return list(demo.sim.github.places[PLACE].issues.values())


def test_the_certain_lines_are_changed_in_a_draft(demo, forge):
    made = forge.keep(keeping(), doing=DOING)
    assert made.why == ""
    (pull,) = opened(demo)
    assert (pull.draft, pull.head) == (True, "tocsin/keep-i1-m1")
    code = code_of(demo)
    (change,) = code.changed(code.branches["main"], code.branches[pull.head])
    assert [line for line in change.patch.splitlines() if line[0] in "+-"] == [
        "-        weight = 50",
        "+        weight = 90",
        "-        weight = 50",
        "+        weight = 10",
    ]


def test_the_same_marker_gets_the_same_one_even_when_it_was_closed(demo, forge):
    first = forge.keep(keeping(), doing=DOING)
    opened(demo)[0].state = "closed"
    assert forge.keep(keeping(), doing=DOING) == first
    assert len(opened(demo)) == 1


@pytest.mark.parametrize("broken", ["contents.put", "pulls.create"])
def test_one_that_broke_off_is_finished(demo, forge, broken):
    fault(demo, "github", broken, "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        forge.keep(keeping(), doing=DOING)
    assert "/pull/" in forge.keep(keeping(), doing=DOING).address
    assert len(opened(demo)) == 1


def test_what_is_nowhere_for_certain_becomes_an_issue_once(demo, forge):
    strange = keeping(Setting(attribute="weight", before="7", after="9", names=("discovery-ec2",)))
    made = forge.keep(strange, doing=DOING)
    assert "no line was found that is certainly `weight = 7`" in made.why
    assert forge.keep(strange, doing=DOING) == made
    (issue,) = opened(demo)
    assert issue.head is None
    assert "then close this issue" in issue.body


def test_what_it_says_already_opens_nothing(demo, forge):
    written = Setting(attribute="weight", before="90", after="50", names=("discovery-ec2",))
    assert forge.keep(keeping(written), doing=DOING) is None
    assert opened(demo) == []


def test_it_is_settled_once_it_is_merged(demo, forge):
    made = forge.keep(keeping(), doing=DOING)
    assert not forge.settled(made.address, doing=DOING)
    demo.post("/github/merge", repository=PLACE, number=opened(demo)[0].number)
    assert forge.settled(made.address, doing=DOING)


def test_an_issue_is_settled_once_it_is_closed(demo, forge):
    strange = keeping(Setting(attribute="weight", before="7", after="9", names=("discovery-ec2",)))
    made = forge.keep(strange, doing=DOING)
    assert not forge.settled(made.address, doing=DOING)
    opened(demo)[0].state = "closed"
    assert forge.settled(made.address, doing=DOING)


def test_without_a_repository_it_says_what_to_set(demo):
    forge = forge_of(demo, terraform="")
    with pytest.raises(VendorRejected, match="no repository at GitHub") as told:
        forge.keep(keeping(), doing=DOING)
    assert "GITHUB_TERRAFORM_REPO" in told.value.by_hand
    forge.close()


def test_in_observe_mode_nothing_is_written(demo):
    forge = forge_of(demo, gate=SHUT)
    with pytest.raises(Exception, match="bserve"):
        forge.keep(keeping(), doing=DOING)
    assert (sent(demo, "github", "refs.create"), opened(demo)) == ([], [])
    forge.close()
