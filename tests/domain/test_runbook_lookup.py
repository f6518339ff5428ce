"""The rules of finding a runbook, on the fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.lookup import Lookup
from bot.domain.runbook import Answer, Query, Verdict
from bot.integrations.runbook_files import read_runbooks

RUNBOOKS = Path(__file__).parent.parent / "fixtures" / "runbooks"


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return Lookup(read_runbooks([RUNBOOKS]))


def first(answer: Answer) -> str:
    best = answer.matches[0]
    return f"{best.path}#{best.section}" if best.section else best.path


def test_an_alert_name_finds_the_file_named_after_it(lookup):
    answer = lookup.search(Query(alert="QueueBacklogGrowing"))
    assert (first(answer), answer.verdict) == (
        "services/QueueBacklogGrowing.md",
        Verdict.CONFIDENT,
    )


def test_a_second_name_in_the_front_matter_counts_as_the_name(lookup):
    answer = lookup.search(Query(alert="LmsErrorRateHigh"))
    assert (first(answer), answer.verdict) == ("services/LmsHigh5xx.md", Verdict.CONFIDENT)


def test_an_old_address_among_the_aliases_still_finds_the_file(lookup):
    assert first(lookup.search(Query(text="ContainerOomKilled"))) == "platform/PodOutOfMemory.md"


@pytest.mark.parametrize(
    "title",
    [
        "[FIRING:1] KubeNodeDiskFull (ip-10-0-3-7 prod-eks-1 critical)",
        "[RESOLVED] KubeNodeDiskFull",
        "KubeNodeDiskFull on grading-7d9f8c6b5-x2x9q 97.3%",
        "kubenodediskfull",
        "kube node disk full",
    ],
)
def test_the_noise_of_a_page_title_does_not_hide_the_name(lookup, title):
    answer = lookup.search(Query(text=title))
    assert first(answer) == "platform/KubeNodeDiskFull.md"
    assert answer.verdict is Verdict.CONFIDENT


def test_a_link_in_the_alert_wins_over_its_words(lookup):
    query = Query(
        text="certificate problem",
        runbook_url="https://runbooks.demo.example/services/QueueBacklogGrowing.md#mitigation",
    )
    assert first(lookup.search(query)) == "services/QueueBacklogGrowing.md"
    plain = Query(text="certificate problem", runbook_url="https://x.demo.example/lms-high5xx")
    assert first(lookup.search(plain)) == "services/LmsHigh5xx.md"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("container was oom-killed again", "platform/PodOutOfMemory.md"),
        ("tls cert about to expire", "platform/CertificateExpiresSoon.md"),
        ("node has no space left on disk", "platform/KubeNodeDiskFull.md"),
        ("grading queue keeps piling up", "services/QueueBacklogGrowing.md"),
        ("learners get 502 from the gateway", "services/LmsHigh5xx.md"),
    ],
)
def test_everyday_words_find_the_runbook_that_says_it_differently(lookup, said, path):
    answer = lookup.search(Query(text=said))
    assert first(answer) == path
    assert answer.verdict is not Verdict.NONE


def test_a_section_of_a_large_file_is_found_by_its_alert(lookup):
    answer = lookup.search(Query(text="[FIRING:1] PostgresDeadlocks (courses warning)"))
    assert first(answer) == "platform/database.md#postgresdeadlocks"
    assert answer.verdict is Verdict.CONFIDENT


def test_a_section_is_found_by_what_it_says(lookup):
    answer = lookup.search(Query(text="replica is behind the primary"))
    assert first(answer) == "platform/database.md#postgresreplicationlag"


def test_a_file_found_by_its_section_is_not_listed_again_as_a_whole(lookup):
    answer = lookup.search(Query(text="PostgresDeadlocks"))
    assert ("platform/database.md", "") not in {(m.path, m.section) for m in answer.matches}


@pytest.mark.parametrize(
    "said",
    [
        "kafka partitions under-replicated",
        "SmtpRelayRefused: The mail relay refuses connections.",
        "dns zone transfer broken",
        "[FIRING:1] (warning)",
        "",
        "🔥🔥🔥",
    ],
)
def test_no_runbook_fits_is_said_and_nothing_is_offered_as_best(lookup, said):
    answer = lookup.search(Query(text=said))
    assert answer.verdict is Verdict.NONE
    assert answer.best is None


def test_an_unknown_alert_name_is_never_answered_with_confidence(lookup):
    answer = lookup.search(Query(alert="KubeNodeDiskSlow", text="The disk of a node is slow."))
    assert answer.verdict is not Verdict.CONFIDENT


def test_the_service_decides_between_equals(lookup):
    plain = lookup.search(Query(text="error"))
    helped = lookup.search(Query(text="error", service="lms"))
    assert first(helped) == "services/LmsHigh5xx.md"
    assert helped.matches[0].score >= plain.matches[0].score


SHIPPED = Path(__file__).parents[2] / "runbooks"


def test_what_the_catalog_names_for_the_service_comes_before_better_words_of_others():
    shipped = Lookup(read_runbooks([SHIPPED]))
    said, own = "Discovery 5xx error rate above 5%", ("discovery-traffic-shift.md",)
    anybody = shipped.search(Query(text=said))
    owner = shipped.search(Query(text=said, service="discovery", own=own))
    assert first(anybody) == "lms-5xx-after-deploy.md"
    assert (first(owner), owner.verdict) == (own[0], Verdict.CLOSEST)


def test_a_link_that_spells_a_file_as_folder_and_name_finds_it():
    shipped = Lookup(read_runbooks([SHIPPED]))
    linked = Query(
        text="Discovery 5xx error rate above 5%",
        runbook_url="https://runbooks.demo.example/discovery/traffic-shift",
    )
    assert first(shipped.search(linked)) == "discovery-traffic-shift.md"


def test_a_runbook_named_for_the_service_is_not_shown_where_it_says_nothing_of_the_trouble():
    shipped = Lookup(read_runbooks([SHIPPED]))
    answer = shipped.search(Query(text="zzyzx", service="lms", own=("lms-latency.md",)))
    assert answer.verdict is Verdict.NONE


def test_the_reason_names_the_words_of_the_responder(lookup):
    best = lookup.search(Query(text="uploads hang in encoding")).matches[0]
    assert best.reason == "its title speaks of encoding, hang"


def test_scores_fall_and_stay_between_nought_and_one(lookup):
    scores = [one.score for one in lookup.search(Query(text="restart of the encoder")).matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_an_empty_library_has_no_runbook_that_fits():
    assert Lookup(()).search(Query(text="anything")).verdict is Verdict.NONE
