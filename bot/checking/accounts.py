"""Tries whether each environment's AWS role can be assumed, and says what is off where none is named."""

import asyncio

from bot.checking.row import Row, State
from bot.config import AwsConfig, Config
from bot.domain.catalog import Environment
from bot.domain.errors import VendorError
from bot.integrations.aws.sdk import Sdk

_AREA = "credentials"
_WHERE = "catalog/environments.yaml"
_NAME = "tocsin-check"


async def rows(config: Config) -> list[Row]:
    """One row per environment, side by side."""
    roles = {each.environment: each for each in config.aws}
    places = config.catalog.environments
    asked = (_row(each, roles[each.name]) for each in places if each.name in roles)
    answered = list(await asyncio.gather(*asked))
    return [*answered, *(_off(each) for each in places if each.name not in roles)]


async def _row(place: Environment, role: AwsConfig) -> Row:
    name, where = f"AWS in {place.name}", place.aws_role_variable or _WHERE
    account = Sdk(role.role_arn, role.region, role.endpoint)
    try:
        who = await asyncio.to_thread(account.who, name=_NAME)
    except VendorError as error:
        return Row(
            area=_AREA,
            where=where,
            state=State.PROBLEM,
            what=f"{name}: {error.why}.",
            fix="Check the role's trust policy, and the keys that the AWS SDK finds on this machine.",
        )
    finally:
        account.close()
    return Row(area=_AREA, where=where, state=State.OK, what=f"{name}: as {who}")


def _off(place: Environment) -> Row:
    return Row(
        area=_AREA,
        where=place.aws_role_variable or _WHERE,
        state=State.OFF,
        what=f"AWS in {place.name} is not configured.",
        fix="No traffic is shifted, no database failed over, no request blocked and no cache purged there.",
    )
