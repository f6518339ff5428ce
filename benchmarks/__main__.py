"""`python -m benchmarks [name…]`: what was measured, beside the budget and the floor of the same run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from benchmarks import (
    blameless,
    burst,
    deciding,
    inbox,
    listing,
    objectives,
    opening,
    runbooks,
    starting,
    webhooks,
)

BENCHMARKS: dict[str, Callable[[], object]] = {
    "starting": starting.main,
    "opening": opening.main,
    "burst": burst.main,
    "deciding": deciding.main,
    "webhooks": webhooks.main,
    "inbox": inbox.main,
    "runbooks": runbooks.main,
    "listing": listing.main,
    "objectives": objectives.main,
    "blameless": blameless.main,
}


def main(names: Sequence[str]) -> int:
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"There is no benchmark {', '.join(unknown)}: {', '.join(BENCHMARKS)}")
        return 2
    for name in names or BENCHMARKS:
        began = time.monotonic()
        BENCHMARKS[name]()
        print(f"({name}: {time.monotonic() - began:.0f} s)\n", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
