"""Everything that mitigations and triage may ask of one account, made from the one way into it."""

from __future__ import annotations

from bot.clouds import Cloud
from bot.integrations.aws.account import Account
from bot.integrations.aws.appconfig import AppConfig
from bot.integrations.aws.datastores import AwsDatastores
from bot.integrations.aws.distributions import Distributions
from bot.integrations.aws.health import AwsHealth
from bot.integrations.aws.machines import AwsMachines
from bot.integrations.aws.queues import MeasuredQueues
from bot.integrations.aws.traffic import AwsTraffic
from bot.integrations.aws.walls import Walls


def cloud(account: Account) -> Cloud:
    return Cloud(
        traffic=AwsTraffic(account),
        datastores=AwsDatastores(account),
        firewall=Walls(account),
        cache=Distributions(account),
        flags=AppConfig(account),
        machines=AwsMachines(account),
        health=AwsHealth(account),
        queues=MeasuredQueues(account),
    )
