"""Holds the configuration to telling everything that is wrong at once, and never a secret."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import ConfigError, Mode, load, survey
from bot.domain.catalog import Driver

SLACK = {"SLACK_BOT_TOKEN": "xoxb-demo", "SLACK_SIGNING_SECRET": "demo-signing-secret"}
PAGERDUTY = {
    "PAGERDUTY_API_TOKEN": "pd-demo-token",
    "PAGERDUTY_FROM_EMAIL": "tocsin@demo.example",
    "PAGERDUTY_WEBHOOK_SECRETS": "hook-one, hook-two",
}
ENVIRONMENTS = """\
environments:
  production:
    production: true
    argocd: {url: https://argo.demo.example/, url_variable: ARGO_URL, token_variable: ARGO_TOKEN}
  staging: {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "catalog"
    place.mkdir()
    return place


def told(environ: dict[str, str]) -> dict[str, str]:
    """What is wrong, by place."""
    return {problem.where: problem.what for problem in survey(environ).problems}


def told_of(folder: Path, **files: str) -> dict[str, str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return told({"TOCSIN_CATALOG": str(folder)})


def test_nothing_set_is_a_configuration_with_everything_off(folder):
    config = load({"TOCSIN_CATALOG": str(folder)})
    assert (config.port, config.command, config.mode) == (8300, "/incident", Mode.ACT)
    assert config.catalog.empty
    assert config.slack is config.pagerduty is config.statuspage is config.jira is None
    assert config.github is config.newrelic is config.clock_url is config.postmortem_repo is None
    assert config.announcements == "incidents"


def test_an_empty_variable_counts_as_unset(folder):
    config = load({"TOCSIN_CATALOG": str(folder), "PORT": "", "SLACK_BOT_TOKEN": " "})
    assert config.port == 8300
    assert config.slack is None


def test_a_configured_vendor_is_there_with_its_default_address(folder):
    config = load({"TOCSIN_CATALOG": str(folder)} | SLACK)
    assert config.slack is not None
    assert config.slack.bot_token.get_secret_value() == "xoxb-demo"
    assert config.slack.api_url == "https://slack.com/api/"


def test_slacks_address_always_ends_in_one_slash(folder):
    config = load(
        {"TOCSIN_CATALOG": str(folder), "SLACK_API_URL": "http://127.0.0.1:8400/slack/api"} | SLACK
    )
    assert config.slack is not None
    assert config.slack.api_url == "http://127.0.0.1:8400/slack/api/"


def test_webhook_secrets_are_several_while_one_is_rotated(folder):
    config = load({"TOCSIN_CATALOG": str(folder)} | PAGERDUTY)
    assert config.pagerduty is not None
    secrets = [secret.get_secret_value() for secret in config.pagerduty.webhook_secrets]
    assert secrets == ["hook-one", "hook-two"]


def test_the_secrets_of_told_changes_stand_alone_and_are_several(folder):
    both = {"TOCSIN_CATALOG": str(folder), "CHANGES_WEBHOOK_SECRETS": "one, two"}
    secrets = [secret.get_secret_value() for secret in load(both).change_secrets]
    assert secrets == ["one", "two"]
    assert load({"TOCSIN_CATALOG": str(folder)}).change_secrets == ()
    assert set(told({"CHANGES_WEBHOOK_SECRETS": " , "})) == {"CHANGES_WEBHOOK_SECRETS"}


def test_half_a_vendor_is_a_problem_for_each_missing_variable():
    found = told({"PAGERDUTY_API_TOKEN": "pd-demo-token"})
    assert set(found) == {"PAGERDUTY_FROM_EMAIL", "PAGERDUTY_WEBHOOK_SECRETS"}


def test_all_problems_are_told_at_once(folder):
    (folder / "people.yaml").write_text("people:\n  - {name: Ana}\n")
    with pytest.raises(ConfigError) as caught:
        load(
            {
                "TOCSIN_CATALOG": str(folder),
                "PORT": "99999",
                "TOCSIN_MODE": "maybe",
                "TOCSIN_COMMAND": "incident",
                "JIRA_URL": "jira",
            }
        )
    wheres = {problem.where for problem in caught.value.problems}
    assert {"PORT", "TOCSIN_MODE", "TOCSIN_COMMAND", "JIRA_EMAIL"} <= wheres
    assert "catalog/people.yaml:2" in wheres
    assert all(problem.fix for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-secret-value"),
        ("SLACK_BOT_TOKEN", "'xoxb-secret-value'"),
        ("SLACK_SIGNING_SECRET", "secret-value with space"),
        ("SLACK_SIGNING_SECRET", "secret-välue"),
    ],
)
def test_a_malformed_secret_is_a_problem_that_does_not_repeat_it(name, value):
    found = survey(SLACK | {name: value})
    assert [problem.where for problem in found.problems] == [name]
    assert "secret-v" not in str(found.problems)


def test_no_secret_shows_in_the_configuration_itself(folder):
    config = load({"TOCSIN_CATALOG": str(folder)} | SLACK | PAGERDUTY)
    shown = repr(config) + str(config)
    for secret in ("xoxb-demo", "demo-signing-secret", "pd-demo-token", "hook-one", "hook-two"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("SLACK_API_URL", "slack.com", "not an address"),
        ("SLACK_API_URL", "http://slack.com/api/", "unencrypted"),
        ("SLACK_API_URL", "https://me:pass@slack.com/", "password"),
    ],
)
def test_a_bad_address_is_a_problem(name, value, what):
    assert what in told(SLACK | {name: value})[name]


def test_postgresql_is_refused_with_the_reason():
    found = told({"DATABASE_URL": "postgresql://db/tocsin"})
    assert "not in this release" in found["DATABASE_URL"]


def test_a_sqlite_file_may_lie_anywhere(folder):
    config = load({"TOCSIN_CATALOG": str(folder), "DATABASE_URL": "sqlite:////srv/tocsin.db"})
    assert config.database == Path("/srv/tocsin.db")


def test_the_database_lies_in_the_data_folder_by_default(folder, tmp_path):
    config = load({"TOCSIN_CATALOG": str(folder), "TOCSIN_DATA_DIR": str(tmp_path)})
    assert config.database == tmp_path / "tocsin.db"


def test_a_folder_that_was_asked_for_has_to_exist():
    assert "no folder" in told({"TOCSIN_CATALOG": "/nowhere/at/all"})["TOCSIN_CATALOG"]


def test_a_misspelt_variable_of_ours_is_warned_about():
    [warning] = survey({"TOCSIN_MOD": "observe"}).warnings
    assert (warning.where, warning.fix) == ("TOCSIN_MOD", "Did you mean TOCSIN_MODE?")


def test_argo_cd_is_off_while_its_token_is_not_set(folder):
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    config = load({"TOCSIN_CATALOG": str(folder)})
    assert config.argocd_in("production") is None


def test_argo_cd_takes_its_address_from_the_file(folder):
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    config = load({"TOCSIN_CATALOG": str(folder), "ARGO_TOKEN": "argo-demo-token"})
    place = config.argocd_in("production")
    assert place is not None
    assert place.url == "https://argo.demo.example"
    assert config.argocd_in("staging") is None


def test_a_variable_with_argo_cds_address_wins_over_the_file(folder):
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    config = load(
        {
            "TOCSIN_CATALOG": str(folder),
            "ARGO_TOKEN": "argo-demo-token",
            "ARGO_URL": "http://127.0.0.1:8400/argocd",
        }
    )
    place = config.argocd_in("production")
    assert place is not None
    assert place.url == "http://127.0.0.1:8400/argocd"


REGISTRIES = """\
environments: {production: {}}
registries:
  - host: registry.acme.example:5000
    username: tocsin
    password_variable: IMAGES_PASSWORD
  - host: docker.io
    url: https://mirror.acme.example/
    url_variable: MIRROR_URL
"""


def test_a_registry_is_asked_as_anybody_while_its_password_is_not_set(folder):
    (folder / "environments.yaml").write_text(REGISTRIES)
    ours, hub = load({"TOCSIN_CATALOG": str(folder)}).registries
    assert (ours.host, ours.url, ours.username) == ("registry.acme.example:5000", "", "")
    assert ours.password is None
    assert (hub.host, hub.url) == ("docker.io", "https://mirror.acme.example")


def test_a_registry_takes_its_password_and_its_address_from_their_variables(folder):
    (folder / "environments.yaml").write_text(REGISTRIES)
    config = load(
        {
            "TOCSIN_CATALOG": str(folder),
            "IMAGES_PASSWORD": "pull-only-secret",
            "MIRROR_URL": "http://127.0.0.1:8400/registry",
        }
    )
    ours, hub = config.registries
    assert ours.username == "tocsin"
    assert ours.password is not None
    assert ours.password.get_secret_value() == "pull-only-secret"
    assert hub.url == "http://127.0.0.1:8400/registry"
    assert "pull-only-secret" not in repr(config)


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (("host: docker.io", "host: https://docker.io"), 6, "is not a host"),
        (("host: docker.io", "host: docker.io/library"), 6, "is not a host"),
        (("host: docker.io", "hst: docker.io"), 6, "`registries.1.hst` is not a setting"),
        (("host: docker.io", "host: registry.acme.example:5000"), 6, "in this file already"),
        (("https://mirror.acme.example/", "mirror"), 7, "is not an address"),
        (("https://mirror", "http://mirror"), 7, "unencrypted"),
        (("https://mirror", "https://me:pw@mirror"), 7, "holds a password"),
        (("    password_variable: IMAGES_PASSWORD\n", ""), 3, "belong together"),
        (("    username: tocsin\n", ""), 3, "belong together"),
    ],
)
def test_a_mistake_in_a_registry_is_told_at_its_line(folder, change, line, what):
    assert change[0] in REGISTRIES
    found = told_of(folder, environments=REGISTRIES.replace(*change))
    assert what in found[f"catalog/environments.yaml:{line}"]


