"""Feature flags in AWS AppConfig: read from the deployed version, changed by a deployment of a new one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.errors import Refused, VendorRejected, before_sending
from bot.domain.flags import Board, Flag, Rollout
from bot.domain.places import Deployment
from bot.integrations.aws.account import Account
from bot.integrations.aws.words import VENDOR

AT_ONCE = "AppConfig.AllAtOnce"
_PERCENT = ("percentage", "percent", "rollout")
Json = Mapping[str, Any]


class AppConfig:
    """A catalog identifier is `<application>/<environment>/<profile>`, by their ids."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def board(self, place: Deployment) -> Board:
        rollouts = self.rollouts(place)
        there = next((each for each in rollouts if each.there), None)
        if there is None:
            raise Refused(f"No flags of {place.service} were ever rolled out there.")
        content = self._content(place, there.version)
        before = next(
            (each for each in rollouts if each.number < there.number and each.there), None
        )
        return Board(
            version=there.version,
            flags=_flags(content),
            latest=rollouts[0],
            earlier=_flags(self._content(place, before.version)) if before else (),
        )

    def roll_out(
        self, place: Deployment, board: Board, flag: Flag, marker: str, *, doing: str, by_hand: str
    ) -> str:
        """A new version harms nobody until it is deployed; that is refused if others deployed."""
        application, environment, profile = _ids(place)
        content = _changed(self._content(place, board.version), flag)
        with before_sending(doing):
            made = self._account.write(
                "appconfig",
                "create_hosted_configuration_version",
                doing=doing,
                by_hand=by_hand,
                ApplicationId=application,
                ConfigurationProfileId=profile,
                Content=json.dumps(content).encode(),
                ContentType="application/json",
                Description=marker,
            )
            # The answer repeats the content as a stream that keeps its connection until closed.
            made["Content"].close()
        answered = self._account.write(
            "appconfig",
            "start_deployment",
            doing=doing,
            by_hand=by_hand,
            ApplicationId=application,
            EnvironmentId=environment,
            DeploymentStrategyId=place.option("strategy") or AT_ONCE,
            ConfigurationProfileId=profile,
            ConfigurationVersion=str(made["VersionNumber"]),
            Description=marker,
            LatestDeploymentNumber=board.latest.number,
        )
        return str(answered["DeploymentNumber"])

    def rollout(self, place: Deployment, reference: str) -> Rollout:
        return _rollout(self._shown(place, reference))

    def _shown(self, place: Deployment, reference: str) -> Json:
        application, environment, _ = _ids(place)
        return self._account.read(
            "appconfig",
            "get_deployment",
            doing="see how far the flags are",
            ApplicationId=application,
            EnvironmentId=environment,
            DeploymentNumber=int(reference),
        )

    def flags(self, place: Deployment, version: str) -> tuple[Flag, ...]:
        """As a version has them, rolled out or not."""
        return _flags(self._content(place, version))

    def rollouts(self, place: Deployment) -> list[Rollout]:
        """Newest first; those of other profiles in the same environment left out."""
        application, environment, _ = _ids(place)
        found = self._account.read(
            "appconfig",
            "list_deployments",
            doing=f"read the flags of {place.service}",
            ApplicationId=application,
            EnvironmentId=environment,
        )["Items"]
        known = [_rollout(e) for e in sorted(found, key=lambda e: -int(e["DeploymentNumber"]))]
        names = dict.fromkeys(each.profile for each in known)
        if len(names) < 2:
            return known
        ours = next((name for name in names if self._ours(place, name, known)), "")
        return [each for each in known if each.profile == ours]

    def _ours(self, place: Deployment, name: str, known: Sequence[Rollout]) -> bool:
        """The list names a profile by its name only; one rollout of it tells its id."""
        number = next(each.number for each in known if each.profile == name)
        return self._shown(place, str(number)).get("ConfigurationProfileId") == _ids(place)[2]

    def _content(self, place: Deployment, version: str) -> Json:
        application, _, profile = _ids(place)
        doing = f"read version {version} of the flags of {place.service}"
        found = self._account.read(
            "appconfig",
            "get_hosted_configuration_version",
            doing=doing,
            ApplicationId=application,
            ConfigurationProfileId=profile,
            VersionNumber=int(version),
        )["Content"]
        try:
            content = json.loads(found.read())
        except ValueError as error:
            raise VendorRejected(VENDOR, doing, "its content is not JSON") from error
        if not isinstance(content, dict) or "values" not in content:
            raise VendorRejected(VENDOR, doing, "it is no set of feature flags")
        return content


def _ids(place: Deployment) -> tuple[str, str, str]:
    parts = place.identifier.split("/")
    if len(parts) != 3:
        raise Refused(
            f"The catalog has to name the flags of {place.ref} as"
            " <application>/<environment>/<profile>."
        )
    return parts[0], parts[1], parts[2]


def _flags(content: Json) -> tuple[Flag, ...]:
    described = content.get("flags", {})
    return tuple(
        Flag(
            name=name,
            title=described.get(name, {}).get("name", ""),
            on=bool(value.get("enabled")),
            percent=next((int(value[each]) for each in _PERCENT if each in value), None),
        )
        for name, value in sorted(content["values"].items())
    )


def _changed(content: Json, flag: Flag) -> Json:
    values = {**content["values"]}
    value = {**values[flag.name], "enabled": flag.on}
    for each in _PERCENT:
        if each in value and flag.percent is not None:
            value[each] = flag.percent
    return {**content, "values": {**values, flag.name: value}}


def _rollout(shown: Json) -> Rollout:
    return Rollout(
        number=int(shown["DeploymentNumber"]),
        version=str(shown["ConfigurationVersion"]),
        state=str(shown["State"]),
        percent=float(shown.get("PercentageComplete", 0)),
        marker=str(shown.get("Description", "")),
        started=shown.get("StartedAt"),
        ended=shown.get("CompletedAt"),
        profile=str(shown.get("ConfigurationName", "")),
    )
