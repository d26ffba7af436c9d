"""What an application does with topics -> the least ACLs that Kafka needs for it.

Read, Write, Delete and Alter imply Describe (Kafka 4.3 StandardAuthorizer), so Describe is said
only where nothing else is. Producing idempotently needs no cluster ACL since Kafka 2.8.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.contract.rights import COMMITS, PREFIX
from generator.documents.manifest import Body
from generator.intent.sections import ApplicationConnectSection, ApplicationStreamsSection
from generator.model.backups.backups import Backup
from generator.model.backups.drills import Drill
from generator.model.backups.offset_resets import OffsetReset, snapshot_of
from generator.model.backups.restores import Restore
from generator.model.environment import Application, Environment

_TYPES = ("topic", "group", "transactionalId", "cluster")


@dataclass(frozen=True, slots=True)
class Acl:
    """One allowed resource with its operations, sorted."""

    resource: str
    name: str
    pattern: str
    operations: tuple[str, ...]

    def rule(self) -> Body:
        """As Strimzi's KafkaUser writes it (spec.authorization.acls[])."""
        resource = {"type": self.resource}
        if self.resource != "cluster":
            resource |= {"name": self.name, "patternType": self.pattern}
        return {
            "type": "allow",
            "resource": resource,
            "operations": list(self.operations),
            "host": "*",
        }


def acls_of(application: Application, environment: Environment) -> list[Acl]:
    """All ACLs of an application, one per resource, in a fixed order."""
    operations: dict[tuple[int, str, str], set[str]] = {}
    for resource, name, pattern, allowed in _grants(application, environment):
        key = (_TYPES.index(resource), name, pattern)
        operations.setdefault(key, set()).update(allowed)
    return [
        Acl(_TYPES[rank], name, pattern, tuple(sorted(allowed)))
        for (rank, name, pattern), allowed in sorted(operations.items())
    ]


def acls_of_verification(environment: Environment) -> list[Acl]:
    """What proving a cluster takes: to look at everything, and to use what the probe itself makes.

    Records are read of topics only whose format is checked.
    """
    formatted = sorted(
        topic.name for topic in environment.topics.values() if topic.message_format is not None
    )
    return [
        Acl("topic", "*", "literal", ("Describe", "DescribeConfigs")),
        Acl("topic", PREFIX, "prefix", ("Create", "Delete", "Read", "Write")),
        *(Acl("topic", name, "literal", ("Read",)) for name in formatted),
        Acl("group", "*", "literal", ("Describe",)),
        Acl("group", PREFIX, "prefix", ("Delete", "Read")),
        Acl("transactionalId", "*", "literal", ("Describe",)),
        Acl("transactionalId", PREFIX, "prefix", ("Describe", "Write")),
        Acl("cluster", "", "literal", ("Describe", "DescribeConfigs")),
    ]


def acls_of_backup(backup: Backup) -> list[Acl]:
    """What backing topics up takes: to read them with their settings, and to see groups' offsets.

    The engine joins no group. Groups are listed and their offsets told to whoever may describe them
    (ListGroups, OffsetFetch), offsets of those topics alone that it may describe, too.
    """
    topics = backup.topics if backup.named else ("*",)
    acls = [Acl("topic", name, "literal", ("DescribeConfigs", "Read")) for name in topics]
    if backup.settings["consumerGroups"]:
        acls.append(Acl("group", "*", "literal", ("Describe",)))
    return acls


def acls_of_restore(restore: Restore) -> list[Acl]:
    """What writing records back takes, and moving groups along.

    The engine asks a target for its settings, to make batches that fit, and makes, fills or empties it. Before
    it the room of brokers and the quotas are looked at.
    What a group has committed on a topic is told only to whoever may describe both.
    """
    to = {"DescribeConfigs", "Write"}
    if restore.settings["createTopics"]:
        to |= {"AlterConfigs", "Create"}
    if restore.settings["purge"]:
        to.add("Delete")
    if restore.groups or restore.verify:
        # What is written is read again, and compared.
        to.add("Read")
    targets = {*restore.topics.values()}
    acls = [Acl("topic", name, "literal", tuple(sorted(to))) for name in sorted(targets)]
    if restore.verify:
        # Room and quotas are told to nobody else.
        acls.append(Acl("cluster", "", "literal", ("Describe", "DescribeConfigs")))
        # Who reads has to say a group, though it joins none.
        acls.append(Acl("group", restore.job, "literal", ("Describe",)))
    if restore.groups:
        sources = {*restore.topics} - targets
        acls += [Acl("topic", name, "literal", ("Read",)) for name in sorted(sources)]
    snapshots = restore.name if restore.keeps and restore.engine.keeps_snapshots else ""
    return acls + _of_groups(snapshots, restore.groups)


