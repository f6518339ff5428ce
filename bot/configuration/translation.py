"""Turns Backstage's entities into the places of the domain, with every doubt as a problem."""

import re

from bot.configuration.entities import ANNOTATIONS, PREFIX, bare
from bot.configuration.problem import suggestion
from bot.configuration.source import Source
from bot.domain.catalog import (
    Deployment,
    Driver,
    Environment,
    Journey,
    Kind,
    MigrationStage,
    Queue,
    Resource,
    Service,
    Team,
    TerraformModule,
)

_IN_A_CLUSTER = (Driver.HELM, Driver.KUBERNETES)
_BY_ARGO = f"Name its applications there in {PREFIX}more-apps instead."
_WORKLOADS = ("deployment", "statefulset", "daemonset", "cronjob", "rollout")


def misspelt(source: Source) -> None:
    """An annotation of ours that nobody reads is a mistake; other tools' are none of ours."""
    for key in source.entity.metadata.annotations:
        name = key.removeprefix(PREFIX).partition(".")[0]
        if key.startswith(PREFIX) and name not in ANNOTATIONS:
            source.wrong(
                key.removeprefix(PREFIX),
                "nobody reads this annotation.",
                suggestion(name, ANNOTATIONS, "Remove it, or see catalog/README.md."),
            )


def service(source: Source, environments: tuple[Environment, ...]) -> Service:
    entity, metadata = source.entity, source.entity.metadata
    return Service(
        name=entity.name,
        title=metadata.title,
        description=metadata.description,
        kind=_kind(source),
        owner=entity.owner,
        tier=source.tier(),
        lifecycle=entity.spec.lifecycle,
        part_of=bare(entity.spec.subcomponentOf),
        depends_on=tuple(bare(each) for each in entity.spec.dependsOn),
        aliases=metadata.several("aliases"),
        deployments=_deployments(source, environments),
        pagerduty=_pagers(source, environments),
        new_relic_app=metadata.ours("new-relic-app"),
        status_components=metadata.several("status-components"),
        runbooks=metadata.several("runbooks"),
        labels=metadata.several("labels") or metadata.tags,
        jira_component=metadata.ours("jira-component"),
        repository=metadata.annotations.get("github.com/project-slug", ""),
        schedule=metadata.ours("schedule"),
        migration=_migration(source),
        terraform_module=metadata.ours("terraform-module"),
        links=tuple((link.title or link.url, link.url) for link in metadata.links),
    )


def resource(source: Source, environments: tuple[Environment, ...]) -> Resource:
    entity, metadata = source.entity, source.entity.metadata
    return Resource(
        name=entity.name,
        title=metadata.title,
        description=metadata.description,
        kind=entity.spec.type,
        owner=entity.owner,
        tier=source.tier(),
        environments=tuple(each.name for each in _where(source, environments)),
        spec=metadata.pairs("spec"),
        identifiers=tuple(sorted(metadata.by_environment("identifier").items())),
        depends_on=tuple(bare(each) for each in entity.spec.dependsOn),
        pagerduty=_pagers(source, environments),
        runbooks=metadata.several("runbooks"),
        status_components=metadata.several("status-components"),
        terraform_module=metadata.ours("terraform-module"),
    )


def journey(source: Source) -> Journey:
    metadata = source.entity.metadata
    return Journey(
        name=source.entity.name,
        title=metadata.title,
        members=tuple(bare(each) for each in metadata.several("members")),
        objective=metadata.ours("objective"),
        target=_target(source),
        core=metadata.ours("core", "true") != "false",
    )


def team(source: Source) -> Team:
    metadata = source.entity.metadata
    return Team(
        name=source.entity.name,
        title=metadata.title,
        slack_channel=metadata.ours("slack-channel").removeprefix("#"),
        usergroup=metadata.ours("slack-usergroup"),
        escalation_policy=metadata.ours("escalation-policy"),
        email=metadata.ours("email"),
    )


def module(source: Source, environments: tuple[Environment, ...]) -> TerraformModule:
    metadata = source.entity.metadata
    return TerraformModule(
        name=source.entity.name,
        area=metadata.ours("area"),
        path=metadata.ours("path"),
        environments=tuple(each.name for each in _where(source, environments)),
    )


