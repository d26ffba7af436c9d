"""ACL rules one by one: what a rule says, whoever has it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from generator.common.finding import Path, Severity
from generator.contract.rights import PREFIX
from generator.model.backups.drills import SCRATCH
from generator.rules.registry import Broker, Flaw, rule
from generator.system.grants import SystemAcl
from generator.system.system import User

DESCRIBING = frozenset({"Describe", "DescribeConfigs"})
_OPERATIONS = {
    "topic": {"Alter", "AlterConfigs", "Create", "Delete", "Describe", "DescribeConfigs", "Read",
              "Write"},
    "group": {"AlterConfigs", "Delete", "Describe", "DescribeConfigs", "Read"},
    "cluster": {"Alter", "AlterConfigs", "ClusterAction", "Create", "Describe", "DescribeConfigs",
                "IdempotentWrite"},
    "transactionalId": {"Describe", "Write"},
}  # fmt: skip
"""What Kafka 4.3.1 asks about a resource (AclEntry.supportedOperations; the same from 4.0 on)."""
_OF_GROUPS_BEFORE_4 = {"Delete", "Describe", "Read"}
"""What Kafka 3.8 and 3.9 ask about a group, which had no settings."""
_SEPARATORS = (".", "-", "_")
_CONNECT_GROUPS = "connect-"


def beyond_describing(acl: SystemAcl) -> bool:
    """True when a rule allows more than to look at what there is."""
    return acl.type == "allow" and not DESCRIBING.issuperset(acl.operations)


def streams_prefix(user: User) -> str | None:
    """What the internal topics of a Kafka Streams application begin with."""
    settings = user.intent.settings if user.intent else {}
    if "streams" not in settings:
        return None
    return f"{settings['streams'].get('applicationId', user.name)}-"


def _operation(acl: SystemAcl, operation: str) -> Path:
    return (*acl.path, "operations", acl.operations.index(operation))


def _name(acl: SystemAcl) -> Path:
    return (*acl.path, "resource", "name")


def _of_streams(user: User, acl: SystemAcl) -> bool:
    """True for a Kafka Streams application's own internal topics, which it makes and deletes."""
    prefix = streams_prefix(user)
    return prefix is not None and acl.resource == "topic" and acl.name.startswith(prefix)


def _of_probe(user: User, acl: SystemAcl) -> bool:
    """True for what verification's probe, or a drill, makes for itself, and deletes."""
    drills = user.manifest.origin[2:] == ("drill",) and acl.name.startswith(SCRATCH)
    return drills or (user.verifies and acl.name == PREFIX)


def _of_others(user: User, acl: SystemAcl) -> bool:
    """True for topics that others make, as a mirror does."""
    patterns = user.system.policy.acls.external_topics
    ends = acl.pattern != "prefix"  # what begins with the prefix fits a pattern with '*' at its end
    return any(
        fnmatchcase(acl.name, pattern) and (ends or pattern.endswith("*")) for pattern in patterns
    )


def _own_or_foreign(user: User, acl: SystemAcl) -> bool:
    """True for topics that no KafkaTopic could be: a client makes them for itself, or others do."""
    return _of_streams(user, acl) or _of_probe(user, acl) or _of_others(user, acl)


@rule("acl-operation", broker=Broker.ACCEPTS)
def operation(user: User) -> Iterator[Flaw]:
    """An ACL rule allows operations that exist for its kind of resource.

    Why: the broker stores any pair, but never asks for most of them, so the rule grants nothing.
    Fix: name an operation of the resource: a consumer needs Read on its topics and its group.
    Source: Kafka 4.3.1 and 3.9.0, AclEntry.supportedOperations (measured on 4.3.1: brokers accept other pairs).
    """
    for acl in user.acls:
        known = _OPERATIONS.get(acl.resource, set())
        if acl.resource == "group" and not user.system.kafka_since("4.0"):
            known = _OF_GROUPS_BEFORE_4
        for each in acl.operations:
            if each != "All" and known and each not in known:
                yield Flaw(_operation(acl, each), f"{each} means nothing on a {acl.resource}",
                           f"{acl.resource} knows {', '.join(sorted(known))}")  # fmt: skip


