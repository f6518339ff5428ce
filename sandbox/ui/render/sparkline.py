"""A metric's last minutes as an inline picture: a line, what is normal, and where the page is."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, PAD = 240.0, 56.0, 3.0


def sparkline(
    values: Sequence[float], *, title: str, limit: float | None = None, floor: float = 1.0
) -> Markup:
    """An SVG whose scale never makes small noise look like a storm: `floor` is the least top."""
    if not values:
        return Markup("")
    top = max([floor, *values, *([limit * 1.15] if limit is not None else [])])
    points = [_point(n, value, len(values), top) for n, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    last_x, last_y = points[-1]
    parts = [
        Markup('<polygon class="area" points="{},{} {} {},{}"/>').format(
            f"{points[0][0]:.1f}", f"{HEIGHT:.0f}", line, f"{last_x:.1f}", f"{HEIGHT:.0f}"
        )
    ]
    if limit is not None:
        y = f"{_y(limit, top):.1f}"
        parts.append(
            Markup('<line class="limit" x1="0" x2="{}" y1="{}" y2="{}"/>').format(int(WIDTH), y, y)
        )
    parts.append(Markup('<polyline class="line" points="{}"/>').format(line))
    # A point of no length with a round cap: it stays round however the picture is stretched.
    parts.append(
        Markup('<path class="tip" d="M{} {}h0"/>').format(f"{last_x:.1f}", f"{last_y:.1f}")
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(int(WIDTH), int(HEIGHT), title, Markup("").join(parts))


def _point(n: int, value: float, count: int, top: float) -> tuple[float, float]:
    span = WIDTH - 2 * PAD
    return PAD + (span * n / (count - 1) if count > 1 else span), _y(value, top)


def _y(value: float, top: float) -> float:
    return HEIGHT - PAD - (HEIGHT - 2 * PAD) * max(0.0, min(value / top, 1.0))