def _kind(source: Source) -> Kind:
    """Backstage allows any type; the ones we know behave, the others are plain services."""
    try:
        return Kind(source.entity.spec.type)
    except ValueError:
        return Kind.SERVICE


def _target(source: Source) -> float | None:
    written = source.entity.metadata.ours("target")
    if not written:
        return None
    try:
        target = float(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
    except ValueError:
        target = 0.0
    if 0 < target < 1:
        return target
    source.wrong("target", "not a share of good events.", 'Write it like "99.9%".')
    return None


def _migration(source: Source) -> MigrationStage | None:
    written = source.entity.metadata.ours("migration")
    if not written:
        return None
    try:
        return MigrationStage(written)
    except ValueError:
        known = [stage.value for stage in MigrationStage]
        source.wrong(
            "migration",
            f"there is no stage `{written}`.",
            suggestion(written, known, f"Use one of {', '.join(known)}."),
        )
        return None


def _where(source: Source, environments: tuple[Environment, ...]) -> tuple[Environment, ...]:
    """The environments named; all production ones when none is."""
    wanted = source.entity.metadata.several("environments")
    known = {each.name: each for each in environments}
    for name in wanted:
        if name not in known:
            source.wrong(
                "environments",
                f"there is no environment `{name}`.",
                suggestion(name, list(known), "Describe it in environments.yaml first."),
            )
    if not wanted:
        return tuple(each for each in environments if each.production)
    return tuple(known[name] for name in wanted if name in known)


def _pagers(source: Source, environments: tuple[Environment, ...]) -> tuple[tuple[str, str], ...]:
    """The plain annotation is production's; others are `tocsin.dev/pagerduty.<environment>`."""
    metadata = source.entity.metadata
    found = metadata.by_environment("pagerduty")
    production = next((each.name for each in environments if each.production), "production")
    if own := metadata.annotations.get("pagerduty.com/service-id", "").strip():
        found = {production: own} | found
    return tuple(found.items())


def _driver(source: Source) -> Driver:
    written = source.entity.metadata.ours("driver", "argocd")
    try:
        return Driver(written)
    except ValueError:
        known = [driver.value for driver in Driver]
        source.wrong("driver", f"`{written}` is unknown.", f"Use one of {', '.join(known)}.")
        return Driver.ARGOCD


def _deployments(source: Source, environments: tuple[Environment, ...]) -> tuple[Deployment, ...]:
    metadata = source.entity.metadata
    driver = _driver(source)
    app = metadata.annotations.get("argocd/app-name", "").strip() or metadata.ours("helm-release")
    namespace = metadata.annotations.get("backstage.io/kubernetes-namespace", "").strip()
    plain = driver is Driver.KUBERNETES
    if (plain or driver is Driver.HELM) and not namespace:
        source.wrong(
            "driver", "the namespace is not known.", "Write backstage.io/kubernetes-namespace too."
        )
    if driver is Driver.HELM and not metadata.ours("helm-release"):
        source.wrong("driver", "the release is not known.", f"Write {PREFIX}helm-release too.")
    if not app and not metadata.ours("asg-name") and not plain:
        return ()
    workload, kind = _workload(source), _kind(source)
    return tuple(
        Deployment(
            service=source.entity.name,
            environment=place.name,
            driver=driver,
            app=metadata.by_environment("app").get(place.name, app),
            more=_more(source, place),
            app_namespace=place.argocd_namespace,
            project=place.argocd_project,
            namespace=namespace,
            cluster=place.cluster,
            image=metadata.ours("image"),
            workload=workload,
            component=kind,
            scale=_scale(source, place),
            queue=_queue(source, place),
            replicas=source.whole("replicas") if place.production else None,
            asg=metadata.ours("asg-name"),
            target_groups=metadata.several("target-groups"),
            record=_record(source, place),
        )
        for place in _where(source, environments)
    )


def _more(source: Source, place: Environment) -> tuple[str, ...]:
    """What runs the same after the first: applications of Argo CD, else clusters of the environment."""
    apps, annotation = _several(source, place, "more-apps")
    driver = _driver(source)
    if apps and driver is not Driver.ARGOCD:
        source.wrong(
            annotation,
            "only Argo CD has applications.",
            f"Write {PREFIX}more-clusters, with names of `kubernetes.more` in environments.yaml.",
        )
        return ()
    named, annotation = _several(source, place, "more-clusters")
    if named and driver not in _IN_A_CLUSTER:
        by_argo = driver is Driver.ARGOCD
        what = "Argo CD deploys it" if by_argo else "it runs in no cluster"
        source.wrong(annotation, f"{what}.", _BY_ARGO if by_argo else "Take it away.")
    if driver not in _IN_A_CLUSTER:
        return apps
    known = [each.name for each in place.kubernetes if each.name]
    for name in named:
        if name not in known:
            source.wrong(
                annotation,
                f"there is no further cluster `{name}` in {place.name}.",
                suggestion(name, known, "Describe it in environments.yaml (kubernetes.more)."),
            )
    return tuple(each for each in named if each in known)


def _several(source: Source, place: Environment, name: str) -> tuple[tuple[str, ...], str]:
    """What is named there, once each, and the annotation; the plain one is production's."""
    metadata = source.entity.metadata
    written = metadata.by_environment(name).get(place.name, "")
    annotation = f"{name}.{place.name}" if written else name
    if not written and place.production:
        written = metadata.ours(name)
    found = filter(None, (part.strip() for part in written.split(",")))
    return tuple(dict.fromkeys(found)), annotation


def _workload(source: Source) -> str:
    written = source.entity.metadata.ours("workload")
    kind, _, name = written.partition("/")
    if written and (kind not in _WORKLOADS or not name):
        source.wrong(
            "workload",
            f"`{written}` is no workload.",
            suggestion(
                kind, _WORKLOADS, f"Write one of {', '.join(_WORKLOADS)}, a slash, a name."
            ),
        )
        return ""
    return written


def _scale(source: Source, place: Environment) -> tuple[int, int] | None:
    """`2-40`: how few and how many pods it may be given; the plain annotation is production's."""
    metadata = source.entity.metadata
    written = metadata.by_environment("scale").get(place.name, "")
    annotation = f"scale.{place.name}" if written else "scale"
    written = written or (metadata.ours("scale") if place.production else "")
    if not written:
        return None
    found = re.fullmatch(r"(\d{1,4})-(\d{1,4})", written)
    if found and int(found[1]) <= int(found[2]) and int(found[2]) > 0:
        return int(found[1]), int(found[2])
    source.wrong(annotation, f"`{written}` is no range.", 'Write the fewest and the most: "2-40".')
    return None


def _queue(source: Source, place: Environment) -> Queue | None:
    """The metric that counts what waits for it: `AWS/SQS <metric> QueueName=<name>`."""
    metadata = source.entity.metadata
    written = metadata.by_environment("queue").get(place.name, "")
    annotation = f"queue.{place.name}" if written else "queue"
    written = written or (metadata.ours("queue") if place.production else "")
    if not written:
        return None
    namespace, metric, *rest = (*written.split(), "", "")
    pairs = [each.partition("=") for each in rest if each]
    if metric and all(name and value for name, _, value in pairs):
        of = tuple((name, value) for name, _, value in pairs)
        return Queue(namespace=namespace, metric=metric, of=of)
    source.wrong(
        annotation,
        f"`{written}` is no metric.",
        "Write the namespace, the metric and its dimensions:"
        ' "AWS/SQS ApproximateNumberOfMessagesVisible QueueName=grades".',
    )
    return None


def _record(source: Source, place: Environment) -> str:
    """The weighted record that splits traffic there, `<zone id>/<name>`."""
    metadata = source.entity.metadata
    written = metadata.by_environment("traffic-record").get(place.name, "")
    annotation = f"traffic-record.{place.name}" if written else "traffic-record"
    written = written or (metadata.ours("traffic-record") if place.production else "")
    if written and not re.fullmatch(r"Z[A-Z0-9]+/[\w*.-]+", written):
        source.wrong(annotation, f"`{written}` is no record.", "Write it as <zone id>/<name>.")
        return ""
    return written
