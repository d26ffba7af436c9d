"""A restore that is begun by hand: what is wished, what keeps it from being fulfilled, and which sets it takes.

Two environments, the one that has the backups and the one that gets the records, and a wish -> parts, each one set and
the topics that are restored from it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.common.finding import Path, Problem, did_you_mean
from generator.contract.restore import ALL_GROUPS
from generator.model.backups.backup_topics import is_pattern
from generator.model.backups.backups import SECTION, Backup, Run, backups
from generator.model.backups.engines import CRON_JOB
from generator.model.backups.restores import PREFIX, undeclared_of
from generator.model.connection import login_listener
from generator.model.contributions import all_guests
from generator.model.environment import Environment, destination_id

ENGINE_IMAGE = "docker.io/osodevops/kafka-backup:v0.25.2"
"""Where an operator has the engine in itself, nothing else names an image of it."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_LONGEST_LABEL = 63
"""Characters of a label, as which a Job gives its name to its pods."""


@dataclass(frozen=True)
class Wish:
    """What is to be restored, and how its objects are called."""

    name: str
    """Nothing else in the cluster or beside a set may be called so: it is a restore of its own."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Into which topic each goes; none for everything that is backed up, into topics of the same names."""
    backups: tuple[str, ...] = ()
    """The only ones that are taken; none for all."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Of full backups, by the run, the folder that is taken."""
    groups: tuple[str, ...] = ALL_GROUPS
    until: str = ""


def is_topic(name: str) -> bool:
    """Whether a name can be that of one topic (Kafka 4.3, Topic.java)."""
    return _TOPIC.fullmatch(name) is not None and name not in (".", "..")


def wish_problems(environment: Environment, onto: Environment, wish: Wish) -> Iterator[Problem]:
    """All that keeps a wish from being fulfilled, at the lines of the backups' intent that are about it."""
    path: Path = (SECTION,)
    if not _NAME.fullmatch(wish.name):
        yield Problem(path, f"'{wish.name}' names no object of Kubernetes", "wrong-value",
                      "give a --name of at most 20 small letters, digits and dashes", on_key=True)  # fmt: skip
    known = backups(environment)
    if not known:
        yield Problem((), "it has no backup", "unknown-backup", "add backups:")
        return
    if wish.groups and not verify_image(environment, onto):
        yield Problem(path, "nothing could let groups follow: verify says no image", "missing-key",
                      "add verify: {image: ..., owner: ...} with the strimzi-verify image, or give --no-groups",
                      on_key=True)  # fmt: skip
    yield from _problems_of_names(environment, wish)
    if onto is not environment:
        yield from _problems_of_way(environment, onto, wish)
    for backup, run, _ in parts(environment, wish):
        job = PREFIX + called(wish, run)
        if len(job) > _LONGEST_LABEL:
            yield Problem(path, f"{job} is longer than the name of a Job may be", "wrong-value",
                          f"give a --name that is {len(job) - _LONGEST_LABEL} letters shorter",
                          on_key=True)  # fmt: skip
        begin = backup.backup_id(run)
        if not backup.incremental and not wish.sets.get(run.name, "").startswith(begin):
            yield Problem((*path, backup.name), f"{backup.name} is full: each run makes a set of its own",
                          "missing-key", f"give --set {run.name}={begin}..., as listed in its storage",
                          on_key=True)  # fmt: skip


def _problems_of_names(environment: Environment, wish: Wish) -> Iterator[Problem]:
    """Backups, topics and runs that are not there, and topics that are none."""
    path: Path = (SECTION,)
    known = backups(environment)
    for name in wish.backups:
        if name not in {each.name for each in known}:
            yield Problem(path, f"there is no backup '{name}'", "unknown-backup",
                          did_you_mean(name, [each.name for each in known]), on_key=True)  # fmt: skip
    for name in sorted({*wish.topics, *wish.topics.values()}):
        if not is_topic(name):
            yield Problem(path, f"'{name}' is no name of one topic", "wrong-value",
                          "give names of topics, not patterns: letters, digits, dots, dashes and underscores, at most 249",
                          on_key=True)  # fmt: skip
    chosen = holders(environment, wish)
    for topic in filter(is_topic, sorted(wish.topics)):
        if topic not in chosen:
            yield Problem(path, f"no backup holds {topic}", "unknown-topic", did_you_mean(topic, chosen),
                          on_key=True)  # fmt: skip
    fulls = {run.name for each in known if not each.incremental for run in each.runs}
    for name in sorted({*wish.sets} - fulls):
        yield Problem(path, f"no full backup has a run '{name}'", "unknown-backup", did_you_mean(name, fulls),
                      on_key=True)  # fmt: skip


