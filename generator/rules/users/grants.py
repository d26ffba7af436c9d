"""What a user's ACL rules add up to, and whether what they name is there."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from generator.common.finding import Path, Severity, did_you_mean
from generator.rules.registry import Flaw, rule
from generator.rules.users.acls import streams_prefix
from generator.system.grants import SystemAcl
from generator.system.system import System, User

_IMPLY_DESCRIBE = frozenset({"Read", "Write", "Delete", "Alter"})
_KAFKAS_OWN = frozenset({"__consumer_offsets", "__transaction_state", "__share_group_state",
                         "__cluster_metadata", "__remote_log_metadata"})  # fmt: skip
_CRUISE_CONTROL = "strimzi.cruisecontrol."


def asked_at(user: User, acl: SystemAcl) -> Path:
    """Where an application asks for what a rule allows; the rule's own place for other users."""
    if user.intent is None:
        return acl.path
    settings = user.intent.settings
    if acl.resource == "transactionalId":
        return ("transactional",) if settings.get("transactional") else ("streams",)
    if acl.pattern == "prefix":
        return ("streams",)
    streams = settings.get("streams", {})
    if acl.name in user.intent.produces:
        return ("produces", user.intent.produces.index(acl.name))
    if acl.name in streams.get("outputs", ()):
        return ("streams", "outputs", streams["outputs"].index(acl.name))
    return ("connect",) if "connect" in settings else ("consumes",)


def _allowed(user: User, resource: str, operation: str) -> list[SystemAcl]:
    return [acl for acl in user.acls if acl.resource == resource and acl.allows(operation)]


@rule("acl-consumer-group")
def consumer_group(user: User) -> Iterator[Flaw]:
    """Who may read topics may do so in a consumer group, and the other way round.

    Why: a consumer asks for both; with one of them it fails at its first poll.
    Fix: allow Read on the group as well as on the topics; suppress this rule for a reader that
        assigns itself partitions and keeps its offsets elsewhere.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (Fetch, JoinGroup, OffsetCommit).
    """
    topics, groups = _allowed(user, "topic", "Read"), _allowed(user, "group", "Read")
    if user.admin or user.backs_up or bool(topics) == bool(groups):
        return
    if topics:
        yield Flaw((*topics[0].path, "operations"), "it may read topics, but in no group")
    else:
        yield Flaw((*groups[0].path, "operations"), "it may join a group, but read no topic")


@rule("acl-describe-implied", Severity.INFO)
def describe_implied(user: User) -> Iterator[Flaw]:
    """Describe is said only where nothing else is allowed.

    Why: Read, Write, Delete and Alter allow it anyway; a reader of the rule looks for a meaning.
    Fix: drop Describe.
    Source: Kafka 4.3, StandardAuthorizerData (operations that imply Describe).
    """
    for acl in user.acls:
        if acl.type != "allow" or acl.resource == "transactionalId":
            continue
        implying = _IMPLY_DESCRIBE.intersection(acl.operations)
        if "Describe" in acl.operations and implying:
            path = (*acl.path, "operations", acl.operations.index("Describe"))
            yield Flaw(path, f"Describe comes with {min(implying)}")


@rule("acl-idempotent-write", Severity.INFO)
def idempotent_write(user: User) -> Iterator[Flaw]:
    """Producers need no right on the cluster.

    Why: since Kafka 2.8 whoever may write to any topic may do so idempotently.
    Fix: drop IdempotentWrite.
    Source: KIP-679, "Producer will enable the strongest delivery guarantee by default".
    """
    if _allowed(user, "topic", "Write"):
        for acl in user.acls:
            if acl.type == "allow" and acl.resource == "cluster":
                for index, operation in enumerate(acl.operations):
                    if operation == "IdempotentWrite":
                        path = (*acl.path, "operations", index)
                        yield Flaw(path, "IdempotentWrite comes with Write on a topic")


@rule("acl-transactional-id")
def transactional_id(user: User) -> Iterator[Flaw]:
    """Who writes in transactions may write to topics and use the transactional id.

    Why: initTransactions fails without Write on the id, and the first send without Write on a topic.
    Fix: allow Write on both; Describe comes with it.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (InitProducerId, Produce).
    """
    if user.admin:
        return
    ids = [acl for acl in user.acls if acl.resource == "transactionalId" and acl.type == "allow"]
    used = [acl for acl in ids if acl.allows("Write")]
    writes = _allowed(user, "topic", "Write")
    for acl in used if not writes else ():
        yield Flaw(asked_at(user, acl), "it may use a transactional id, but write to no topic",
                   "name what it produces, or drop transactional" if user.intent else "")  # fmt: skip
    for acl in ids if writes and not used else ():
        if acl.name != "*":  # somebody who looks at everything
            yield Flaw((*acl.path, "operations"), f"it may see '{acl.name}', but not write with it")