def test_a_variable_with_a_registrys_address_is_held_to_the_same_rules(folder):
    (folder / "environments.yaml").write_text(REGISTRIES)
    found = told({"TOCSIN_CATALOG": str(folder), "MIRROR_URL": "http://mirror.acme.example"})
    assert "unencrypted" in found["MIRROR_URL"]


def test_broken_yaml_is_told_with_its_line(folder):
    found = told_of(folder, people="people:\n  - {slack: U1\n")
    assert any(where.startswith("catalog/people.yaml:") for where in found)


def test_a_key_written_twice_is_told_with_its_line(folder):
    found = told_of(folder, environments="environments:\n  a: {}\n  a: {}\n")
    assert "twice" in found["catalog/environments.yaml:3"]


def test_a_misspelt_key_is_told_with_the_right_one(folder):
    (folder / "people.yaml").write_text("people:\n  - slack: U1\n    name: Ana\n    emial: a@b\n")
    [problem] = survey({"TOCSIN_CATALOG": str(folder)}).problems
    assert (problem.where, problem.fix) == ("catalog/people.yaml:4", "Did you mean email?")


COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: lms
  annotations:
    argocd/app-name: lms
    pagerduty.com/service-id: PLMS
    tocsin.dev/tier: "1"
spec:
  type: service
  owner: team-lms
