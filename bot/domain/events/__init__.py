"""Every fact a timeline can hold: frozen, past tense, each with a stored name for ever."""

from bot.domain.events.alert import *  # noqa: F403
from bot.domain.events.close import *  # noqa: F403
from bot.domain.events.mitigation import *  # noqa: F403
from bot.domain.events.staff import *  # noqa: F403
from bot.domain.events.triage import *  # noqa: F403
