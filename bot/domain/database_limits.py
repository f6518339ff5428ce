"""How many connections a database takes, by the memory of its class and the default of its engine."""

from __future__ import annotations

import math
from dataclasses import dataclass

_GIB = 1024**3
_LARGE = {"t": 8, "m": 8, "c": 4, "r": 16, "x": 32, "z": 16}
"""GiB of a `large`, by the first letter of the family."""
_SMALLER = {"micro": 1 / 8, "small": 1 / 4, "medium": 1 / 2, "large": 1.0, "xlarge": 2.0}
_MYSQL, _POSTGRES = 12_582_880, 9_531_392
_MOST_POSTGRES = 5_000


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many, and who says so."""

    value: float
    basis: str


def most_connections(instance_class: str, engine: str, *, written: str = "") -> Limit | None:
    """What the catalog states wins; None where neither class nor engine is known.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
    """
    if written.replace(",", "").isdigit():
        return Limit(value=float(written.replace(",", "")), basis=f"{instance_class}, catalog")
    memory = memory_of(instance_class)
    if memory is None:
        return None
    match engine.lower().split("-"):
        case ["aurora", "mysql", *_]:
            grown = math.log2(memory / 8_187_281_408) * 1000
            found = max(math.log2(memory / 805_306_368) * 45, grown)
        case ["mysql" | "mariadb", *_]:
            found = memory / _MYSQL
        case ["postgres", *_] | ["aurora", "postgresql", *_]:
            found = min(memory / _POSTGRES, _MOST_POSTGRES)
        case _:
            return None
    return Limit(value=math.floor(found), basis=f"default of {instance_class}")


def memory_of(instance_class: str) -> float | None:
    """Bytes of `db.r5.4xlarge`. RDS keeps some for itself: what comes of it is a little too high."""
    _, _, rest = instance_class.partition(".")
    family, _, size = rest.partition(".")
    # The x1 families have sizes of their own.
    large = None if family.startswith("x1") else _LARGE.get(family[:1])
    if large is None or not size:
        return None
    if size in _SMALLER:
        return large * _SMALLER[size] * _GIB
    times = size.removesuffix("xlarge")
    return large * 2 * int(times) * _GIB if times.isdigit() else None