@rule("acl-resource-name")
def resource_name(user: User) -> Iterator[Flaw]:
    """An ACL rule about topics, groups or transactional ids names them.

    Why: the schema lets the name be left out, but the User Operator does not: the KafkaUser goes
        NotReady and gets none of its rules.
    Fix: write the name, or "*" where every one is meant.
    Source: Strimzi 1.2.0, SimpleAclRuleResource.toKafkaResourcePattern; seen on its User Operator:
        ExecutionException, "Name is required for resource type: TOPIC".
    """
    for acl in user.acls:
        if acl.resource != "cluster" and not acl.name:
            yield Flaw(_name(acl), f"no {acl.resource} is named")


@rule("acl-literal-wildcard", broker=Broker.ACCEPTS)
def literal_wildcard(user: User) -> Iterator[Flaw]:
    """A literal name holds no '*', unless it is '*' alone.

    Why: only '*' alone stands for everything; in 'orders.*' it is a character like any other, and
        the rule matches nothing.
    Fix: write patternType: prefix and the name without '*'.
    Source: Kafka 4.3, StandardAuthorizer (measured: brokers accept it).
    """
    for acl in user.acls:
        if acl.pattern == "literal" and "*" in acl.name and acl.name != "*":
            name = acl.name.rstrip("*")
            fix = f"write patternType: prefix, name: {name}" if name and "*" not in name else ""
            yield Flaw(_name(acl), f"'{acl.name}' matches only what is really called that", fix)


@rule("acl-prefix-wildcard", broker=Broker.ACCEPTS)
def prefix_wildcard(user: User) -> Iterator[Flaw]:
    """A prefix holds no '*'.

    Why: a prefix is taken as it stands, so this one matches only names that begin with a real '*'.
    Fix: drop the '*'; write patternType: literal where '*' alone shall mean everything.
    Source: Kafka 4.3, StandardAuthorizer (measured: brokers accept it).
    """
    for acl in user.acls:
        if acl.pattern == "prefix" and "*" in acl.name:
            yield Flaw(_name(acl), f"no {acl.resource} begins with '{acl.name}'")


@rule("acl-everything")
def everything(user: User) -> Iterator[Flaw]:
    """Only administrators may do more than describe all topics, groups or transactional ids.

    Why: what one such user leaks or breaks is everybody's data.
    Fix: name what the user needs; list the user in policy.acls.administrators if it is one.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (a literal '*' matches all resources).
    """
    for acl in user.acls:
        wide = acl.name == "*" and acl.pattern == "literal" and acl.resource != "cluster"
        if wide and beyond_describing(acl) and not (user.admin or user.backs_up):
            more = [each for each in acl.operations if each not in DESCRIBING]
            yield Flaw(_name(acl), f"{', '.join(more)} on every {acl.resource}")


@rule("acl-prefix-short", Severity.WARNING)
def prefix_short(user: User) -> Iterator[Flaw]:
    """A prefix is as long as the policy wants, and ends where a word of the name ends.

    Why: 'pay' also matches payroll, and every topic that somebody will call so later.
    Fix: end the prefix in '.', '-' or '_', and make it longer where it is short.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (prefixed resource patterns).
    """
    least = user.system.policy.acls.min_prefix_length
    own = (f"{user.name}-", streams_prefix(user), _CONNECT_GROUPS) if user.intent else ()
    for acl in user.acls:
        if acl.pattern != "prefix" or not acl.name or not beyond_describing(acl):
            continue
        if acl.name in own or "*" in acl.name or user.admin or _of_probe(user, acl):
            continue
        if not acl.name.endswith(_SEPARATORS):
            yield Flaw(_name(acl), f"'{acl.name}' does not end in a separator",
                       f"write {acl.name}. or {acl.name}-, as your names go on")  # fmt: skip
        elif len(acl.name) < least:
            yield Flaw(_name(acl), f"'{acl.name}' is shorter than {least} characters")


@rule("acl-all")
def all_operations(user: User) -> Iterator[Flaw]:
    """Only administrators are allowed all operations.

    Why: All includes to delete, to change settings, and whatever Kafka adds in its next version.
    Fix: name the operations that the user needs.
    Source: Kafka 4.3, AclOperation.ALL.
    """
    for acl in user.acls:
        if acl.type == "allow" and "All" in acl.operations and not user.admin:
            yield Flaw(_operation(acl, "All"), f"All on {_what(acl)}")


