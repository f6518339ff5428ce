"""Draws a curve as PNG, as a program of its own: what draws costs 40 MB that nobody needs at other times.

Reads a JSON object from standard input (`title`, `target`, `points` of [ISO time, SLI or null], `moments`
of [ISO time, label]) and writes the PNG to standard output.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

_INK, _QUIET, _LINE, _BAD = "#1c2733", "#5b6b7a", "#1f6feb", "#b42318"
_WIDTH, _HEIGHT, _DOTS = 6.6, 3.9, 150
_ROOM = 0.08
_STEPS, _TICKS = (5, 10, 15, 30, 60, 120), 7


def drawn(asked: dict[str, Any]) -> Figure:
    """On a light background, readable without colour: every line is labelled."""
    mpl.rcParams.update({"font.size": 10, "text.color": _INK, "axes.labelcolor": _INK})
    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DOTS, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    points = [(datetime.fromisoformat(at), sli) for at, sli in asked["points"]]
    times = [_minutes(at) for at, _sli in points]
    values = [float("nan") if sli is None else sli * 100 for _at, sli in points]
    axes.step(times, values, where="post", color=_LINE, linewidth=1.8)
    _target(axes, asked["target"] * 100)
    lowest = min(each for each in values if each == each)
    span = max(100 - lowest, (1 - asked["target"]) * 300)
    axes.set_ylim(100 - span * (1 + _ROOM), 100 + span * 0.42)
    moments = [(datetime.fromisoformat(at), label) for at, label in asked["moments"]]
    _moments(axes, moments, span)
    axes.set_title(asked["title"], loc="left", fontsize=12, fontweight="bold")
    axes.set_xlabel("UTC")
    _hours(axes, times[0], max([times[-1], *(_minutes(at) for at, _label in moments)]))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    axes.set_yticks(
        [each for each in axes.get_yticks() if 100 - span * (1 + _ROOM) <= each <= 100]
    )
    axes.grid(axis="y", color="#e3e8ee", linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure


def _target(axes: Axes, target: float) -> None:
    axes.axhline(target, color=_QUIET, linewidth=1, linestyle=(0, (5, 3)))
    axes.annotate(
        f"target {target:g}%",
        xy=(1, target),
        xycoords=("axes fraction", "data"),
        xytext=(-4, -12),
        textcoords="offset points",
        ha="right",
        color=_QUIET,
        fontsize=9,
    )


def _moments(axes: Axes, moments: list[tuple[datetime, str]], span: float) -> None:
    """Their labels one below the other, so that those of the same minute can both be read."""
    for place, (at, label) in enumerate(moments):
        height = 100 + span * (0.36 - 0.08 * (place % 5))
        axes.axvline(_minutes(at), color=_BAD, linewidth=1, linestyle=":", ymax=0.99)
        axes.annotate(
            f" {label} {at:%H:%M}", xy=(_minutes(at), height), color=_BAD, fontsize=9, va="center"
        )


def _hours(axes: Axes, first: float, last: float) -> None:
    """On round minutes, ten of them at most."""
    step = next((each for each in _STEPS if (last - first) / each <= _TICKS), _STEPS[-1])
    begin = -(-first // step) * step
    axes.set_xticks([begin + step * place for place in range(int((last - begin) // step) + 1)])
    axes.xaxis.set_major_formatter(FuncFormatter(_clock))


def _minutes(at: datetime) -> float:
    return at.timestamp() / 60


def _clock(minutes: float, _place: int) -> str:
    return f"{datetime.fromtimestamp(minutes * 60, UTC):%H:%M}"


def _percent(value: float, _place: int) -> str:
    return f"{value:g}%"


if __name__ == "__main__":
    figure = drawn(json.load(sys.stdin))
    # Without the program's name and version the same curve is the same file.
    figure.savefig(sys.stdout.buffer, format="png", metadata={"Software": None})