def _problems_of_way(environment: Environment, onto: Environment, wish: Wish) -> Iterator[Problem]:
    """Why pods of another environment cannot come to the sets, or to their Kafka."""
    if _place(environment) == _place(onto):
        yield Problem((), f"{onto.name} is in the same namespace, where its topics would take the place of those of"
                      f" {environment.name}", "shared-namespace", "give each environment a namespace of its own")  # fmt: skip
    if login_listener(onto, None) is None:
        yield Problem((), f"{onto.name} has no internal listener at which a user can log in", "no-listener",
                      f"add a listener with authentication tls or scram-sha-512 to {onto.name}")  # fmt: skip
    for name, backup in sorted(
        {each.name: each for each, _, _ in parts(environment, wish)}.items()
    ):
        if backup.storage.claim and _place(onto) != _place(environment):
            yield Problem((SECTION, name, "storage"), f"no pod of {onto.name} can mount the claim"
                          f" {backup.storage.claim} of {environment.namespace}", "unreachable-storage",
                          f"restore into {environment.name}, take another --backup, or keep backups in an object"
                          " store", on_key=True)  # fmt: skip


def _place(environment: Environment) -> tuple[str, str]:
    """The Kubernetes cluster of an environment, and the namespace."""
    return destination_id(environment), environment.namespace


def verify_image(environment: Environment, onto: Environment) -> str:
    """The image of our own steps: of the environment that gets the records, else of the other one."""
    said = (each.data.get("verify", {}).get("image", "") for each in (onto, environment))
    return next(filter(None, said), "")


def holders(environment: Environment, wish: Wish) -> dict[str, str]:
    """From which backup each topic is taken: of several that hold it, the one that may lose least.

    A topic that no intent names is taken when the wish names it and a backup's patterns fit it.
    """
    found: dict[str, str] = {}
    taken = (each for each in backups(environment) if not wish.backups or each.name in wish.backups)
    for backup in sorted(taken, key=lambda each: (each.objective_s, each.name)):
        takers = [undeclared_of(run) for run in backup.runs]
        unknown = {
            topic
            for topic in filter(is_topic, wish.topics)
            if any(takes(topic) for takes in takers)
        }
        for topic in (*backup.topics, *sorted(unknown)):
            found.setdefault(topic, backup.name)
    return found


def left_out(environment: Environment, wish: Wish) -> list[str]:
    """Patterns of topics that are backed up, and that no intent names: they are not restored."""
    found = {
        pattern
        for backup in backups(environment)
        if not wish.topics and (not wish.backups or backup.name in wish.backups)
        for run in backup.runs
        for pattern in run.include
        if is_pattern(pattern)
    }
    return sorted(found)


def parts(environment: Environment, wish: Wish) -> Iterator[tuple[Backup, Run, dict[str, str]]]:
    """Each set that is read, and into which topics what it holds goes."""
    chosen = holders(environment, wish)
    for backup in backups(environment):
        for run in backup.runs:
            undeclared = filter(undeclared_of(run), sorted({*wish.topics} - {*backup.topics}))
            topics = {
                topic: wish.topics.get(topic, topic)
                for topic in (*run.topics, *undeclared)
                if chosen.get(topic) == backup.name and (not wish.topics or topic in wish.topics)
            }
            if topics:
                yield backup, run, topics


def brought(environment: Environment, onto: Environment, wish: Wish) -> list[str]:
    """What people have to see to before pods of a restore come to the sets, and to Kafka."""
    found = set()
    guests = all_guests(onto)
    for backup, run, _ in parts(environment, wish):
        if _place(onto) != _place(environment):
            for secret in backup.storage.secrets:
                found.add(f"Secret {secret}, as it is in {environment.namespace}")
            if "workloadIdentity" in backup.storage.settings:
                account = f"system:serviceaccount:{onto.namespace}:{PREFIX}{called(wish, run)}"
                found.add(f"trust of the storage's identity in {account}")
        listener = backup.listener if onto is environment else login_listener(onto, None)
        if listener is not None and listener.network_policy_peers is not None:
            admitted = (*listener.network_policy_peers, *guests[listener.name])
            if CRON_JOB.peer not in admitted:
                found.add(f"networkPolicyPeers of the listener {listener.name} that admit pods of"
                          " app.kubernetes.io/name: kafka-backup")  # fmt: skip
    return sorted(found)


def called(wish: Wish, run: Run) -> str:
    """The name of a part of a wish in the cluster, and beside its set."""
    return f"{wish.name}-{run.name}"
