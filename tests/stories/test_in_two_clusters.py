"""A service that runs in two clusters: one approval, one cluster first, and the other when that is through."""

from __future__ import annotations

from tests.living import Life
from tests.stories.walking import Room, calm, mark, paged, sent, shown

ROLLBACK = "applications.rollback"


def watched(room: Room, cards: int) -> None:
    """Time passes until there is a card for so many of the row."""
    for _ in range(12):
        calm(room.life, 30)
        if len(room.marked("mitigation:")) >= cards:
            return
    raise AssertionError(shown(room.proposal()))


def test_the_second_cluster_follows_the_first_under_one_approval(life: Life) -> None:
    room = paged(life, "catalog-site", "Course pages are empty")
    before = mark(life)
    proposal = room.propose("ana")
    card = shown(proposal)
    assert "Roll catalog-site back to r63 in 2 clusters, one after the other" in card
    assert "when that is through and users are no worse, catalog-site-eu: r64 → r63" in card

    room.approve("ben", proposal)
    watched(room, 2)
    first, second = room.marked("mitigation:")
    assert "Through: the next follows" in shown(first)
    assert "Roll catalog-site back to r63 in catalog-site-eu (2 of 2)" in shown(second)
    assert "with the first of the row" in shown(second)
    assert "is through" in room.ours()

    room.recover()
    assert "Recovered" in shown(room.proposal())
    asked = [each["path"] for each in sent(life, "argocd", ROLLBACK, after=before)]
    assert [path.split("/")[-2] for path in asked] == ["catalog-site", "catalog-site-eu"]


def test_one_cluster_alone_is_put_back_by_its_name(life: Life) -> None:
    room = paged(life, "catalog-site", "Course pages are empty in Europe")
    before = mark(life)
    proposal = room.propose("ana", "catalog-site catalog-site-eu:r63")
    assert "Through" not in shown(proposal)
    room.approve("ben", proposal)
    room.recover()
    assert len(room.marked("mitigation:")) == 1
    assert len(sent(life, "argocd", ROLLBACK, after=before)) == 1
