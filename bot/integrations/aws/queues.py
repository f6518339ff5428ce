"""How much waits in a queue, by the CloudWatch metric that the catalog names: SQS's own, or one of the team."""

from __future__ import annotations

from bot.domain.places import Queue
from bot.domain.queue import Depth
from bot.integrations.aws.account import Account
from bot.integrations.aws.metrics import WINDOW, Metric, newest


class MeasuredQueues:
    def __init__(self, account: Account) -> None:
        self._account = account

    def depth(self, queue: Queue) -> Depth:
        """The newest number of the last minutes."""
        wanted = Metric(
            namespace=queue.namespace, name=queue.metric, of=dict(queue.of), stat="Maximum"
        )
        (found,) = newest(self._account, [wanted], doing="read how much waits in the queue")
        if found is None:
            minutes = WINDOW.total_seconds() / 60
            return Depth(unread=f"CloudWatch has no number of the last {minutes:.0f} minutes")
        return Depth(waiting=int(found))
