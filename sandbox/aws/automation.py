"""What moto leaves out of Systems Manager, AppConfig, CloudTrail, WAF and CloudFront."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.appconfig import urls as appconfig_urls
from moto.appconfig.responses import AppConfigResponse
from moto.cloudfront import models as cloudfront
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.wafv2.responses import WAFV2Response

from sandbox.aws.lookup import lookup_events
from sandbox.aws.moment import MOMENT

AUTOMATION_TAKES, DEPLOYMENT_TAKES, INVALIDATION_TAKES = 60.0, 60.0, 60.0


class NoDocument(ServiceException):
    code = "AutomationDefinitionNotFoundException"


class NoVersion(ServiceException):
    code = "AutomationDefinitionVersionNotFoundException"


class NoExecution(ServiceException):
    code = "AutomationExecutionNotFoundException"


class Conflict(JsonRESTError):
    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def _kept(backend: Any, name: str) -> dict[str, Any]:
    """On moto's own backend, so that its reset forgets it too."""
    found: dict[str, Any] = vars(backend).setdefault(name, {})
    return found


def start_automation_execution(self: SimpleSystemManagerResponse) -> ActionResult:
    """A document whose name ends in `-Fails` fails; another one succeeds after a minute."""
    name, token = self._get_param("DocumentName"), self._get_param("ClientToken")
    held = self.ssm_backend._documents.get(name)
    if held is None:
        raise NoDocument(f"Automation definition {name} not found.")
    asked = self._get_param("DocumentVersion") or "$DEFAULT"
    named = {"$DEFAULT": held.default_version, "$LATEST": held.latest_version}
    version = named.get(asked, asked)
    if held.find_by_version(version) is None:
        raise NoVersion(f"Document {name} has no version {asked}.")
    known = _kept(self.ssm_backend, "executions")
    if token in (each["_token"] for each in known.values()):
        same = next(each for each in known.values() if each["_token"] == token)
        return ActionResult({"AutomationExecutionId": same["AutomationExecutionId"]})
    made = {
        "AutomationExecutionId": str(uuid.uuid4()),
        "DocumentName": name,
        "DocumentVersion": version,
        "AutomationExecutionStatus": "InProgress",
        "ExecutionStartTime": MOMENT.now(),
        "Parameters": self._get_param("Parameters", {}),
        "Outputs": {},
        "StepExecutions": [{"StepName": "run", "StepStatus": "InProgress"}],
        "_token": token,
        "_tags": self._get_param("Tags", []),
    }
    known[made["AutomationExecutionId"]] = made
    MOMENT.after(AUTOMATION_TAKES, lambda: _finish(made))
    return ActionResult({"AutomationExecutionId": made["AutomationExecutionId"]})


def _finish(made: dict[str, Any]) -> None:
    failed = made["DocumentName"].endswith("-Fails")
    made["AutomationExecutionStatus"] = "Failed" if failed else "Success"
    made["ExecutionEndTime"] = MOMENT.now()
    made["FailureMessage"] = "Step run failed: the script ended with code 1" if failed else ""
    made["Outputs"] = {"run.Output": ["done for learner ana@demo.example"]}


def automation_execution(self: SimpleSystemManagerResponse) -> ActionResult:
    known = _kept(self.ssm_backend, "executions")
    found = known.get(self._get_param("AutomationExecutionId"))
    if found is None:
        raise NoExecution("There is no such execution.")
    return ActionResult({"AutomationExecution": _shown(found)})


def describe_automation_executions(self: SimpleSystemManagerResponse) -> ActionResult:
    """Filtered by tag, as we look for our own."""
    found = list(_kept(self.ssm_backend, "executions").values())
    for each in self._get_param("Filters", []):
        if each["Key"] == "TagKey":
            found = [f for f in found if any(t["Key"] in each["Values"] for t in f["_tags"])]
        if each["Key"] == "DocumentNamePrefix":
            found = [f for f in found if f["DocumentName"].startswith(tuple(each["Values"]))]
    return ActionResult({"AutomationExecutionMetadataList": [_shown(each) for each in found]})