"""
GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-lms}
"""


def test_a_component_becomes_a_service_with_its_deployment(folder):
    assert told_of(folder, lms=f"{COMPONENT}---\n{GROUP}", environments=ENVIRONMENTS) == {}
    catalog = survey({"TOCSIN_CATALOG": str(folder)}).config.catalog
    service = catalog.service("lms")
    assert service is not None
    assert (service.tier, service.owner) == (1, "team-lms")
    deployment = catalog.deployment("lms", "production")
    assert deployment is not None
    assert (deployment.driver, deployment.app) == (Driver.ARGOCD, "lms")
    assert catalog.deployment("lms", "staging") is None


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (("owner: team-lms", "owner: team-lsm"), 11, "`team-lsm` is not in the catalog"),
        (('tier: "1"', 'tier: "7"'), 8, "there is no tier 7"),
        (("dev/tier", "dev/teir"), 8, "nobody reads this annotation"),
        (('"1"', "1"), 8, "valid string"),
        (("kind: Component", "kind: Compnent"), 2, "no kind"),
        (("spec:", "relations: []\nspec:"), 1, "computed by Backstage"),
        (("owner: team-lms", "owner: team-lms\n  dependsOn: [component:x]"), 12, "`x` is not"),
    ],
)
def test_a_mistake_in_an_entity_is_told_at_its_line(folder, change, line, what):
    found = told_of(folder, lms=COMPONENT.replace(*change), teams=GROUP, environments=ENVIRONMENTS)
    assert what in found[f"catalog/lms.yaml:{line}"]