@rule("acl-create")
def create(user: User) -> Iterator[Flaw]:
    """Topics are made from Git, not by clients.

    Why: a client that may create topics makes those that somebody has misspelt, with the brokers'
        defaults, and nobody deletes them.
    Fix: declare the topics and drop Create; Kafka Streams and Connect say streams or connect in
        applications and get Create for their own topics only; name what a mirror makes in
        policy.acls.externalTopics.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (Create on topic or cluster).
    """
    for acl in user.acls:
        many = acl.pattern == "prefix" or acl.name == "*" or acl.resource == "cluster"
        if acl.type != "allow" or "Create" not in acl.operations or not many or user.admin:
            continue
        if acl.resource == "topic" and _own_or_foreign(user, acl):
            continue
        if acl.resource in ("topic", "cluster"):
            what = "any topic" if acl.resource == "cluster" else _what(acl)
            yield Flaw(_operation(acl, "Create"), f"it may create {what}")


@rule("acl-alter")
def alter(user: User) -> Iterator[Flaw]:
    """Topics are changed and deleted through Git, not by clients.

    Why: the Topic Operator undoes settings that a client changes; what a client deletes comes back
        empty; partitions that a client adds stay, and the KafkaTopic goes Ready=False (NotSupported).
    Fix: drop the operation; Kafka Streams says streams in applications and may delete its own
        internal topics.
    Source: Strimzi 1.2.0, BatchingTopicController ("Decreasing partitions not supported") and
        documentation, "Handling changes to topics" (changes from elsewhere are reverted).
    """
    for acl in () if user.admin else user.acls:
        if acl.resource != "topic" or acl.type != "allow":
            continue
        for each in ("Alter", "AlterConfigs", "Delete"):
            if each in acl.operations and not _own_or_foreign(user, acl):
                yield Flaw(_operation(acl, each), f"{each} on {_what(acl)}")


@rule("acl-cluster")
def cluster(user: User) -> Iterator[Flaw]:
    """Only administrators may change the cluster.

    Why: with Alter on the cluster a user grants itself the rest, with AlterConfigs it changes any
        broker, and ClusterAction is what brokers do among each other.
    Fix: drop the operation; list the user in policy.acls.administrators if it is one.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (operations on the cluster resource).
    """
    for acl in user.acls:
        if acl.type != "allow" or acl.resource != "cluster" or user.admin:
            continue
        for each in ("Alter", "AlterConfigs", "ClusterAction"):
            if each in acl.operations:
                yield Flaw(_operation(acl, each), f"{each} on the cluster")


@rule("acl-deny", Severity.WARNING)
def deny(user: User) -> Iterator[Flaw]:
    """Rules allow; what no rule allows is forbidden anyway.

    Why: a deny rule wins over every allow rule, also over those of prefixes and of '*', so nobody
        sees from the other rules what a user may do.
    Fix: drop it, and make the allow rules narrower instead.
    Source: Kafka 4.3, StandardAuthorizerData (deny before allow).
    """
    for acl in user.acls:
        if acl.type == "deny":
            yield Flaw((*acl.path, "type"), f"it denies {', '.join(acl.operations)}")


@rule("acl-host", Severity.WARNING)
def host(user: User) -> Iterator[Flaw]:
    """Rules hold for every host.

    Why: pods get new addresses with every restart, and behind a load balancer or a node port the
        broker sees another address than the client's.
    Fix: drop host, and bound who may connect by the listener's networkPolicyPeers.
    Source: Strimzi 1.2.0, AclRule (host); Kubernetes documentation, "Using Source IP".
    """
    for acl in user.acls:
        if acl.host != "*":
            yield Flaw((*acl.path, "host"), f"only from {acl.host}")


def _what(acl: SystemAcl) -> str:
    """The resource of a rule, for people."""
    if acl.resource == "cluster":
        return "the cluster"
    if acl.pattern == "prefix":
        return f"every {acl.resource} that begins with '{acl.name}'"
    return f"every {acl.resource}" if acl.name == "*" else f"{acl.resource} '{acl.name}'"