def _shown(execution: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in execution.items() if not name.startswith("_")}


def start_deployment(self: AppConfigResponse) -> str:
    key = f"{self._get_param('ApplicationId')}/{self._get_param('EnvironmentId')}"
    known = _kept(self.appconfig_backend, "deployments").setdefault(key, [])
    if any(each["State"] == "DEPLOYING" for each in known):
        raise Conflict("Another deployment is in progress.")
    expected = self._get_param("LatestDeploymentNumber")
    if expected is not None and int(expected) != len(known):
        raise Conflict("LatestDeploymentNumber is not the latest one.")
    made = {
        "ApplicationId": self._get_param("ApplicationId"),
        "EnvironmentId": self._get_param("EnvironmentId"),
        "DeploymentStrategyId": self._get_param("DeploymentStrategyId"),
        "ConfigurationProfileId": self._get_param("ConfigurationProfileId"),
        "ConfigurationName": _profile(self),
        "ConfigurationVersion": str(self._get_param("ConfigurationVersion")),
        "Description": self._get_param("Description") or "",
        "DeploymentNumber": len(known) + 1,
        "State": "DEPLOYING",
        "PercentageComplete": 0.0,
        "StartedAt": MOMENT.now().isoformat(),
    }
    known.insert(0, made)

    def over() -> None:
        made.update(State="COMPLETE", PercentageComplete=100.0)
        made.update(CompletedAt=MOMENT.now().isoformat())

    MOMENT.after(DEPLOYMENT_TAKES, over)
    return json.dumps(made)


def _profile(self: AppConfigResponse) -> str:
    """By its name: that is how a list of deployments shows it."""
    held = self.appconfig_backend.applications.get(self._get_param("ApplicationId"))
    profile = self._get_param("ConfigurationProfileId")
    found = held.config_profiles.get(profile) if held else None
    return str(found.name if found else profile)


def list_deployments(self: AppConfigResponse) -> str:
    key = f"{self._get_param('ApplicationId')}/{self._get_param('EnvironmentId')}"
    return json.dumps({"Items": _kept(self.appconfig_backend, "deployments").get(key, [])})


def deployment(self: AppConfigResponse) -> str:
    key = f"{self._get_param('ApplicationId')}/{self._get_param('EnvironmentId')}"
    wanted = int(self._get_param("DeploymentNumber"))
    for each in _kept(self.appconfig_backend, "deployments").get(key, []):
        if each["DeploymentNumber"] == wanted:
            return json.dumps(each)
    raise JsonRESTError("ResourceNotFoundException", f"no deployment {wanted}")


def sampled_requests(self: WAFV2Response) -> str:
    """None: nobody sends requests here. The shape is what counts."""
    return json.dumps({"SampledRequests": [], "PopulationSize": 0})


_made = cloudfront.Invalidation.__init__


def _invalidation(self: cloudfront.Invalidation, *given: Any, **named: Any) -> None:
    """Spelt and timed as CloudFront does it."""
    _made(self, *given, **named)
    self.status = "InProgress"
    MOMENT.after(INVALIDATION_TAKES, lambda: setattr(self, "status", "Completed"))


def extend() -> None:
    manager: Any = SimpleSystemManagerResponse
    manager.start_automation_execution = start_automation_execution
    manager.get_automation_execution = automation_execution
    manager.describe_automation_executions = describe_automation_executions
    flags: Any = AppConfigResponse
    flags.start_deployment, flags.list_deployments = start_deployment, list_deployments
    flags.get_deployment = deployment
    place = "{0}/applications/(?P<app_id>[^/]+)/environments/(?P<environment>[^/]+)/deployments"
    appconfig_urls.url_paths[f"{place}$"] = AppConfigResponse.dispatch
    appconfig_urls.url_paths[f"{place}/(?P<number>[^/]+)$"] = AppConfigResponse.dispatch
    trail: Any = CloudTrailResponse
    trail.lookup_events = lookup_events
    firewall: Any = WAFV2Response
    firewall.get_sampled_requests = sampled_requests
    cloudfront.Invalidation.__init__ = _invalidation  # type: ignore[method-assign]
