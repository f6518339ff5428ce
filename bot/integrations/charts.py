"""Pictures of curves, drawn by a short-lived process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.slo.curve import Curve
from bot.reactions import outside_decisions

VENDOR = "the chart program"
_PATIENCE = 30.0
_ROOT = Path(__file__).parents[2]


def available() -> bool:
    """Whether the extra `charts` is installed."""
    return find_spec("matplotlib") is not None


class Charts:
    def draw(self, curve: Curve) -> bytes:
        """PNG; the same curve gives the same bytes. Raises `VendorDown` or `VendorRejected`."""
        outside_decisions()
        asked = {
            "title": curve.title,
            "target": curve.target,
            "points": [(at.isoformat(), sli) for at, sli in curve.points],
            "moments": [(each.at.isoformat(), each.label) for each in curve.moments],
        }
        doing = f"draw {curve.name}"
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bot.integrations.charting"],
                input=json.dumps(asked).encode(),
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
                cwd=_ROOT,
            )
        except subprocess.TimeoutExpired as late:
            raise VendorDown(VENDOR, doing, f"not done within {_PATIENCE:.0f} s") from late
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            by_hand = "pip install 'tocsin[charts]'"
            raise VendorRejected(VENDOR, doing, said[-1] if said else "no word", by_hand=by_hand)
        return done.stdout