def acls_of_offset_reset(reset: OffsetReset) -> list[Acl]:
    """What moving groups takes: to commit for them, and for the groups that keep the snapshot.

    An operator keeps none.
    """
    acls = [Acl("topic", name, "literal", ("Read",)) for name in reset.all_topics]
    kept = reset.engine.keeps_snapshots
    acls += _of_groups(reset.name if kept else "", reset.groups)
    if reset.rolls_back and kept:
        names = (snapshot_of(reset.rolls_back, group) for group in reset.groups)
        acls += [Acl("group", name, "literal", ("Describe",)) for name in names]
    return acls


def _of_groups(snapshots: str, groups: tuple[str, ...]) -> list[Acl]:
    """To move groups, and to keep snapshots of them of this name; none when it is empty."""
    kept = (snapshot_of(snapshots, group) for group in groups) if snapshots else ()
    return [Acl("group", each, "literal", ("Read",)) for each in sorted({*groups, *kept})]


def acls_of_drill(drill: Drill) -> list[Acl]:
    """What a drill takes: everything on what it makes itself, and to read what it compares with.

    Where groups are kept, it sees what they have committed, and when Kafka last wrote that down.
    """
    scratch = ("Create", "Delete", "DescribeConfigs", "Read", "Write")
    acls = [
        *(Acl("topic", name, "literal", ("Read",)) for name in sorted(drill.topics)),
        Acl("topic", drill.prefix, "prefix", scratch),
        Acl("group", drill.prefix, "prefix", ("Read",)),
    ]
    if drill.backup.settings["consumerGroups"]:
        acls += [
            Acl("topic", COMMITS, "literal", ("Describe",)),
            Acl("group", "*", "literal", ("Describe",)),
            Acl("cluster", "", "literal", ("Describe",)),
        ]
    return acls


def _grants(
    application: Application, environment: Environment
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    settings, name = application.settings, application.name
    for topic in application.produces:
        yield "topic", topic, "literal", ("Write",)
    for topic, group in application.consumes:
        yield from _consumption(topic, group, environment)
    if "streams" in settings:
        yield from _streams(settings["streams"], name, environment)
    transactional = settings.get("transactional", False)
    if transactional is True:
        yield "transactionalId", f"{name}-", "prefix", ("Describe", "Write")
    elif transactional:
        for transactional_id in transactional:
            yield "transactionalId", transactional_id, "literal", ("Describe", "Write")
    if "connect" in settings:
        yield from _connect(settings["connect"], application)


def _consumption(
    topic: str, group: str, environment: Environment
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Reading a topic in a group; what fails goes to its retry and dead-letter topics."""
    yield "topic", topic, "literal", ("Read",)
    yield "group", group, "literal", ("Read",)
    for side in environment.side_topics.get(topic, ()):
        retry = environment.topics[side].retry_of is not None
        yield "topic", side, "literal", ("Read", "Write") if retry else ("Write",)


def _streams(
    streams: ApplicationStreamsSection, name: str, environment: Environment
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Kafka Streams: inputs, outputs, and internal topics that begin with the application id.

    Source: Kafka 4.3 documentation, "Streams Security".
    """
    application_id = streams.get("applicationId", name)
    for topic in streams.get("inputs", ()):
        yield from _consumption(topic, application_id, environment)
    for topic in streams.get("outputs", ()):
        yield "topic", topic, "literal", ("Write",)
    yield "group", application_id, "literal", ("Read",)
    yield (
        "topic", f"{application_id}-", "prefix",
        ("Create", "Delete", "DescribeConfigs", "Read", "Write"),
    )  # fmt: skip
    if streams.get("exactlyOnce"):
        yield "transactionalId", f"{application_id}-", "prefix", ("Describe", "Write")


def _connect(
    connect: ApplicationConnectSection, application: Application
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Kafka Connect's workers: their group and the three topics in which they keep their state."""
    group = connect.get("group", application.name)
    yield "group", group, "literal", ("Read",)
    for topic in (
        connect.get("configTopic", f"{group}-configs"),
        connect.get("offsetTopic", f"{group}-offsets"),
        connect.get("statusTopic", f"{group}-status"),
    ):
        yield "topic", topic, "literal", ("Create", "DescribeConfigs", "Read", "Write")
    if application.consumes:
        # A sink connector's consumer group is connect-<connector> unless its config says otherwise.
        yield "group", "connect-", "prefix", ("Read",)
