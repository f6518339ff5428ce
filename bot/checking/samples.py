"""Made-up values for every shipped template, with all that the real ones may hold."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

_STAMP = "2026-03-10T14:05:00Z"


def sample(name: str) -> Mapping[str, object]:
    """Values for a template by its name; a template of nobody's gets none."""
    return next((values for pattern, values in _SAMPLES if fnmatchcase(name, pattern)), {})


_STATUSPAGE: Mapping[str, object] = {
    "title": "Course pages show errors",
    "affected": ("Course pages", "Sign-in"),
    "impact": "Some learners cannot open course pages.",
    "workaround": "Reloading the page helps some of them.",
    "started": "14:05 UTC",
    "ended": "14:22 UTC",
    "next_update": "14:50 UTC",
}

_UPDATE: Mapping[str, object] = {
    "severity": "SEV2",
    "impact": "1 in 9 requests to the LMS fails.",
    "changed": "Release r142 is being rolled back.",
    "doing": "Watching the error rate.",
    "doing_by": "commander",
    "risk": "None known.",
    "next_update": "14:50 UTC",
}

_FOLLOW_UP: Mapping[str, object] = {
    "incident": "lms-2026-03-10-k3f9",
    "incident_title": "LMS errors after r142",
    "severity": "SEV2",
    "title": "Check migrations before a release is synced",
    "type": "prevent",
    "owner": "LMS on-call",
    "due": "2026-04-09",
    "done_when": "A release whose code reads a missing column does not start.",
    "why": "The release read a column that did not exist yet.",
    "postmortem": "https://git.example/postmortems/2026/k3f9.md",
    "channel": "https://slack.example/archives/C1",
}

_POSTMORTEM: Mapping[str, object] = {
    "facts": {
        "id": "k3f9",
        "title": "LMS errors after r142",
        "severity": "SEV2",
        "status": "draft",
        "services": ["lms"],
        "started_at": _STAMP,
        "mitigated_at": None,
        "ttm_s": 1020,
    },
    "summary": "Course pages failed for 17 minutes after a release.",
    "impact": "11.4% of requests failed.",
    "timeline": (
        {"at": "14:05", "text": "Release r142 was synced.", "link": "https://e.example"},
    ),
    "detection": "An alert, two minutes after the first bad minute.",
    "factors": ("The migration was not part of the release.",),
    "trigger": "Release r142.",
    "response": ("14:12 Rolled back to r141.",),
    "recovery": "11.4% → 0.2%, stable 10 min.",
    "open_questions": ("What happened between 14:06 and 14:11?",),
    "actions": (
        {
            "title": "Check migrations before a sync",
            "owner": "team-lms",
            "due": "2026-04-09",
            "type": "prevent",
            "done_when": "Such a release does not start.",
            "ticket": "OPS-12",
        },
    ),
    "runbook_changes": ("lms-5xx-after-deploy.md: step 4 was marked wrong.",),
    "pictures": ({"file": "k3f9-lms-availability.png", "alt": "SLI by minute", "trouble": ""},),
    "similar": (),
    "external_message": "We fixed a problem with course pages.",
    "gaps": ("14:06 to 14:11",),
}

_SAMPLES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("postmortem.md.j2", _POSTMORTEM),
    ("statuspage/*.md.j2", _STATUSPAGE),
    ("internal-update.md.j2", _UPDATE),
    ("follow-up.md.j2", _FOLLOW_UP),
)
