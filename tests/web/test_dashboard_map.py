"""The map: how everything stands in words, and what goes down with what is chosen."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from bot.domain.catalog import Catalog, Journey, Kind, MigrationStage, Resource, Service
from bot.domain.events import Resolved
from bot.domain.severity import Severity
from tests.doubles.house import House
from tests.doubles.people import ANA
from tests.web.doors import FIVE, FORUMS, PRIVATE, Doors, Measured, Reader, declare, tools_of

PLACES = Catalog(
    services=(
        Service(
            name="lms",
            title="LMS",
            tier=1,
            depends_on=("waf", "mysql", "identity"),
            description="Course pages.",
        ),
        Service(name="lms-worker", title="LMS worker", kind=Kind.WORKER, part_of="lms"),
        Service(name="identity", title="Identity", tier=1, depends_on=("mysql",)),
        Service(name="forums", title="Forums", tier=2, depends_on=("lms",)),
        Service(name="notes", title="Notes", tier=2, depends_on=("lms",)),
        Service(name="games", title="Games", tier=2),
        Service(
            name="old-notes",
            title="Old notes",
            kind=Kind.LEGACY,
            migration=MigrationStage.TRAFFIC_50,
        ),
    ),
    resources=(
        Resource(name="route53", title="Route 53", kind="route53"),
        Resource(name="waf", title="AWS WAF", kind="waf", depends_on=("route53",)),
        Resource(name="mysql", title="RDS MySQL", kind="rds"),
    ),
    journeys=(
        Journey(name="lms-availability", title="LMS availability", members=("lms",)),
        Journey(name="enrollment", title="Course enrollment", members=("lms", "mysql")),
    ),
    objectives=(*FIVE, FORUMS),
)


def reader(house: House, catalog: Catalog = PLACES, samples: Measured | None = None) -> Reader:
    tools = replace(tools_of(house, samples=samples), catalog=catalog)
    return Reader(Doors(tools).app())


def card(page: str, name: str) -> str:
    """The words on the card of one thing, or nothing where it has none."""
    cards = re.findall(r'<li class="node.*?</li>', page, flags=re.DOTALL)
    found = [each for each in cards if f'id="node-{name}"' in each]
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def folded(page: str) -> str:
    return " ".join(re.findall(r"<details.*?</details>", page, flags=re.DOTALL))


def test_every_card_says_in_a_word_how_it_stands(house: House) -> None:
    page = reader(house).get("/map").text
    assert card(page, "lms") == "LMS ● healthy 1 worker"
    assert card(page, "enrollment") == "Course enrollment ▲ warning"
    assert card(page, "forums") == "Forums ■ exhausted"
    assert card(page, "mysql") == "RDS MySQL not measured"


def test_a_source_that_says_nothing_is_no_data_and_no_success(house: House) -> None:
    page = reader(house, samples=Measured()).get("/map").text
    assert card(page, "forums") == "Forums ○ no data"


def test_an_open_incident_stands_before_what_is_measured(house: House) -> None:
    declare(house, "i1", "Course pages fail")
    page = reader(house).get("/map").text
    assert "◆ incident open" in card(page, "lms")
    house.record("i1", Resolved(how="over", by=ANA))
    assert "◆ incident open" not in card(reader(house).get("/map").text, "lms")


def test_an_incident_of_a_worker_is_told_on_the_card_of_its_service(house: House) -> None:
    declare(house, "i1", "Mails wait", service="lms-worker")
    page = reader(house).get("/map").text
    assert card(page, "lms") == "LMS ● healthy 1 worker Incident open on LMS worker"
    assert "◆ incident open" in card(page, "lms-worker")


def test_neither_a_private_incident_nor_one_of_staging_colours_the_map(house: House) -> None:
    declare(house, "i1", "Somebody reads the mail of others", visibility=PRIVATE)
    declare(house, "i2", "Course pages fail", environment="staging")
    staging = tools_of(house).catalog.environments
    page = reader(house, replace(PLACES, environments=staging)).get("/map").text
    assert "incident open" not in page


def test_supporting_services_that_are_well_are_folded_and_the_others_are_not(
    house: House,
) -> None:
    page = reader(house).get("/map").text
    assert 'id="node-games"' in folded(page)
    assert "2 more, not measured" in page
    assert 'id="node-forums"' not in folded(page)
    assert 'id="node-lms"' not in folded(page)


def test_a_legacy_service_says_how_much_of_it_runs_on_eks(house: House) -> None:
    page = reader(house).get("/map").text
    assert "Legacy services on EC2" in page
    assert card(page, "old-notes") == "Old notes not measured · 50% on EKS"


def test_choosing_the_database_shows_who_stands_on_it_and_by_which_way(house: House) -> None:
    page = reader(house).get("/map?of=mysql").text
    assert "Blast radius of RDS MySQL" in page
    assert card(page, "identity").endswith("stands on RDS MySQL")
    assert card(page, "forums").endswith("stands on RDS MySQL through LMS")
    assert card(page, "enrollment").endswith("a member of it")
    assert card(page, "lms-availability").endswith("through LMS")


def test_the_most_important_of_those_that_stand_on_it_are_listed_first(house: House) -> None:
    worker = replace(PLACES.services[1], depends_on=("mysql",), tier=1)
    minor = Service(name="extra", title="Extra", tier=3, depends_on=("mysql",))
    catalog = replace(
        PLACES, services=(minor, worker, *(e for e in PLACES.services if e.name != worker.name))
    )
    page = reader(house, catalog).get("/map?of=mysql").text
    listed = page.partition("Stands on it directly (4)")[2].partition("</ul>")[0]
    order = re.findall(r'href="/map\?of=([^"#]+)', listed)
    assert order == ["lms", "identity", "extra", "lms-worker"]


def test_choosing_a_service_shows_what_it_needs_and_what_ships_with_it(house: House) -> None:
    page = reader(house).get("/map?of=lms").text
    assert card(page, "mysql").endswith("LMS stands on this")
    assert card(page, "route53").endswith("LMS stands on this through AWS WAF")
    assert "Ships with it (1)" in page
    assert "Course pages." in page


def test_the_objectives_at_risk_say_what_is_left_of_their_budgets(house: House) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", reader(house).get("/map?of=lms").text).split())
    risks = page.partition("Objectives at risk (3)")[2].partition("It stands on")[0]
    assert "LMS availability ● healthy 99.94%, promised 99.9%, 72% of the budget left" in risks
    assert "Forums availability ■ exhausted" in risks
    assert "Video delivery" not in risks


def test_what_the_chosen_one_does_not_touch_is_dimmed_or_folded(house: House) -> None:
    page = reader(house).get("/map?of=identity").text
    dimmed = re.findall(r'<li class="node[^"]* dim[^"]*">\s*<a id="node-([^"]+)"', page)
    assert set(dimmed) == {"route53", "waf", "games", "old-notes"}
    assert 'id="node-notes"' not in folded(page)


def test_the_incidents_of_the_chosen_one_lead_to_their_pages(house: House) -> None:
    declare(house, "i1", "Course <b>pages</b> fail", severity=Severity.SEV1)
    page = reader(house).get("/map?of=lms").text
    assert '<a href="/incidents/i1">Course &lt;b&gt;pages&lt;/b&gt; fail</a>' in page


def test_a_name_that_nobody_knows_is_said_to_be_unknown_and_never_run(house: House) -> None:
    page = reader(house).get("/map?of=%3Cscript%3E").text
    assert "Nothing in the catalog is called “&lt;script&gt;”" in page
    assert "<script>" not in page
    assert card(page, "lms") != ""


def test_an_incident_leads_to_its_place_on_the_map(house: House) -> None:
    declare(house, "i1", "Course pages fail")
    assert 'href="/map?of=lms#radius"' in reader(house).get("/incidents/i1").text


def test_an_empty_catalog_says_where_to_write_one(house: House) -> None:
    page = reader(house, Catalog()).get("/map").text
    assert "The catalog names nothing yet" in page


def test_the_map_needs_no_inline_script_or_style(house: House) -> None:
    page = reader(house).get("/map?of=lms").text
    for each in (" style=", "<style", "<script>", "onclick"):
        assert each not in page


def test_a_map_of_many_services_is_drawn_within_a_tenth_of_a_second(house: House) -> None:
    many = tuple(
        Service(name=f"s{n}", tier=n % 3 + 1, depends_on=("mysql", *(f"s{m}" for m in range(n))))
        for n in range(60)
    )
    asked = reader(house, replace(PLACES, services=(*PLACES.services, *many)))
    asked.get("/map?of=mysql")
    spans = []
    for _ in range(20):
        began = time.process_time()
        assert asked.get("/map?of=mysql").status_code == 200
        spans.append(time.process_time() - began)
    assert sorted(spans)[len(spans) // 2] < 0.1
