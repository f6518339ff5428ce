"""What stands in the demo platform's account, how a scenario moves it, and what it shows now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
import httpx
from botocore.config import Config

from sandbox.aws.building import ACCOUNT, ACL, FLAGS, REGION, RULE_PATHS, Built, build
from sandbox.aws.moment import MOMENT
from sandbox.aws.trail import TRAIL

LONG_AGO = timedelta(days=3)
"""Since when everything has been as it is."""
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8"
WHO = {
    "traffic": ("terraform-apply", TERRAFORM),
    "waf": ("rosa.vidal", "console.amazonaws.com"),
    "flags": ("mei.tanaka", "aws-cli/2.17"),
    "rds": ("rds.amazonaws.com", "rds.amazonaws.com"),
}
"""Whom CloudTrail names for a move, by what is moved: session and user agent."""


@dataclass(kw_only=True)
class Platform:
    """One account in one region; everything is done by its own API, so that the trail is true."""

    url: str = ""
    built: Built | None = None
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def build(self, facts: Mapping[str, Any]) -> None:
        """Emptied, then as the facts have it; ids are the catalog's."""
        now = MOMENT.now()
        httpx.post(f"{self.url}/moto-api/reset", trust_env=False, timeout=30).raise_for_status()
        MOMENT.become(now - LONG_AGO)
        self._clients = {}
        self.built = build(lambda service: self._client(service, ""))
        for path, value in facts.items():
            self.move(path, value)
        MOMENT.advance(3600)
        self._remember()
        MOMENT.become(now)

    def _remember(self) -> None:
        """The trail begins with the last time that each thing was set to what it is."""
        TRAIL.clear()
        for path, value in self.look().items():
            kind, _, rest = path.partition(".")
            match kind:
                case "traffic":
                    self._weigh(rest, int(value))
                case "waf":
                    self._act(rest, str(value))

    def move(self, path: str, value: Any) -> None:
        """Nothing where it is so already."""
        if self.built is None or self.look().get(path) == value:
            return
        kind, _, rest = path.partition(".")
        match kind:
            case "traffic":
                self._weigh(rest, int(value))
            case "waf":
                self._act(rest, str(value))
            case "flags":
                self._switch(rest, on=bool(value))
            case "rds" if rest == "writer":
                self._client("rds", kind).reboot_db_instance(
                    DBInstanceIdentifier=self.built.database, ForceFailover=True
                )
            case _:
                raise KeyError(path)

    def look(self) -> dict[str, Any]:
        """By the world's own paths; what is still on its way is left out."""
        if self.built is None:
            return {}
        found: dict[str, Any] = {}
        for path, arn in self.built.rules.items():
            rule = self._client("elbv2", "").describe_rules(RuleArns=[arn])["Rules"][0]
            weights = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
            found[f"traffic.{path}"] = weights[1]["Weight"]
        for rule in self._acl()["WebACL"]["Rules"]:
            if (path := RULE_PATHS.get(rule["Name"])) is not None:
                found[path] = _doing(rule)
        for name, value in self._flags()["values"].items() if not self._rolling() else ():
            found[f"flags.{name}"] = bool(value["enabled"])
        database = self._client("rds", "").describe_db_instances(
            DBInstanceIdentifier=self.built.database
        )["DBInstances"][0]
        if database["DBInstanceStatus"] == "available":
            found["rds.writer"] = database["AvailabilityZone"]
        return found

    def _weigh(self, service: str, share: int) -> None:
        assert self.built is not None
        arn = self.built.rules[service]
        client = self._client("elbv2", "traffic")
        actions = client.describe_rules(RuleArns=[arn])["Rules"][0]["Actions"]
        groups = actions[0]["ForwardConfig"]["TargetGroups"]
        groups[0]["Weight"], groups[1]["Weight"] = 100 - share, share
        client.modify_rule(RuleArn=arn, Actions=actions)

    def _act(self, rule: str, action: str) -> None:
        found = self._acl()
        acl = found["WebACL"]
        for each in acl["Rules"]:
            if RULE_PATHS.get(each["Name"]) == f"waf.{rule}":
                each["Action"] = {action.title(): {}}
        self._client("wafv2", "waf").update_web_acl(
            Name=acl["Name"],
            Id=acl["Id"],
            Scope=ACL["Scope"],
            Description=acl.get("Description", ""),
            DefaultAction=acl["DefaultAction"],
            VisibilityConfig=acl["VisibilityConfig"],
            Rules=acl["Rules"],
            LockToken=found["LockToken"],
        )

    def _acl(self) -> dict[str, Any]:
        assert self.built is not None
        found: dict[str, Any] = self._client("wafv2", "").get_web_acl(
            Name=ACL["Name"], Scope=ACL["Scope"], Id=self.built.acl
        )
        return found

    def _switch(self, flag: str, *, on: bool) -> None:
        content = self._flags()
        if flag not in content["values"]:
            raise KeyError(f"flags.{flag}")
        content["values"][flag]["enabled"] = on
        roll_out(self._client("appconfig", "flags"), content)

    def _rolling(self) -> bool:
        application, environment, _profile = FLAGS
        found = self._client("appconfig", "").list_deployments(
            ApplicationId=application, EnvironmentId=environment
        )
        return any(each["State"] == "DEPLOYING" for each in found["Items"])

    def _flags(self) -> dict[str, Any]:
        """As the newest rollout that is through has it."""
        client = self._client("appconfig", "")
        application, environment, profile = FLAGS
        done = client.list_deployments(ApplicationId=application, EnvironmentId=environment)
        version = max(
            int(each["ConfigurationVersion"])
            for each in done["Items"]
            if each["State"] == "COMPLETE"
        )
        found = client.get_hosted_configuration_version(
            ApplicationId=application, ConfigurationProfileId=profile, VersionNumber=version
        )
        content: dict[str, Any] = json.loads(found["Content"].read())
        return content

    def _client(self, service: str, kind: str) -> Any:
        key = (service, kind)
        if key not in self._clients:
            session, agent = WHO.get(kind, ("", "demo-world"))
            keys = {"aws_access_key_id": "demo", "aws_secret_access_key": "demo"}
            if session:
                given = self._client("sts", "").assume_role(
                    RoleArn=f"arn:aws:iam::{ACCOUNT}:role/people",
                    RoleSessionName=session,
                )["Credentials"]
                keys = {
                    "aws_access_key_id": given["AccessKeyId"],
                    "aws_secret_access_key": given["SecretAccessKey"],
                    "aws_session_token": given["SessionToken"],
                }
            self._clients[key] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.url,
                config=Config(user_agent=agent, retries={"total_max_attempts": 1}),
                **keys,
            )
        return self._clients[key]


def roll_out(client: Any, content: Mapping[str, Any]) -> None:
    application, environment, profile = FLAGS
    made = client.create_hosted_configuration_version(
        ApplicationId=application,
        ConfigurationProfileId=profile,
        Content=json.dumps(content).encode(),
        ContentType="application/json",
    )
    client.start_deployment(
        ApplicationId=application,
        EnvironmentId=environment,
        DeploymentStrategyId="AppConfig.AllAtOnce",
        ConfigurationProfileId=profile,
        ConfigurationVersion=str(made["VersionNumber"]),
    )


def _doing(rule: Mapping[str, Any]) -> str:
    return next(iter(rule["Action"])).upper()


PLATFORM = Platform()
