"""Words that on-call people use for one another, so that a page and a runbook meet."""

from __future__ import annotations

from bot.domain.runbook_words import stem

GROUPS = (
    "oom oomkilled oomkill memory",
    "autoscaler hpa autoscaling scaler",
    "pvc pv persistentvolume volume",
    "nic interface network",
    "packet network",
    "disk filesystem storage volume",
    "space capacity full filling exhausted exhaustion fill",
    "inode inodes files",
    "down unreachable unavailable offline absent disappeared dead gone unhealthy",
    "missing absent lost no gone",
    "slow latency delay lag behind",
    "drop dropped discard lose loss err error",
    "error err fail failure problem issue",
    "reject terminate throttle shed deny refuse",
    "leak compromise expose steal",
    "credential key secret token password",
    "certificate cert tls ssl x509",
    "expire expiry expiration renew",
    "restore recover recovery backup",
    "drain cordon recycle replace evict",
    "connect reach talk contact",
    "max maximum limit maxed pegged capacity ceiling quota",
    "full exceed limit reach",
    "reconcile sync synchronise synchronize",
    "clock time ntp skew drift",
    "crash crashloop crashlooping restart panic",
    "restart flap bounce",
    "stuck hang hung pending waiting frozen block",
    "pending waiting unscheduled scheduled",
    "config configuration setting misconfigured mismatch",
    "delete remove purge destroy",
    "create add provision new",
    "upgrade update bump patch",
    "mail email smtp",
    "queue queuing backlog pile",
    "login auth authenticate signin sso password",
    "user account member",
    "k8s kubernetes kube cluster",
    "db database rds postgres postgresql mysql sql",
    "dns resolve lookup",
    "collector fluentd vector fluentbit",
    "log logging logs",
    "search elasticsearch opensearch",
    "vm virtualmachine virtual vmi",
    "node host machine server instance",
    "cpu processor load",
    "traffic requests load",
    "notification notify send alert page",
    "different inconsistent mismatch disagree differ",
    "duplicate repeated twice",
    "job cronjob task batch",
    "deploy deployment rollout release",
    "image pull registry imagepullbackoff",
    "quorum majority insufficient",
    "burn spend consume",
    "overdue late missed behind",
    "unlock release force lock",
    "stale old outdated",
    "high too many spike elevated excessive",
    "low few insufficient little",
    "cannot unable fail not",
    "rotate renew replace",
    "redirect redirection",
    "rebuild recreate reinstall",
)

# Everyday phrases and the single word runbooks file them under.
PHRASES = (
    ("out of memory", "oom"),
    ("run out of", "exhausted"),
    ("runs out of", "exhausted"),
    ("running out of", "exhausted"),
    ("ran out of", "exhausted"),
    ("not enough", "insufficient overcommit"),
    ("no space left", "full disk"),
    ("can't talk", "connect"),
    ("cannot talk", "connect"),
    ("not able to", "cannot"),
    ("split brain", "inconsistent quorum"),
    ("keeps restarting", "crashlooping"),
    ("keep restarting", "crashlooping"),
    ("restart loop", "crashlooping"),
    ("fell over", "down"),
    ("locked out", "login"),
    ("out of sync", "skew drift"),
    ("all the time", ""),
)


def synonyms() -> dict[str, frozenset[str]]:
    """For each stem, the other stems it may stand for."""
    found: dict[str, set[str]] = {}
    for group in GROUPS:
        stems = {stem(word) for word in group.split()}
        for one in stems:
            found.setdefault(one, set()).update(stems - {one})
    return {one: frozenset(others) for one, others in found.items()}
