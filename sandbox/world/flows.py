"""Which events there are in the demo world, and the story of each before it began."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sandbox.world import loader
from sandbox.world.applications import NORMAL, names_of
from sandbox.world.past import Incident, Stream, incidents_of

CDN = "cdn"
TAIL = 4.544
"""log 5 / log 1.425: a 99th percentile is 1.425 times the 95th, and so on by this power."""
_CDN_RATE = 18_000.0


@dataclass(frozen=True, kw_only=True)
class Story:
    """`share` of the application's requests, the bad of a usual day and of 30 days, incidents.

    Those of the platform's own objectives give their rows of its table.
    """

    share: float = 1.0
    ratio: float = 0.0002
    spent: float = 0.00025
    incidents: tuple[Incident, ...] = ()


_STORIES = {
    "lms": Story(ratio=0.0006, spent=0.00028, incidents=((21.4, 3, 5.0), (9.3, 2, 3.0))),
    "identity/login": Story(
        share=0.9, ratio=0.00005, spent=0.0000048, incidents=((16.8, 2, 1.0),)
    ),
    "lms/enroll": Story(
        share=0.02,
        ratio=0.0013,
        spent=0.000567,
        incidents=((23.6, 4, 5.0), (13.2, 2, 3.0), (5.5, 2, 2.0)),
    ),
    CDN: Story(ratio=0.0003, spent=0.00008, incidents=((18.1, 3, 4.0), (7.7, 1, 1.0))),
}
_FILTERED = 0.1
"""Of an application's requests, for a filter that nobody wrote a story for."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A stream, and what moves it in the play: nothing, where `app` is empty.

    `share` of the application's requests belong to it. With a `limit` (seconds) what is slower
    is bad, without one what failed.
    """

    stream: Stream
    app: str = ""
    names: tuple[str, ...] = ()
    share: float = 1.0
    limit: float | None = None


def of_app(app: str, like: str = "") -> Flow:
    """Of an APM application; `like` is the word by which its transactions are filtered."""
    key = f"{app}/{like}" if like else app
    story = _story(key, share=_FILTERED if like else 1.0)
    names = names_of(app)
    rate = base(names, "requests_per_min") * story.share
    return Flow(stream=_stream(key, rate, story), app=app, names=names, share=story.share)


def of_slow(app: str, limit: float) -> Flow:
    """Its requests, where those that took longer are the bad ones."""
    names, key = names_of(app), f"{app}/over {limit:g} s"
    ratio = slower(base(names, "p95_ms"), limit)
    story = Story(ratio=ratio, spent=3 * ratio, incidents=incidents_of(key))
    stream = _stream(key, base(names, "requests_per_min"), story)
    return Flow(stream=stream, app=app, names=names, limit=limit)


def of_side(service: str, side: str, percent: float) -> Flow:
    """Of one target group of a service; `percent` of the requests go there now."""
    rate = base(names_of(service), "requests_per_min") * _split(service, side) / 100
    return Flow(
        stream=_stream(service, rate, _story(service)),
        app=service,
        names=(f"{service}.{side}", *names_of(service)),
        share=percent / 100,
    )


def of_cdn() -> Flow:
    """Moved by nothing: no scenario breaks it."""
    return Flow(stream=_stream(CDN, _CDN_RATE, _STORIES[CDN]))


def slower(p95: float, limit: float) -> float:
    """How many of the requests take longer, by their 95th percentile in milliseconds."""
    return float(min(1.0, 0.05 * (p95 / 1000 / limit) ** TAIL))


@lru_cache(maxsize=256)
def base(names: tuple[str, ...], kind: str) -> float:
    """In the quiet world, whatever is played now: the past does not change with the scenario."""
    known = loader.quiet().metrics
    found = next((known[f"{each}.{kind}"] for each in names if f"{each}.{kind}" in known), None)
    return NORMAL[kind] if found is None else found.base


@lru_cache(maxsize=256)
def _split(service: str, side: str) -> float:
    """Percent of a service's requests that a side got before the world began."""
    share = loader.quiet().facts["traffic"].get(service)
    if share is None:
        return 100.0
    return float(share if side == "eks" else 100 - share)


def _story(key: str, *, share: float = 1.0) -> Story:
    return _STORIES.get(key) or Story(share=share, incidents=incidents_of(key))


def _stream(key: str, rate: float, story: Story) -> Stream:
    return Stream(
        key=key, rate=rate, ratio=story.ratio, spent=story.spent, incidents=story.incidents
    )
