"""How pasted alert text is taken apart."""

from __future__ import annotations

import pytest

from bot.domain.runbook_words import FAINT, pieces, read_question, stem, words


def weights(text: str, **labels: str) -> dict[str, float]:
    return {one.word: one.weight for one in read_question(text, labels).terms}


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("KubeAPIErrorBudgetBurn", ["kube", "api", "error", "budget", "burn"]),
        ("kube-state-metrics", ["kube", "state", "metrics"]),
        ("etcdNoLeader", ["etcd", "no", "leader"]),
        ("PVCs", ["pvc"]),
        ("503", ["503"]),
        ("5xx", ["5xx"]),
    ],
)
def test_tokens_split_where_people_hear_words(token, parts):
    assert pieces(token) == parts


@pytest.mark.parametrize("word", ["failed", "failing", "fails", "failure"])
def test_forms_of_one_word_share_a_stem(word):
    assert stem(word) == stem("fail")


def test_a_leading_name_is_known_as_the_alert():
    assert read_question("[FIRING:3] NodeDown (a b critical)", {}).name == "NodeDown"
    assert read_question("NodeDown: it is down", {}).name == "NodeDown"
    assert read_question("DaemonSet pods are gone", {}).name == ""


@pytest.mark.parametrize(
    "text",
    [
        "pod grading-6d9c7f4b8-xk2lp is slow",
        "grading is slow (97.3%)",
        "10.4.17.203:9100 is slow",
        "https://x.demo.example/a?b=c is slow",
    ],
)
def test_what_names_one_instance_hardly_counts(text):
    found = weights(text)
    assert found["slow"] == 1.0
    assert all(found[w] <= FAINT for w in ("6", "xk", "lp", "203", "demo", "97") if w in found)


def test_the_values_of_labels_hardly_count():
    assert weights("Pod of search is slow", namespace="search")["search"] == FAINT


def test_the_namespace_in_prose_hardly_counts():
    assert weights("errors in checkout namespace")["checkout"] == FAINT


def test_the_text_of_a_runbook_keeps_its_order_and_drops_fillers():
    assert words("The disk is full") == [stem("disk"), stem("full")]
