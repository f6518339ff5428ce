"""Who may do what, how soon and with whose agreement: one table, read by every face of the bot."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase


class Who(StrEnum):
    """Groups the bot can work out by itself; any other approver is a team of the catalog."""

    ANYONE = "anyone"
    GUEST = "guest"
    OUTSIDER = "outsider"
    RESPONDER = "responder"
    ON_CALL = "on-call"
    COMMANDER = "commander"
    COMMS = "comms"
    OWNER = "owner"


@dataclass(frozen=True, kw_only=True)
class Quorum:
    """Whose agreement a mitigation needs."""

    wants_another: bool
    """True: somebody other than the proposer."""
    approvers: tuple[str, ...]
    """Any one of these groups is enough: a `Who` or the name of a team."""
    expires: timedelta = timedelta(minutes=15)
    break_glass_after: timedelta | None = timedelta(minutes=5)
    """None: the glass cannot be broken at all."""
    rule: str = ""
    """Which line of the policy said so, for the card and the audit."""


@dataclass(frozen=True, kw_only=True)
class ApprovalRule:
    """A line of the table; the first that fits decides. `*` fits everything."""

    quorum: Quorum
    environment: str = "*"
    tiers: tuple[int, ...] = ()
    mitigation: str = "*"
    risk: str = "*"

    def fits(self, environment: str, tier: int, mitigation: str, risk: str) -> bool:
        return (
            fnmatchcase(environment, self.environment)
            and (not self.tiers or tier in self.tiers)
            and fnmatchcase(mitigation, self.mitigation)
            and fnmatchcase(risk, self.risk)
        )


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How a severity paces the people who work on it. None: only at a change, or not at all."""

    internal_update: timedelta | None
    public_update: timedelta | None
    first_public_update: timedelta | None
    review_within: timedelta | None
    """From resolution to the reviewed postmortem."""
    postmortem: bool
    """Whether the postmortem is started by itself."""
    follow_up_due: timedelta
    roles: tuple[str, ...] = ()
    """Roles the card asks for."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A permission for the bot itself to change the world in some environments."""

    environment: str = "*"
    mitigations: tuple[str, ...] = ("*",)
    act: bool = True


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A time in which changes want another person; never a time in which nobody may mitigate."""

    name: str
    starts: datetime
    ends: datetime
    environment: str = "*"
    why: str = ""


_ALONE = Quorum(
    wants_another=False,
    approvers=(Who.ON_CALL, Who.COMMANDER, Who.OWNER),
    rule="low risk: the on-call or the commander alone",
)
_TOGETHER = Quorum(
    wants_another=True,
    approvers=(Who.ON_CALL, Who.COMMANDER, Who.OWNER),
    rule="high risk: another person agrees",
)

DEFAULT_APPROVALS = (
    ApprovalRule(risk="low", quorum=_ALONE),
    ApprovalRule(quorum=_TOGETHER),
)

DEFAULT_RHYTHMS: tuple[tuple[str, Rhythm], ...] = (
    (
        "sev1",
        Rhythm(
            internal_update=timedelta(minutes=15),
            public_update=timedelta(minutes=30),
            first_public_update=timedelta(minutes=15),
            review_within=timedelta(days=3),
            postmortem=True,
            follow_up_due=timedelta(days=14),
            roles=("commander", "comms", "scribe"),
        ),
    ),
    (
        "sev2",
        Rhythm(
            internal_update=timedelta(minutes=30),
            public_update=timedelta(minutes=60),
            first_public_update=timedelta(minutes=30),
            review_within=timedelta(days=7),
            postmortem=True,
            follow_up_due=timedelta(days=30),
            roles=("commander", "comms"),
        ),
    ),
    (
        "sev3",
        Rhythm(
            internal_update=timedelta(minutes=60),
            public_update=None,
            first_public_update=None,
            review_within=None,
            postmortem=False,
            follow_up_due=timedelta(days=60),
        ),
    ),
    (
        "sev4",
        Rhythm(
            internal_update=None,
            public_update=None,
            first_public_update=None,
            review_within=None,
            postmortem=False,
            follow_up_due=timedelta(days=90),
        ),
    ),
)

DEFAULT_MAY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (Who.GUEST, ("declare", "note", "help")),
    (Who.OUTSIDER, ("help",)),
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`catalog/policy.yaml`, or what a careful team would have written there."""

    approval_rules: tuple[ApprovalRule, ...] = DEFAULT_APPROVALS
    rhythms: tuple[tuple[str, Rhythm], ...] = DEFAULT_RHYTHMS
    ack_nag: timedelta = timedelta(minutes=5)
    commander_nag: timedelta = timedelta(minutes=3)
    cooldown: timedelta = timedelta(minutes=10)
    """After a mitigation, how long before another on the same service needs a second look."""
    reminder_lead: timedelta = timedelta(minutes=2)
    snooze: timedelta = timedelta(minutes=15)
    verify_for: timedelta = timedelta(minutes=10)
    """How long numbers must stay good before we say so."""
    budget_freeze: bool = True
    """A spent error budget asks for another person before a way forward."""
    postmortem_over: float = 0.20
    """An incident that spends more of a budget is written up, whatever its severity."""
    left_over_reminder: timedelta = timedelta(hours=4)
    announcements: str = "incidents"
    grants: tuple[Grant, ...] = (Grant(),)
    freezes: tuple[Freeze, ...] = ()
    known_as: tuple[str, ...] = ("tocsin",)
    """By which accounts the bot itself acts on vendors: what they did is no suspect."""
    may: tuple[tuple[str, tuple[str, ...]], ...] = DEFAULT_MAY
    """What restricted people may do; everybody else may do everything not limited below."""
    reserved: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=(("statuspage", (Who.COMMS, Who.COMMANDER, Who.ON_CALL)),)
    )
    """(act, groups): acts that only these groups may do."""

    def approvals(self, environment: str, tier: int, mitigation: str, risk: str) -> Quorum:
        """What no rule covers wants another person: the table can only relax."""
        for rule in self.approval_rules:
            if rule.fits(environment, tier, mitigation, risk):
                return rule.quorum
        return _TOGETHER

    def rhythm(self, severity: str) -> Rhythm:
        """Of a severity written any way: `SEV2`, `sev2`. An unknown one is paced like SEV3."""
        known = dict(self.rhythms)
        return known.get(severity.lower(), known.get("sev3", DEFAULT_RHYTHMS[2][1]))

    def may_do(self, who: str, act: str) -> bool:
        """Whether a guest or an outsider may; people who are neither are asked `groups_for`."""
        limited = dict(self.may).get(who)
        return limited is None or act in limited

    def groups_for(self, act: str) -> tuple[str, ...]:
        """The groups an act is reserved to; empty when every responder may."""
        return dict(self.reserved).get(act, ())

    def may_act(self, environment: str, mitigation: str) -> bool:
        """Whether the bot is granted this kind of change there; the last grant that fits wins."""
        allowed = False
        for grant in self.grants:
            if fnmatchcase(environment, grant.environment) and any(
                fnmatchcase(mitigation, each) for each in grant.mitigations
            ):
                allowed = grant.act
        return allowed

    def freeze(self, environment: str, at: datetime) -> Freeze | None:
        """The freeze that covers this moment there, if one does."""
        running = self.freezes_at(at)
        return next((e for e in running if fnmatchcase(environment, e.environment)), None)

    def freezes_at(self, at: datetime) -> list[Freeze]:
        """Wherever they are, in the order of the file."""
        return [each for each in self.freezes if each.starts <= at < each.ends]
