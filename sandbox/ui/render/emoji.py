"""Emoji names as people and bots type them, so that `:warning:` is seen as a sign and not as a word."""

from __future__ import annotations

import re
import unicodedata

# Names whose spelling differs from the Unicode name; the rest is found in the Unicode database.
_NAMED = {
    "+1": "👍",
    "-1": "👎",
    "alarm_clock": "⏰",
    "arrow_down": "⬇️",
    "arrow_forward": "▶️",
    "arrow_left": "⬅️",
    "arrow_right": "➡️",
    "arrow_up": "⬆️",
    "arrows_counterclockwise": "🔄",
    "ballot_box_with_check": "☑️",
    "bangbang": "‼️",
    "bar_chart": "📊",
    "bell": "🔔",
    "black_circle": "⚫",
    "beetle": "🐞",
    "book": "📖",
    "books": "📚",
    "bookmark": "🔖",
    "bulb": "💡",
    "calendar": "📅",
    "chart_with_downwards_trend": "📉",
    "chart_with_upwards_trend": "📈",
    "clipboard": "📋",
    "closed_book": "📕",
    "computer": "💻",
    "construction": "🚧",
    "double_vertical_bar": "⏸️",
    "exclamation": "❗",
    "email": "✉️",
    "eyes": "👀",
    "fast_forward": "⏩",
    "grey_question": "❔",
    "gear": "⚙️",
    "hammer_and_wrench": "🛠️",
    "heavy_check_mark": "✔️",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "information_source": "ℹ️",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_orange_circle": "🟠",
    "large_purple_circle": "🟣",
    "large_red_square": "🟥",
    "large_yellow_circle": "🟡",
    "leftwards_arrow_with_hook": "↩️",
    "link": "🔗",
    "loudspeaker": "📢",
    "mag": "🔍",
    "mega": "📣",
    "memo": "📝",
    "moneybag": "💰",
    "no_bell": "🔕",
    "no_entry": "⛔",
    "no_entry_sign": "🚫",
    "octagonal_sign": "🛑",
    "ok": "🆗",
    "pager": "📟",
    "pencil": "📝",
    "pencil2": "✏️",
    "phone": "☎️",
    "point_right": "👉",
    "pray": "🙏",
    "question": "❓",
    "raised_hands": "🙌",
    "raising_hand": "🙋",
    "recycle": "♻️",
    "red_circle": "🔴",
    "rewind": "⏪",
    "robot_face": "🤖",
    "rotating_light": "🚨",
    "scales": "⚖️",
    "shield": "🛡️",
    "simple_smile": "🙂",
    "slightly_smiling_face": "🙂",
    "smile": "😄",
    "speech_balloon": "💬",
    "star": "⭐",
    "star2": "🌟",
    "stopwatch": "⏱️",
    "tada": "🎉",
    "thinking_face": "🤔",
    "thumbsdown": "👎",
    "thumbsup": "👍",
    "timer_clock": "⏲️",
    "twisted_rightwards_arrows": "🔀",
    "warning": "⚠️",
    "wave": "👋",
    "white_check_mark": "✅",
    "white_circle": "⚪",
    "white_large_square": "⬜",
    "x": "❌",
    "zap": "⚡",
}
PATTERN = re.compile(r":([a-z0-9_+'-]{1,60}):(?::skin-tone-[2-6]:)?")


def emoji(name: str) -> str | None:
    """The character of that name, or None when nobody knows it."""
    if name in _NAMED:
        return _NAMED[name]
    try:
        found = unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return None
    # Only what is drawn as a picture by default is "wide"; the rest has no glyph in emoji fonts.
    is_picture = len(found) == 1 and unicodedata.category(found) == "So"
    return found if is_picture and unicodedata.east_asian_width(found) == "W" else None


def with_emoji(text: str) -> str:
    """Plain text with its emoji names replaced; unknown names stay as they were typed."""
    return PATTERN.sub(lambda found: emoji(found[1]) or found[0], text)