@rule("acl-unknown-topic")
def unknown_topic(system: System) -> Iterator[Flaw]:
    """A topic that an ACL rule names is there.

    Why: nothing complains of a rule about a misspelt topic; its user is refused, for no reason that
        anybody sees.
    Fix: correct the name, declare the topic, or name it in policy.acls.externalTopics where others
        make it.
    Source: Kafka 4.3, StandardAuthorizer (rules are stored whether or not the topic exists).
    """
    if not system.topics:
        return
    names, prefixes = _made_by_clients(system)
    outside = system.policy.acls.external_topics
    for user in system.users:
        own = user.intent.settings.get("externalTopics", ()) if user.intent else ()
        for acl in user.acls:
            if acl.resource != "topic" or acl.pattern != "literal" or "*" in acl.name:
                continue
            there = acl.name in system.by_topic or acl.name in names or acl.name in own
            if there or not acl.name or acl.name.startswith(prefixes) or acl.name in _KAFKAS_OWN:
                continue
            if not any(fnmatchcase(acl.name, pattern) for pattern in outside):
                yield Flaw((*acl.path, "resource", "name"), f"there is no topic '{acl.name}'",
                           did_you_mean(acl.name, system.by_topic), on=user.manifest)  # fmt: skip


@rule("acl-prefix-unused", Severity.INFO)
def prefix_unused(system: System) -> Iterator[Flaw]:
    """There are topics that begin with a prefix that an ACL rule allows.

    Why: it is misspelt, or grants something that will exist only one day, to whoever has it then.
    Fix: correct the prefix or drop the rule; name the topics in policy.acls.externalTopics where
        others make them.
    Source: Kafka 4.3, StandardAuthorizer (rules are stored whether or not a topic fits).
    """
    if not system.topics:
        return
    _, prefixes = _made_by_clients(system)
    outside = [name.partition("*")[0] for name in system.policy.acls.external_topics]
    outside += [*prefixes, *_KAFKAS_OWN]
    for user in system.users:
        own = [*outside, *(user.intent.settings.get("externalTopics", ()) if user.intent else ())]
        for acl in user.acls:
            if acl.resource != "topic" or acl.pattern != "prefix" or acl.type != "allow":
                continue
            if "*" in acl.name or acl.name == streams_prefix(user) or _meets(acl.name, own):
                continue
            if next(system.topic_index.under(acl.name), None) is None:
                yield Flaw((*acl.path, "resource", "name"), f"no topic begins with '{acl.name}'",
                           on=user.manifest)  # fmt: skip


def _made_by_clients(system: System) -> tuple[set[str], tuple[str, ...]]:
    """Topics that are no KafkaTopics because a client may make them: names, and beginnings."""
    names: set[str] = set()
    prefixes = {_CRUISE_CONTROL} if system.cruise_control else set()
    for user in system.users:
        for acl in user.acls if not user.admin else ():
            if acl.resource == "topic" and acl.type == "allow" and "Create" in acl.operations:
                (prefixes if acl.pattern == "prefix" else names).add(acl.name)
    return names, tuple(prefixes)


def _meets(prefix: str, beginnings: Iterable[str]) -> bool:
    return any(each.startswith(prefix) or prefix.startswith(each) for each in beginnings if each)


@rule("acl-duplicate", Severity.WARNING)
def duplicate(user: User) -> Iterator[Flaw]:
    """Each of a user's rules allows something that no other of its rules does.

    Why: whoever drops one of two rules believes that the right is gone.
    Fix: drop the rule.
    Source: Kafka 4.3, StandardAuthorizerData (one allowing rule is enough).
    """
    if user.intent is not None:  # rendered here, topic by topic
        return
    wide = [(index, acl) for index, acl in enumerate(user.acls)
            if acl.pattern == "prefix" or acl.name == "*"]  # fmt: skip
    first: dict[tuple[str, ...], list[tuple[int, SystemAcl]]] = {}
    for index, acl in enumerate(user.acls):
        alike = first.setdefault((acl.type, acl.resource, acl.pattern, acl.name), [])
        others = [*alike, *((place, each) for place, each in wide if place != index)]
        if any(_says_all_of(each, acl, place < index) for place, each in others):
            yield Flaw(acl.path, "another rule of this user says the same or more")
        alike.append((index, acl))


def _says_all_of(wide: SystemAcl, narrow: SystemAcl, earlier: bool) -> bool:
    """True when one rule makes another needless; of two that are alike, the later is."""
    if (wide.type, wide.resource) != (narrow.type, narrow.resource):
        return False
    if wide.host not in ("*", narrow.host):
        return False
    if (wide.name, wide.pattern) == (narrow.name, narrow.pattern):
        reaches = earlier
    elif wide.pattern == "literal":
        reaches = wide.name == "*"
    else:
        reaches = narrow.name.startswith(wide.name)
    return reaches and ("All" in wide.operations or _granted(wide).issuperset(narrow.operations))


def _granted(acl: SystemAcl) -> set[str]:
    implied = {"Describe"} if _IMPLY_DESCRIBE.intersection(acl.operations) else set()
    if "AlterConfigs" in acl.operations:
        implied.add("DescribeConfigs")
    return {*acl.operations, *implied}
