"""Where an operator looks for its resources, what it can make of their names, and what is filled in."""

from collections.abc import Iterator

from generator.common.finding import Path
from generator.rules.registry import Flaw, rule
from generator.system.system import System, User

_LONGEST_CN = 64
_MONITORS = ("PodMonitor", "Probe", "ServiceMonitor")
_RELABELINGS = ("relabelings", "metricRelabelings", "relabelingConfigs")


@rule("resource-namespace")
def namespace(system: System) -> Iterator[Flaw]:
    """Topics, users and pools stand in the namespace of their Kafka.

    Why: the Topic and the User Operator watch that namespace only, or the one that watchedNamespace says; a
        resource elsewhere is never reconciled and never gets a status, which looks like a slow operator.
    Fix: drop metadata.namespace, or write the environment's.
    Source: Strimzi 1.2.0 documentation, "Watching Strimzi resources"; CVE-2026-55225 (watching other
        namespaces is off since 1.0.1).
    """
    home = system.kafka.body["metadata"].get("namespace")
    entity = system.kafka.body["spec"].get("entityOperator") or {}
    of_topics, of_users = ((entity.get(each) or {}).get("watchedNamespace")
                           for each in ("topicOperator", "userOperator"))  # fmt: skip
    resources = [(pool, home) for pool in system.pools]
    resources += [(topic.manifest, of_topics) for topic in system.topics]
    resources += [(user.manifest, of_users) for user in system.users]
    for manifest, watched in resources:
        own = manifest.body["metadata"].get("namespace")
        if own not in (None, home, watched) and home:  # without one, whoever applies it chooses
            message = f"it stands in the namespace {own}, its Kafka in {home}"
            yield Flaw(("metadata", "namespace"), message, on=manifest)


@rule("user-name-length")
def user_name_length(user: User) -> Iterator[Flaw]:
    """The name of a user with a certificate fits into the certificate.

    Why: the name becomes the common name, which X.509 limits to 64 characters; the KafkaUser goes
        NotReady.
    Fix: choose a shorter name.
    Source: Strimzi 1.2.0, KafkaUserModel; RFC 5280, ub-common-name; seen on its User Operator:
        ExecutionException, "Users with TLS client authentication can have a username (name of the
        KafkaUser custom resource) only up to 64 characters long".
    """
    if user.authentication == "tls" and len(user.name) > _LONGEST_CN:
        yield Flaw(
            ("metadata", "name"), f"its name has {len(user.name)} characters; 64 is the most"
        )


@rule("relabeling-action")
def relabeling_action(system: System) -> Iterator[Flaw]:
    """Every relabeling says its action.

    Why: the API server fills in `replace`, and Argo CD, which compares a list as a whole, finds the object
        out of sync for ever: with self-healing it applies it again and again.
    Fix: write action: replace.
    Source: prometheus-operator 0.85, CRDs (default of action); seen on Argo CD 3.5.1 with ServerSideApply.
    """
    for kind in _MONITORS:
        for manifest in system.others.get(kind, ()):
            for path in _without_action(manifest.body.get("spec"), ("spec",)):
                yield Flaw(path, "this relabeling says no action", on=manifest)


def _without_action(value: object, path: Path) -> Iterator[Path]:
    """Where a relabeling says none, however deep it stands."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in items:
        below = (*path, key)
        if path[-1] in _RELABELINGS and isinstance(each, dict) and "action" not in each:
            yield below
        yield from _without_action(each, below)
