"""The services whose charts live in the platform repository, with their releases so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox.github.repository import Author

START = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
"""When a fresh demo world begins; every age below counts back from here."""

ANA = Author(name="Ana Lima", email="ana@demo.example", login="ana-demo")
BEN = Author(name="Ben Okafor", email="ben@demo.example", login="ben-demo")
KENJI = Author(name="Kenji Mori", email="kenji@demo.example", login="kenji-demo")
RITA = Author(name="Rita Costa", email="rita@demo.example", login="rita-demo")
BOT = Author(name="Tocsin", email="tocsin@demo.example", login="tocsin-bot")


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release: the commit's age, its text, and what it changes besides the image tag."""

    tag: str
    age: timedelta
    author: Author
    message: str
    files: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    chart: str | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """A chart: `folder` holds Chart.yaml and values.yaml; releases are oldest first."""

    name: str
    releases: tuple[Release, ...]
    replicas: int = 4
    image: str = ""
    folder: str = ""
    migrates: bool = False
    worker: int = 0
    by_helm: bool = False
    """Its pipeline runs `helm upgrade`; Argo CD has nothing to do with it."""

    @property
    def path(self) -> str:
        return self.folder or f"deploy/{self.name}"

    @property
    def repository(self) -> str:
        return f"registry.demo.example/{self.image or self.name}"


MIGRATION_0041 = '''"""Index the enrollment deadline."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courseware", "0040_assignment_weight")]
    operations = [
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(fields=["deadline"], name="enrollment_deadline_idx"),
        ),
    ]
'''
MIGRATION_0040 = MIGRATION_0041.replace("Index the enrollment deadline", "Weigh assignments")
COURSE_VIEW = '''"""The course home page."""

from lms.models import Enrollment


def course_home(request, course):
    enrollments = Enrollment.objects.filter(course=course, active=True)
    return {
        "course": course,
        "learners": enrollments.count(),
        "groups": enrollments.values("cohort").distinct(),
    }
'''
COURSE_VIEW_R142 = COURSE_VIEW.replace('values("cohort")', 'values("cohort_v2")')
PROGRESS_VIEW = '''"""The progress page."""


def progress(request, course):
    return course.grades.select_related("assignment").for_learner(request.user)
'''


def _days(count: float) -> timedelta:
    return timedelta(days=count)


_LMS = (
    Release(tag="r136", age=_days(13), author=KENJI, message="Forum links open in the course"),
    Release(tag="r137", age=_days(11), author=ANA, message="Certificates: print in A4 and Letter"),
    Release(
        tag="r138",
        age=_days(8),
        author=KENJI,
        message="Assignments carry a weight",
        files={"lms/djangoapps/courseware/migrations/0040_assignment_weight.py": MIGRATION_0040},
    ),
    Release(
        tag="r139",
        age=_days(6),
        author=ANA,
        message="Progress page: fewer queries",
        files={"lms/djangoapps/progress/views.py": PROGRESS_VIEW},
    ),
    Release(
        tag="r140",
        age=_days(3.1),
        author=KENJI,
        message="Grades show the weight of each assignment",
        files={"lms/djangoapps/grades/views.py": '"""Grades."""\n\nSHOW_WEIGHTS = True\n'},
        chart="3.8.0",
    ),
    Release(
        tag="r141",
        age=timedelta(hours=26),
        author=ANA,
        message="Enrollment: index the deadline column",
        files={
            "lms/djangoapps/courseware/migrations/0041_enrollment_deadline_index.py": MIGRATION_0041
        },
    ),
)

UPCOMING: dict[tuple[str, str], Release] = {
    ("lms", "r142"): Release(
        tag="r142",
        age=timedelta(),
        author=KENJI,
        message="Course home: group learners by cohort v2",
        files={"lms/djangoapps/courseware/views.py": COURSE_VIEW_R142},
        values={"env": {"DJANGO_SETTINGS_MODULE": "lms.envs.production", "COHORTS_API": "v2"}},
        chart="3.8.1",
    ),
    ("proctoring", "r48"): Release(
        tag="r48",
        age=timedelta(),
        author=RITA,
        message="Exams: the partner's interface v3",
        values={"env": {"PARTNER_API": "v3"}},
        chart="3.8.0",
    ),
}
"""Releases that a scenario brings: not in git until the world says that they are deployed."""


def _plain(number: int, *ages: float, author: Author, subject: str) -> tuple[Release, ...]:
    """Releases that change nothing but their image, oldest first, numbered up to `number`."""
    first = number - len(ages) + 1
    return tuple(
        Release(tag=f"r{first + i}", age=_days(age), author=author, message=f"{subject} ({i + 1})")
        for i, age in enumerate(ages)
    )


