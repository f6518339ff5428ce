"""Workflows as Automation documents against real boto3 and moto: started once, found by a tag, proven."""

import json
from dataclasses import replace

import pytest

from bot.domain.catalog import Catalog, Deployment, Driver, Resource
from bot.domain.errors import Refused, VendorRejected
from bot.domain.mitigation import Receipt, Settled, TooEarly, Unhealthy, Untouched
from bot.domain.workflow import By, Document, Input, InputKind, Workflow, ordered
from bot.integrations.aws.automations import Automations
from bot.mitigations.run_workflow import RunWorkflow
from bot.reactions import serving
from tests.mitigations.clouds import (
    ATTEMPT,
    INCIDENT,
    PRODUCTION,
    carried_out,
    denied,
    lost,
    plan_of,
    seen,
    tools_of,
)

NAME = "Tocsin-EndIdleConnections"
PLACE = Deployment(
    service="rds-mysql",
    environment="production",
    driver=Driver.MANAGED,
    kind="rds",
    identifier="db",
)
IDLE = Workflow(
    name="end-idle",
    title="End idle connections",
    owner="team-data",
    services=("rds-mysql",),
    environments=("production",),
    inputs=(
        Input(
            name="seconds",
            kind=InputKind.INTEGER,
            lowest=60,
            highest=600,
            default="300",
            passed_as="IdleSeconds",
        ),
    ),
    runs=Document(name=NAME),
)
TARGET = "end-idle seconds=120"


def kind(workflow=IDLE):
    return RunWorkflow(workflows=(workflow,), where=frozenset({("production", By.SSM)}))


def document(aws, name=NAME, *, sort="Automation"):
    content = {
        "schemaVersion": "0.3",
        "description": "Ends connections that sleep",
        "parameters": {"IdleSeconds": {"type": "String", "description": "How long"}},
        "mainSteps": [{"name": "run", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
    }
    aws.client("ssm").create_document(
        Content=json.dumps(content), Name=name, DocumentType=sort, DocumentFormat="JSON"
    )


def renewed(aws, *, default):
    """A version 2; whether it is the one that runs by itself."""
    ssm = aws.client("ssm")
    content = json.loads(ssm.get_document(Name=NAME)["Content"])
    content["description"] = "Something else"
    ssm.update_document(Content=json.dumps(content), Name=NAME, DocumentVersion="1")
    if default:
        ssm.update_document_default_version(Name=NAME, DocumentVersion="2")


@pytest.fixture
def tools(aws, account):
    document(aws)
    store = Resource(name="rds-mysql", kind="rds", environments=("production",))
    catalog = Catalog(environments=(PRODUCTION,), resources=(store,))
    runners = {("production", By.SSM): Automations(account)}
    return tools_of(aws, account, catalog, runners=runners)


def executions(aws):
    found = aws.client("ssm").describe_automation_executions()
    return found["AutomationExecutionMetadataList"]


def test_it_is_started_followed_and_proven(aws, tools):
    plan = plan_of(tools, kind(), PLACE, TARGET)
    assert plan.stands[0].endswith(f": {NAME}, version 1")

    receipt = carried_out(tools, kind(), plan)

    assert isinstance(kind().verify(tools, plan, receipt), TooEarly)
    found = seen(aws, tools, kind(), plan, receipt)
    assert isinstance(found, Settled)
    assert "AWS calls it Success. Its last words: done for learner" in found.evidence
    assert "ana@demo.example" not in found.evidence
    (made,) = executions(aws)
    asked = aws.client("ssm").get_automation_execution(
        AutomationExecutionId=made["AutomationExecutionId"]
    )
    assert asked["AutomationExecution"]["Parameters"] == {"IdleSeconds": ["120"]}


def test_one_that_fails_says_why(aws, tools):
    document(aws, "Tocsin-Fails")
    fails = kind(replace(IDLE, runs=Document(name="Tocsin-Fails")))
    plan = plan_of(tools, fails, PLACE, TARGET)

    found = seen(aws, tools, fails, plan, carried_out(tools, fails, plan))

    assert isinstance(found, Unhealthy)
    assert "AWS calls it Failed" in found.why
    assert "the script ended with code 1" in found.why


def test_where_the_answer_was_lost_it_is_found_by_its_tag(aws, tools):
    plan = plan_of(tools, kind(), PLACE, TARGET)
    assert isinstance(kind().look(tools, plan, ATTEMPT), Untouched)

    lost(aws, tools, kind(), plan, "StartAutomationExecution", "drop_after")

    assert isinstance(kind().look(tools, plan, ATTEMPT), Receipt)
    assert isinstance(kind().look(tools, plan, f"{ATTEMPT}0"), Untouched)


def test_the_same_attempt_starts_nothing_twice(aws, tools):
    plan = plan_of(tools, kind(), PLACE, TARGET)

    carried_out(tools, kind(), plan)
    carried_out(tools, kind(), plan)

    assert len(executions(aws)) == 1


def test_another_version_makes_the_plan_stale(aws, tools):
    plan = plan_of(tools, kind(), PLACE, TARGET)
    renewed(aws, default=True)

    with pytest.raises(Refused, match="what end-idle runs was changed"):
        carried_out(tools, kind(), plan)
    assert executions(aws) == []


def test_the_version_of_the_plan_is_asked_for_by_its_number(aws, tools):
    plan = plan_of(tools, kind(), PLACE, TARGET)
    assert plan.steps[0] == f"start the automation {NAME}, version 1"
    order = ordered(TARGET, (IDLE,), "production")
    runner = tools.runner("production", By.SSM)
    read = runner.recipe(order, doing="run it")
    # Between our last look and our request.
    renewed(aws, default=True)

    with serving(INCIDENT):
        runner.start(order, ATTEMPT, recipe=read, doing="run it", by_hand="")

    (made,) = executions(aws)
    assert made["DocumentVersion"] == "1"


def test_an_approval_is_for_one_version(aws, tools):
    before = plan_of(tools, kind(), PLACE, TARGET)
    renewed(aws, default=True)

    assert plan_of(tools, kind(), PLACE, TARGET).digest != before.digest


def test_a_document_that_is_not_there_is_told(tools):
    other = kind(replace(IDLE, runs=Document(name="Tocsin-Other")))

    with pytest.raises(VendorRejected, match="could not run end-idle"):
        plan_of(tools, other, PLACE, TARGET)


def test_a_document_of_another_sort_is_refused(aws, tools):
    document(aws, "Tocsin-Command", sort="Command")
    other = kind(replace(IDLE, runs=Document(name="Tocsin-Command")))

    with pytest.raises(Refused, match="is no Automation document"):
        plan_of(tools, other, PLACE, TARGET)


def test_a_parameter_that_it_does_not_have_is_told(tools):
    strange = replace(IDLE, inputs=(Input(name="speed", pattern=".*", default="1"),))

    with pytest.raises(Refused, match=r"has no parameter speed .* It has: IdleSeconds"):
        plan_of(tools, kind(strange), PLACE, "end-idle")


def test_a_missing_right_is_named(aws, tools):
    plan = plan_of(tools, kind(), PLACE, TARGET)

    why = denied(aws, tools, kind(), plan, "StartAutomationExecution")

    assert "our role lacks ssm:StartAutomationExecution" in why
