"""Holds the catalog to its answers: who needs whom, who pages for what, and nothing from nothing."""

import pytest

from bot.domain.catalog import (
    Catalog,
    Deployment,
    Environment,
    Journey,
    KnownPerson,
    MigrationStage,
    PageMatch,
    PagingRule,
    Pattern,
    Resource,
    Service,
    Team,
)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(
        environments=(
            Environment(name="staging"),
            Environment(name="production", production=True),
        ),
        services=(
            Service(
                name="lms",
                title="LMS",
                owner="team-lms",
                tier=1,
                aliases=("learning management system",),
                depends_on=("grading", "mysql"),
                deployments=(
                    Deployment(service="lms", environment="production", app="lms"),
                    Deployment(service="lms", environment="staging", app="lms-staging"),
                ),
                pagerduty=(("production", "PLMS"), ("staging", "PLMSSTG")),
            ),
            Service(name="grading", depends_on=("mysql",)),
            Service(name="lms-worker", part_of="lms"),
            Service(name="video-transcoder"),
        ),
        resources=(Resource(name="mysql", pagerduty=(("production", "PMYSQL"),)),),
        journeys=(
            Journey(name="video", members=("lms",)),
            Journey(name="enrollment", members=("lms", "mysql")),
        ),
        teams=(Team(name="team-lms", escalation_policy="EPLMS"),),
        people=(
            KnownPerson(slack="U1", name="Ana", email="Ana@demo.example", pagerduty="P1"),
            KnownPerson(slack="U2", name="Ben", email="ben@demo.example"),
        ),
        paging=(
            PagingRule(
                name="says staging",
                service="lms",
                environment="staging",
                pagerduty_service="PLMS",
                patterns=(Pattern(field="environment", expression="^stag"),),
            ),
            PagingRule(
                name="database words",
                service="mysql",
                environment="production",
                patterns=(Pattern(field="title", expression=r"\bmysql\b"),),
            ),
        ),
    )


def test_a_service_answers_to_its_name_and_to_what_people_call_it(catalog):
    assert catalog.service("lms") is catalog.service("Learning Management System")


def test_dependencies_come_nearest_first_with_their_distance(catalog):
    reached = [(each.name, each.distance) for each in catalog.dependencies("lms-worker")]
    assert reached == [("lms", 1), ("grading", 2), ("mysql", 2)]


def test_the_blast_radius_goes_the_other_way(catalog):
    assert {each.name: each.distance for each in catalog.dependants("mysql")} == {
        "lms": 1,
        "grading": 1,
        "lms-worker": 2,
    }


def test_a_circle_of_dependencies_ends():
    catalog = Catalog(
        services=(Service(name="a", depends_on=("b",)), Service(name="b", depends_on=("a",)))
    )
    assert [each.name for each in catalog.dependencies("a")] == ["b"]


def test_an_incident_on_a_member_names_the_journeys_and_through_whom(catalog):
    risks = [(risk.journey.name, risk.via) for risk in catalog.journeys_at_risk("mysql")]
    assert risks == [("enrollment", "mysql"), ("video", "lms")]


def test_a_deployment_is_found_by_service_and_environment(catalog):
    found = catalog.deployment("lms", "staging")
    assert found is not None
    assert (found.app, found.ref) == ("lms-staging", "staging/lms")


def test_a_service_is_not_deployed_where_nobody_said_so(catalog):
    assert catalog.deployment("grading", "production") is None


def test_a_page_belongs_to_the_service_that_names_its_pagerduty_service(catalog):
    assert catalog.match_page("PLMS", {}) == PageMatch(
        service="lms", environment="production", rule="lms itself"
    )


def test_a_staging_page_never_becomes_a_production_one(catalog):
    found = catalog.match_page("PLMSSTG", {"title": "LMS down"})
    assert found is not None
    assert found.environment == "staging"


def test_a_rule_comes_before_what_a_service_says_of_itself(catalog):
    found = catalog.match_page("PLMS", {"environment": "Staging"})
    assert found is not None
    assert (found.environment, found.rule) == ("staging", "says staging")


def test_the_first_rule_that_holds_wins(catalog):
    found = catalog.match_page("PLMS", {"environment": "staging", "title": "MySQL is slow"})
    assert found is not None
    assert found.rule == "says staging"


def test_a_rule_without_a_pagerduty_service_looks_at_the_fields_alone(catalog):
    found = catalog.match_page("POTHER", {"title": "MySQL is slow"})
    assert found is not None
    assert found.service == "mysql"


def test_a_page_of_nobody_matches_nothing(catalog):
    assert catalog.match_page("POTHER", {"title": "something"}) is None


def test_three_nearest_services_are_offered_for_an_unknown_page(catalog):
    assert catalog.nearest("vidoe transcodr is stuck")[0].name == ("video-transcoder")
    assert len(catalog.nearest("anything at all")) == 3


def test_a_parent_is_offered_before_its_worker(catalog):
    assert catalog.nearest("LMS web errors")[0].name == "lms"


def test_people_are_found_by_each_of_their_names(catalog):
    ana = catalog.people[0]
    assert catalog.person_by_slack("U1") == ana
    assert catalog.person_by_email("ana@DEMO.example") == ana
    assert catalog.person_by_pagerduty("P1") == ana


def test_somebody_without_a_written_pagerduty_id_is_found_by_email(catalog):
    assert catalog.person_by_pagerduty("P9", "ben@demo.example") == catalog.people[1]


def test_a_written_pagerduty_id_wins_over_the_email(catalog):
    assert catalog.person_by_pagerduty("P1", "ben@demo.example") == catalog.people[0]


def test_nobody_is_found_by_an_empty_email():
    catalog = Catalog(people=(KnownPerson(slack="U1", name="Gus"),))
    assert catalog.person_by_email("") is None
    assert catalog.person_by_pagerduty("") is None


def test_an_unknown_environment_counts_as_production(catalog):
    assert catalog.is_production("mystery")
    assert not catalog.is_production("staging")


def test_the_owners_escalation_policy_is_known(catalog):
    assert catalog.on_call_policy("lms") == "EPLMS"
    assert catalog.on_call_policy("grading") is None


def test_an_empty_catalog_has_an_empty_answer_to_everything():
    catalog = Catalog()
    assert catalog.empty
    assert catalog.service("lms") is None
    assert catalog.deployment("lms", "production") is None
    assert catalog.dependencies("lms") == ()
    assert catalog.dependants("lms") == ()
    assert catalog.journeys_at_risk("lms") == ()
    assert catalog.nearest("lms is down") == ()
    assert catalog.match_page("PLMS", {"title": "x"}) is None
    assert catalog.person_by_slack("U1") is None
    assert catalog.production is None
    assert catalog.label("lms") == "lms"


@pytest.mark.parametrize(
    ("stage", "share"),
    [
        (MigrationStage.PARALLEL_TESTING, 0),
        (MigrationStage.TRAFFIC_10, 10),
        (MigrationStage.TRAFFIC_90, 90),
        (MigrationStage.EKS_100, 100),
    ],
)
def test_mirrored_traffic_counts_as_no_share_of_users(stage, share):
    assert stage.eks_share == share


def test_traffic_goes_back_one_phase_and_never_after_decommissioning():
    assert MigrationStage.TRAFFIC_10.previous is MigrationStage.PARALLEL_TESTING
    assert MigrationStage.EKS_100.previous is MigrationStage.TRAFFIC_90
    assert MigrationStage.DECOMMISSIONED.previous is None
    assert MigrationStage.EC2_ONLY.previous is None