def test_a_name_is_given_only_once(folder):
    found = told_of(folder, lms=f"{COMPONENT}---\n{COMPONENT}", teams=GROUP)
    assert "already exists" in found["catalog/lms.yaml:16"]


def test_a_pagerduty_service_belongs_to_one_component(folder):
    other = COMPONENT.replace("name: lms", "name: cms", 1)
    found = told_of(folder, lms=f"{COMPONENT}---\n{other}", teams=GROUP, environments=ENVIRONMENTS)
    assert "belongs to `lms` already" in found["catalog/lms.yaml:19"]


def test_a_rule_without_a_condition_is_refused(folder):
    rule = "rules:\n  - {name: all, when: {}, service: lms, environment: production}\n"
    found = told_of(folder, lms=COMPONENT, teams=GROUP, environments=ENVIRONMENTS, paging=rule)
    assert "take every page" in found["catalog/paging.yaml:2"]


def test_a_broken_pattern_is_refused(folder):
    rule = "rules:\n  - name: all\n    when: {fields: {title: '('}}\n    service: lms\n    environment: production\n"
    found = told_of(folder, lms=COMPONENT, teams=GROUP, environments=ENVIRONMENTS, paging=rule)
    assert "regular expression" in found["catalog/paging.yaml:3"]


def test_two_people_cannot_share_an_id(folder):
    people = "people:\n  - {slack: U1, name: Ana}\n  - {slack: U1, name: Ben}\n"
    assert "somebody else" in told_of(folder, people=people)["catalog/people.yaml:3"]


def test_policy_keeps_its_defaults_for_what_the_file_leaves_out(folder):
    (folder / "policy.yaml").write_text("times: {ack_nag: 3m}\nannouncements: '#war-room'\n")
    config = load({"TOCSIN_CATALOG": str(folder)})
    assert config.policy.ack_nag == timedelta(minutes=3)
    assert config.policy.snooze == timedelta(minutes=15)
    assert config.announcements == "war-room"


def test_a_variable_names_the_announcements_channel_over_the_policy(folder):
    (folder / "policy.yaml").write_text("announcements: war-room\n")
    config = load({"TOCSIN_CATALOG": str(folder), "TOCSIN_ANNOUNCE_CHANNEL": "#ops"})
    assert config.announcements == "ops"


def test_never_is_a_length_of_time_only_where_it_makes_sense(folder):
    assert told_of(folder, policy="severities: {sev3: {public_update: never}}\n") == {}
    found = told_of(folder, policy="times:\n  ack_nag: never\n")
    assert "length of time" in found["catalog/policy.yaml:2"]


def test_an_approval_rule_that_hides_the_ones_below_it_is_a_problem(folder):
    rules = "approvals:\n  - {wants_another: false}\n  - {risk: high, wants_another: true}\n"
    assert "never decide" in told_of(folder, policy=rules)["catalog/policy.yaml:2"]


def test_a_freeze_that_ends_before_it_starts_is_a_problem(folder):
    freeze = "freezes:\n  - {name: x, starts: 2026-12-20T00:00:00Z, ends: 2026-12-01T00:00:00Z}\n"
    assert "before it starts" in told_of(folder, policy=freeze)["catalog/policy.yaml:2"]
