"""The pages and fragments over HTTP: who sees what, and who may post."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.gitrepo import Bare
from sandbox.slack.shown import permalink
from sandbox.ui.tour import STEPS, tour

EVIL = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Shown:
    """A system's state that shows what a test gives it."""

    facts: dict[str, Any]

    def view(self) -> dict[str, Any]:
        return self.facts


def text(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_front_page_says_that_nothing_leaves_this_machine(demo: Any) -> None:
    assert "nothing leaves this machine" in text(demo.http.get("/"))


def test_the_page_forbids_scripts_and_pictures_from_elsewhere(demo: Any) -> None:
    policy = demo.http.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_bots_dashboard_is_one_press_away(demo: Any) -> None:
    page = demo.http.get("/").text
    assert f'href="{demo.sim.settings.bot_url}/"' in page
    assert "<span>Dashboard</span>" in page


def test_what_a_person_or_a_bot_says_is_escaped_everywhere(demo: Any, bot: Any) -> None:
    demo.post("/act/message", **{"as": "ana", "channel": "lms-oncall", "text": EVIL})
    bot.says(EVIL, blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": EVIL}}])
    bot.call("conversations.setTopic", channel="C0LMS", topic=EVIL)
    bot.call("bookmarks.add", channel_id="C0LMS", title=EVIL, type="link", link="https://x.y")
    page = text(demo.http.get("/", params={"channel": "lms-oncall"}))
    assert EVIL not in page
    assert page.count("&lt;script&gt;") >= 4
    assert EVIL not in text(demo.http.get("/ui/panel/traffic"))
    last = demo.sim.traffic.records[-1].n
    assert EVIL not in text(demo.http.get(f"/ui/exchange/{last}"))


def test_a_bookmark_with_a_script_address_is_not_shown(demo: Any, bot: Any) -> None:
    demo.sim.slack.channels["C0LMS"].bookmarks.append(
        type("Bookmark", (), {"title": "Press", "link": "javascript:alert(1)", "emoji": None})()
    )
    assert "javascript:" not in text(demo.http.get("/ui/channel", params={"channel": "C0LMS"}))


def test_an_outsider_sees_only_the_channels_of_an_outsider(demo: Any) -> None:
    seen = text(demo.http.get("/ui/sidebar", params={"as": "ola"}))
    assert 'data-open-channel="C0GENERAL"' in seen
    assert 'data-open-channel="C0LMS"' not in seen


def test_a_guest_who_asks_for_a_strange_channel_gets_one_of_their_own(demo: Any) -> None:
    seen = text(demo.http.get("/ui/channel", params={"as": "gus", "channel": "C0LMS"}))
    assert 'data-channel="C0LMS"' not in seen


def test_a_private_channel_is_invisible_to_those_outside(demo: Any, bot: Any) -> None:
    made = bot.call("conversations.create", name="inc-secret", is_private=True)
    name = made["channel"]["name"]
    assert name not in text(demo.http.get("/", params={"as": "ben"}))


def test_a_colleague_reads_a_public_channel_and_joins_it(demo: Any, bot: Any) -> None:
    channel = bot.call("conversations.create", name="inc-0001-lms")["channel"]["id"]
    reading = text(demo.http.get("/ui/channel", params={"as": "ben", "channel": channel}))
    assert f'data-join="{channel}"' in reading
    assert demo.http.post("/ui/act/join", json={"as": "ben", "channel": channel}).json()["ok"]
    inside = text(demo.http.get("/ui/channel", params={"as": "ben", "channel": channel}))
    assert "data-composer" in inside


def test_an_ephemeral_message_is_on_its_readers_page_only(demo: Any, bot: Any) -> None:
    bot.call("chat.postEphemeral", channel="C0LMS", user="U01ANA", text="for Ana alone")
    asked = {"channel": "C0LMS"}
    assert "for Ana alone" in text(demo.http.get("/ui/channel", params={"as": "ana", **asked}))
    assert "for Ana alone" not in text(demo.http.get("/ui/channel", params={"as": "ben", **asked}))


def test_a_thread_is_apart_and_counted_under_its_message(demo: Any, bot: Any) -> None:
    ts = bot.says("the card")
    bot.says("the detail", thread_ts=ts)
    channel = text(demo.http.get("/ui/channel", params={"channel": "C0LMS"}))
    assert "1 reply" in channel
    assert "the detail" not in channel
    thread = text(demo.http.get("/ui/thread", params={"channel": "C0LMS", "ts": ts}))
    assert "the detail" in thread


def test_a_permalink_leads_to_the_message(demo: Any, bot: Any) -> None:
    ts = bot.says("here")
    link = permalink(demo.sim, demo.sim.slack.channels["C0LMS"].messages[ts])
    answer = demo.http.get(link)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/?channel=C0LMS#m{ts}"


def test_app_home_is_asked_for_when_it_is_opened(demo: Any, bot: Any) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Good afternoon*"}}]
    assert "Nothing here yet" in text(demo.http.get("/?home=1"))
    demo.settle()
    names = [record.name for record in demo.sim.traffic.records]
    assert "event.app_home_opened" in names
    bot.call("views.publish", user_id="U01ANA", view={"type": "home", "blocks": blocks})
    assert "<strong>Good afternoon</strong>" in text(demo.http.get("/ui/home"))


@pytest.mark.parametrize(
    "tab", ["traffic", "pagerduty", "argocd", "statuspage", "tickets", "postmortems"]
)
def test_every_panel_can_be_read_while_an_incident_is_on(demo: Any, tab: str) -> None:
    demo.post("/pagerduty/trigger", service="lms", title=EVIL, urgency="high", dedup_key="k")
    shown = text(demo.http.get(f"/ui/panel/{tab}"))
    assert EVIL not in shown
    assert len(shown) > 50


def test_posting_needs_json_so_that_other_pages_cannot_do_it(demo: Any) -> None:
    body = '{"as": "ana", "channel": "C0LMS", "text": "forged"}'
    forged = demo.http.post(
        "/ui/act/message", content=body, headers={"content-type": "text/plain"}
    )
    assert forged.status_code == 415
    assert not demo.sim.slack.channels["C0LMS"].messages


@pytest.mark.parametrize("path", ["/ui/act/bribe", "/ui/world/end"])
def test_what_is_not_offered_is_refused_in_words(demo: Any, path: str) -> None:
    answer = demo.http.post(path, json={})
    assert answer.status_code == 400
    assert "bribe" in answer.json()["error"] or "end" in answer.json()["error"]


def test_a_stranger_to_the_workspace_has_no_page(demo: Any) -> None:
    assert demo.http.get("/", params={"as": "mallory"}).status_code == 404


def test_the_controls_move_time_and_the_scenario(demo: Any) -> None:
    assert demo.http.post("/ui/world/start", json={}).json()["ok"]
    assert demo.sim.world.play.id == "bad-lms-deploy"
    assert not demo.sim.clock.paused
    demo.http.post("/ui/world/speed", json={"speed": 60})
    assert demo.sim.clock.speed == 60
    demo.http.post("/ui/world/pause", json={})
    assert demo.sim.clock.paused
    assert demo.http.post("/ui/world/hint", json={}).json()["hint"]
    demo.http.post("/ui/world/reset", json={})
    assert demo.sim.world.play is None


def test_an_odd_speed_is_refused(demo: Any) -> None:
    assert demo.http.post("/ui/world/speed", json={"speed": 9000}).status_code == 400


def test_the_gauge_turns_bad_when_the_release_does(demo: Any) -> None:
    demo.post("/scenario", id="bad-lms-deploy")
    assert '<article class="gauge good">' in text(demo.http.get("/"))
    demo.advance(300)
    shown = text(demo.http.get("/"))
    assert '<article class="gauge bad">' in shown
    assert "over the limit of 5%" in shown


def test_the_tour_is_ticked_by_what_travelled(demo: Any) -> None:
    assert tour(demo.sim, postmortems=0).current is not None
    assert tour(demo.sim, postmortems=0).done == 0
    demo.post("/scenario", id="bad-lms-deploy")
    assert tour(demo.sim, postmortems=0).done == 1
    demo.advance(300)
    assert tour(demo.sim, postmortems=0).done == 2
    demo.sim.traffic.records[-1].name = "incident.resolved"
    demo.sim.traffic.records[-1].kind, demo.sim.traffic.records[-1].status = "delivery", 202
    assert not {each.title: each.done for each in tour(demo.sim, postmortems=0).steps}["Resolve"]
    demo.post("/scenario", id="bad-lms-deploy")
    assert tour(demo.sim, postmortems=0).done == 1
    finished = tour(demo.sim, postmortems=1)
    assert finished.current is None
    assert finished.done == len(STEPS)


def test_a_postmortem_is_read_from_its_branch(demo: Any) -> None:
    assert "No postmortem yet" in text(demo.http.get("/ui/panel/postmortems"))
    bare = Bare(path=Path(demo.sim.git.path))
    said = "---\nid: INC-1\n---\n# LMS errors\n<script>x</script>\n"
    tree = bare.run("hash-object", "-w", "--stdin", said=said).strip()
    kind = "100644 blob"
    for name in ("inc-1.md", "2026", "postmortems"):
        tree = bare.run("mktree", said=f"{kind} {tree}\t{name}\n").strip()
        kind = "040000 tree"
    commit = bare.run("commit-tree", tree, "-m", "Postmortem").strip()
    bare.run("update-ref", "refs/heads/postmortem/inc-1", commit)
    shown = text(demo.http.get("/ui/panel/postmortems"))
    assert "<h1>LMS errors</h1>" in shown
    assert "postmortem/inc-1" in shown
    assert "<script>x" not in shown
    assert "1 written" in text(demo.http.get("/"))
    assert "That was an incident." in text(demo.http.get("/"))
    assert demo.http.post("/ui/world/start", json={}).json()["ok"]
    assert "That was an incident." not in text(demo.http.get("/"))


def test_tickets_and_pulls_are_listed_with_their_states(demo: Any) -> None:
    demo.sim.jira = Shown(
        {"tickets": {"OPS-1": {"key": "OPS-1", "summary": EVIL, "status": "To Do"}}}
    )
    pull = {"number": 7, "title": "Revert r142", "state": "open", "body": EVIL, "comments": []}
    demo.sim.github = Shown({"demo/platform": {"issues": [], "pulls": [pull]}})
    shown = text(demo.http.get("/ui/panel/tickets"))
    assert "OPS-1" in shown
    assert "To Do" in shown
    assert "demo/platform#7" in shown
    assert EVIL not in shown
    assert "1 ticket, 1 pull" in text(demo.http.get("/"))


def test_the_public_page_shows_what_is_impaired_and_what_was_said(demo: Any) -> None:
    update = {"status": "investigating", "body": "We are looking."}
    incident = {"name": "Errors", "status": "investigating", "incident_updates": [update]}
    component = {"name": "LMS", "status": "partial_outage"}
    demo.sim.statuspage = Shown({"components": [component], "incidents": [incident]})
    shown = text(demo.http.get("/ui/panel/statuspage"))
    assert "partial outage" in shown
    assert "We are looking." in shown
    assert "partial outage" in text(demo.http.get("/"))
