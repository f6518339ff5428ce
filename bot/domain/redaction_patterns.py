"""The shapes secrets come in, each with the name a reader sees in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Values that stand for a secret in instructions and are none.
PLACEHOLDER = re.compile(
    r"(?:<[^>]*>|\$\{?\w+\}?|\{\{.*?\}\}|%\(?\w+\)?s?|x{3,}|\*+|\.{3,}|true|false|null|none|nil|yes"
    r"|no|empty|missing|wrong|expired|invalid|required|unset|redacted|changed|rotated|policy)",
    re.IGNORECASE,
)


def _always(_: str) -> bool:
    return True


def _not_a_placeholder(secret: str) -> bool:
    return not PLACEHOLDER.fullmatch(secret.strip("\"'"))


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """With a group named `secret` only that part is taken out, else the whole match."""

    kind: str
    matcher: re.Pattern[str]
    believes: Callable[[str], bool] = _always


def _plain(kind: str, expression: str, flags: int = 0) -> Pattern:
    return Pattern(kind=kind, matcher=re.compile(expression, flags))


def _valued(kind: str, expression: str) -> Pattern:
    matcher = re.compile(expression, re.IGNORECASE)
    return Pattern(kind=kind, matcher=matcher, believes=_not_a_placeholder)


_SECRET_NAMES = (
    # Not the "secret:" inside an ARN.
    r"(?<!\d:)(?<![\w-])(?:[\w-]*(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token"
    r"|access[_-]?token|refresh[_-]?token|private[_-]?key|client[_-]?secret|signing[_-]?key"
    r"|pgpassword)|pwd|token)"
)

PATTERNS = (
    _plain(
        "private key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:.*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|.*\Z)",
        re.DOTALL,
    ),
    _plain("Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bxapp-\d-[A-Za-z0-9-]{8,}"),
    _plain("Slack webhook", r"https://hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/\S+"),
    _plain("AWS key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    _valued(
        "AWS key",
        r"aws[_-]?(?:secret|session)[_-]?(?:access[_-]?key|token)?[\"']?\s*[:=]\s*[\"']?"
        r"(?P<secret>[A-Za-z0-9/+=]{20,})",
    ),
    _plain("GitHub token", r"\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    _plain("GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|agent|soat)-[A-Za-z0-9_-]{16,}"),
    _plain("Stripe key", r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/=]{16,}"),
    _plain("New Relic key", r"\bNRAK-[A-Z0-9]{20,}"),
    _plain("Google key", r"\bAIza[A-Za-z0-9_-]{30,}"),
    _plain("API key", r"\b(?:sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|hvs\.[\w-]{20,}|dop_v1_[a-f0-9]{40,}|ATATT[\w-]{20,}=*[A-F0-9]*)"),
    _plain("JWT", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"),
    _valued(
        "authorization header",
        r"\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?"
        r"(?P<secret>(?:bearer|basic|token|digest|aws4-hmac-sha256|genie[_-]?key)\s+[^\r\n\"']+"
        r"|(?!\[redacted)[^\s\"']{8,})",
    ),
    _valued("bearer token", r"\bbearer\s+(?P<secret>(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*)"),
    _valued("cookie", r"\b(?:set-)?cookie[\"']?\s*:\s*(?P<secret>[^\r\n\"']*=[^\r\n\"']+)"),
    _valued("URL password", r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@]{0,200}:(?P<secret>[^\s/@]{1,500}(?=@))"),
    _valued(
        "signed URL",
        r"[?&](?:X-Amz-(?:Signature|Security-Token|Credential)|sig|signature|access_token|token|key"
        r"|api_key)=(?P<secret>[^\s&\"'<>|)]{12,})",
    ),
    _valued("password", _SECRET_NAMES + r"[\"']?\s*[:=]\s*(?P<secret>\"[^\"\r\n]+\"|'[^'\r\n]+'|[^\s,;&\"'<>|)\]}]{3,})"),
    _valued("password", r"\b(?:password|passwd|pwd|passphrase)\s+(?:is|was)[ :]+(?P<secret>(?=\S*[\d!@#$%^&*])\S{5,})"),
    _valued("password", r"\s-(?:-password|-token)[ =](?P<secret>[^\s-]\S{3,})"),
    _plain(
        "e-mail address",
        r"(?<![\w.+-])[A-Za-z0-9](?:[\w.+-]{0,62}[\w+-])?@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}\b",
    ),
)  # fmt: skip

LOOK_LIKE_IDS = tuple(
    re.compile(expression)
    for expression in (
        r"(?:[0-9a-f]+|[0-9A-F]+)",
        r"(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
        r"(?i:sha(?:1|256|384|512)[-:=][0-9a-z+/=]+)",
        r"[a-z0-9]+(?:-[a-z0-9]+)+",
        r"[A-Za-z0-9_.]+(?:[/-][A-Za-z0-9_.]+){4,}",
        r"(?:PT|P|Q|R)[0-9A-Z]{5,13}",
    )
)