_CMS = (
    *_plain(87, 20, 12, author=ANA, subject="Studio: drafts save by themselves"),
    Release(
        tag="r88",
        age=_days(5),
        author=BEN,
        message="Studio: room for the spring term",
        values={"replicas": 24},
    ),
)
_GRADING = (
    Release(tag="r88", age=_days(30), author=RITA, message="Rubrics keep their order"),
    Release(
        tag="r89",
        age=_days(9),
        author=KENJI,
        message="Late submissions are flagged",
        files={"grading/migrations/0019_late_flag.py": MIGRATION_0041.replace("lms", "grading")},
    ),
)

_OTHERS = {
    "api-gateway": 14,
    "certificates-renderer": 4,
    "code-grader": 10,
    "content-libraries": 4,
    "coupons": 4,
    "course-exporter": 2,
    "course-progress": 6,
    "course-reports": 3,
    "course-search": 8,
    "email-dispatch": 4,
    "enterprise": 6,
    "enterprise-access": 4,
    "enterprise-catalog": 4,
    "enterprise-subsidy": 4,
    "event-collector": 10,
    "feature-flags": 6,
    "file-uploads": 4,
    "fraud-screening": 4,
    "identity": 16,
    "license-manager": 4,
    "lms-grade-events": 4,
    "lti-provider": 4,
    "media-assets": 6,
    "mobile-api": 8,
    "notifications": 6,
    "payments": 8,
    "peer-assessment": 6,
    "proctoring": 6,
    "push-gateway": 3,
    "recommendations": 4,
    "registrar": 4,
    "search-indexer": 4,
    "submission-queue": 4,
    "support-tools": 2,
    "transcripts": 3,
    "translations": 2,
    "video-pipeline": 4,
    "video-playback": 10,
    "video-transcoder": 12,
}
"""The platform's other services, with their replicas."""
_BY_HELM = ("proctoring",)


def _other(place: int, name: str, replicas: int) -> Service:
    ages = (41 + place / 3, 9 + place / 4)
    author = (ANA, BEN, KENJI, RITA)[place % 4]
    releases = _plain(20 + place, *ages, author=author, subject="Small fixes")
    by_helm = name in _BY_HELM
    return Service(name=name, releases=releases, replicas=replicas, by_helm=by_helm)


SERVICES: tuple[Service, ...] = (
    *(_other(place, name, count) for place, (name, count) in enumerate(_OTHERS.items())),
    Service(name="lms", releases=_LMS, replicas=60, migrates=True, worker=12),
    Service(name="cms", releases=_CMS, replicas=12, migrates=True, worker=4),
    Service(
        name="ecommerce",
        releases=_plain(57, 33, 18, 7, author=BEN, subject="Basket: clearer prices"),
        replicas=18,
        migrates=True,
        worker=3,
    ),
    Service(
        name="discovery",
        releases=_plain(203, 25, 14, 4, author=ANA, subject="Search: spelling suggestions"),
        replicas=16,
        migrates=True,
    ),
    Service(
        name="credentials",
        releases=_plain(31, 40, 21, author=KENJI, subject="Badges: share link"),
        replicas=6,
        migrates=True,
    ),
    Service(
        name="catalog-site",
        releases=_plain(64, 34, 16, 6, author=BEN, subject="Course pages load faster"),
        replicas=6,
    ),
    Service(
        name="catalog-site-eu",
        image="catalog-site",
        folder="deploy/eu/catalog-site",
        releases=_plain(64, 33.9, 15.9, 5.9, author=BEN, subject="EU: course pages load faster"),
        replicas=3,
    ),
    Service(name="notes", releases=_plain(30, 50, 16, author=BEN, subject="Notes: export")),
    Service(
        name="forums",
        releases=_plain(77, 22, 10, 4.5, author=KENJI, subject="Threads load lazily"),
        replicas=8,
    ),
    Service(name="analytics", releases=_plain(52, 31, 15, author=RITA, subject="Daily roll-up")),
    Service(name="grading", releases=_GRADING, replicas=12, migrates=True, worker=6),
    Service(
        name="lms-staging",
        image="lms",
        folder="deploy/staging/lms",
        releases=(
            Release(tag="r140", age=_days(4), author=KENJI, message="Staging: lms r140"),
            Release(tag="r141", age=_days(3.5), author=RITA, message="Staging: lms r141"),
        ),
        replicas=2,
        migrates=True,
        worker=1,
    ),
)
