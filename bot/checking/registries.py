"""Tries whether each registry of the catalog lets us in, and says what is not asked where it does not."""

import asyncio

from bot.checking.row import Row, State
from bot.config import Config, RegistryConfig
from bot.domain.errors import VendorError
from bot.integrations.registry import Registries
from bot.tools import Gate
from bot.vendors import logins

_AREA = "credentials"
_WHERE = "catalog/environments.yaml"


async def rows(config: Config) -> list[Row]:
    """One row per registry, side by side."""
    registries = Registries(logins(config), gate=Gate(observe=True))
    try:
        asked = (_row(each, registries) for each in config.registries)
        return list(await asyncio.gather(*asked))
    finally:
        registries.close()


async def _row(place: RegistryConfig, registries: Registries) -> Row:
    where = place.password_variable or _WHERE
    if place.password_variable and place.password is None:
        return Row(
            area=_AREA,
            where=where,
            state=State.OFF,
            what=f"Registry {place.host}: no password is set.",
            fix="Images there are asked for without credentials; where it wants some, a plan says so.",
        )
    try:
        await asyncio.to_thread(registries.sign_in, place.host)
    except VendorError as error:
        return Row(
            area=_AREA,
            where=where,
            state=State.PROBLEM,
            what=f"Registry {place.host}: {error.why}.",
            fix="Check its address, the user name and the password; reading is all it has to allow.",
        )
    who = place.username or "anybody"
    return Row(area=_AREA, where=where, state=State.OK, what=f"Registry {place.host}: as {who}")
