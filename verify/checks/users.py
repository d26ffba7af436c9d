"""Users: access rules, quotas and passwords, those that Git says against those that brokers have."""

import re
from collections.abc import Iterable, Iterator
from shlex import quote

from generator.contract.report import Outcome, Status, fail, ok, skip, warn
from verify.checks._reasons import SMALL, entity, who
from verify.checks._words import bounded, brokers, count, listed, looked_at
from verify.checks.brokers import NO_GIT, silent
from verify.checks.registry import check
from verify.desired import Desired, WantedUser, quotas_of
from verify.live.live import Live, LiveAcl

_STRIMZI = re.compile(r"User:CN=[a-z0-9.-]+,O=io\.strimzi")
"""Strimzi's own components, who come with certificates of the cluster's authority (Strimzi 1.2.0)."""
_SCRAM = "SCRAM-SHA-512"


def _checked(desired: Desired) -> list[WantedUser]:
    """The users, where Kafka has access rules at all."""
    return list(desired.users.values()) if desired.authorization.get("type") == "simple" else []


@check("acls-present", needs=("kafka", "kafka.acls"), drift=True)
def acls_present(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every access rule that Git says is there.

    Compares: the ACLs of KafkaUsers, operation by operation, with those that brokers list.
    Why: a rule that is missing stops the application that needs it.
    Fix: kubectl -n {namespace} get kafkauser {name} -o yaml for its conditions; the User Operator puts
        rules back with its next reconciliation, and at once with {mend}; kubectl -n {namespace} logs
        deploy/{cluster}-entity-operator -c user-operator tells why it does not.
    Source: Strimzi 1.2.0, User Operator; Kafka 4.3, DescribeAcls.
    """
    users = _checked(desired)
    if live.kafka is None:
        return
    if not users:
        yield skip("Kafka has no simple authorization")
        return
    found = set(live.kafka.acls)
    wanted = 0
    missing: list[Outcome] = []
    for user in users:
        wanted += len(user.acls or ())
        lost = sorted((user.acls or frozenset()) - found)
        if lost:
            again = _looked_at(desired, user.resource)
            said = f"lacks {listed(_short(acl) for acl in lost)}"
            missing.append(fail(said, user.principal, mend=again))
    yield from bounded(missing)
    if not missing:
        yield ok(f"{count(wanted, 'rule')} of {count(users, 'user')}")


@check("acls-extra", needs=("kafka", "kafka.acls"), severity=Status.FAIL, drift=True)
def acls_extra(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Nobody may do more than Git says, and nothing is forbidden that Git allows.

    Compares: the ACLs that brokers list with those of KafkaUsers; of those that deny something, what
        applications can no longer do.
    Why: access given by hand stays for ever, and no review ever sees it; what is denied beats all that is allowed.
    Fix: {mend} takes the first of these rules away; or add what is needed to the application's intent in
        environments/{environment}.
    Source: Strimzi 1.2.0, User Operator: it removes rules only of users that it knows.
    """
    users = _checked(desired)
    if live.kafka is None:
        return
    if not users:
        yield skip("Kafka has no simple authorization")
        return
    known = {acl for user in users for acl in user.acls or ()}
    # Strimzi's own components come with certificates of the cluster CA, and are super users.
    extra = [
        acl for acl in live.kafka.acls if acl not in known and not _STRIMZI.fullmatch(acl.principal)
    ]
    by_principal: dict[str, list[LiveAcl]] = {}
    for acl in extra:
        by_principal.setdefault(acl.principal, []).append(acl)
    yield from bounded(
        fail(
            f"has {listed(_short(acl) for acl in sorted(acls))} that Git does not say"
            + (f": {listed(blocked)}" if (blocked := _blocked(desired, acls)) else ""),
            principal,
            mend=_without(min(acls)),
        )
        for principal, acls in sorted(by_principal.items())
    )


_RESOURCES = {"delegation_token": "--delegation-token", "user": "--user-principal",
              "transactional_id": "--transactional-id"}  # fmt: skip


def _without(acl: LiveAcl) -> str:
    """The command that takes a rule away (Kafka 4.3, AclCommand)."""
    name = "" if acl.resource == "cluster" else f" {quote(acl.name)}"
    host = "" if acl.host == "*" else f" --{acl.permission}-host {quote(acl.host)}"
    operation = "".join(each.capitalize() for each in acl.operation.split("_"))
    return (
        f"`kafka-acls.sh --remove --force --{acl.permission}-principal {quote(acl.principal)}{host}"
        f" --operation {operation} {_RESOURCES.get(acl.resource, f'--{acl.resource}')}{name}"
        f" --resource-pattern-type {acl.pattern}`"
    )


@check("authorizer", needs=("kafka", "kafka.broker_configs"), drift=True)
def authorizer(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Rules count at every broker that Git says they count at.

    Compares: authorizer.class.name of every broker with spec.kafka.authorization of the Kafka. Who is a super
        user no broker tells (super.users counts as a secret).
    Why: without an authorizer everybody may do everything, whatever the rules say.
    Fix: a pod whose file differs from what Strimzi says now runs with another one:
        kubectl -n {namespace} annotate pod {pod} strimzi.io/manual-rolling-update=true
    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder.withAuthorization; Kafka 4.3, StandardAuthorizer.
    """
    if live.kafka is None:
        return
    kind = desired.authorization.get("type")
    if not desired.kafka:
        yield skip(NO_GIT)
        return
    if kind not in (None, "simple"):
        yield skip(f"Kafka has authorization {kind}, whose class Git does not say")
        return
    asked = _AUTHORIZER if kind else ""
    other: dict[str, list[int]] = {}
    for broker, settings in sorted(live.kafka.broker_configs.items()):
        has = settings["authorizer.class.name"].value if "authorizer.class.name" in settings else ""
        if has != asked:
            other.setdefault(has, []).append(broker)
    for has, numbers in other.items():
        text = f"the authorizer is {has or 'missing'}, desired {asked or 'none'}"
        yield fail(text, brokers(numbers))
    yield from silent(live, "broker_configs")
    if not other:
        yield ok(count(live.kafka.broker_configs, "broker"))


_AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


def _short(acl: LiveAcl) -> str:
    return str(acl).removeprefix(acl.principal + " ")


@check("quotas", needs=("kafka", "kafka.quotas"), drift=True)
def quotas(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Users have the quotas that Git says, and no others.

    Compares: spec.quotas of KafkaUsers with the quotas that brokers have for these users.
    Why: without its quota one client takes the bandwidth of all; with a smaller one it is slowed down
        and nobody knows why.
    Fix: {mend} (what Git does not know is deleted with kafka-configs.sh; what a KafkaUser says the User Operator puts back)
    Source: Strimzi 1.2.0, User Operator, DefaultKafkaQuotasManager; Kafka 4.3, DescribeClientQuotas (KIP-546).
    """
    if live.kafka is None:
        return
    wrong = []
    for user in desired.users.values():
        found = live.kafka.quotas.get(user.name, {})
        differ = [
            f"{key} is {_number(found.get(key))}, desired {_number(user.quotas.get(key))}"
            for key in sorted({*found, *user.quotas})
            if found.get(key) != user.quotas.get(key)
        ]
        if differ:
            mend = _conditions(desired, user.resource)
            wrong.append(fail("; ".join(differ), user.principal, mend=mend))
    yield from bounded(wrong)
    said = (desired.kafka.get("spec") or {}).get("kafka", {}).get("quotas") or {}
    names = {user.name for user in desired.users.values()}
    if said.get("type") == "kafka":
        # Strimzi sets what everybody has who has no quota of their own.
        names.add("<default>")
        everybody = live.kafka.quotas.get("<default>", {})
        wanted = quotas_of(said)
        if everybody != wanted:
            mend = f"kubectl -n {desired.namespace} get kafka {desired.cluster} -o yaml"
            text = f"the quota is {_all(everybody)}, desired {_all(wanted)}"
            yield fail(text, "everybody", mend=mend)
    extra = sorted((name, each) for name, each in live.kafka.quotas.items() if name not in names)
    yield from bounded(_unknown_quota(desired, name, each) for name, each in extra)


def _unknown_quota(desired: Desired, name: str, limits: dict[str, float]) -> Outcome:
    """A quota that Git does not know; one that stops everybody who has none of their own is a failure."""
    said = f"has a quota that Git does not know: {_all(limits)}"
    mend = _deleted(entity(name), limits)
    if name == "<default>":
        mend += "; the Cluster Operator does so, too, with its next reconciliation"
    small = [key for key, value in limits.items() if value < SMALL.get(key, 0)]
    if not small or name not in ("<default>", "<default>/<default>", "/<default>"):
        return warn(said, who(name), mend=mend)
    slowed = sorted(u.resource for u in desired.users.values() if not {*small} <= u.quotas.keys())
    return fail(f"{said}; it stops {listed(slowed) or 'nobody of Git'}", who(name), mend=mend)


def _blocked(desired: Desired, rules: Iterable[LiveAcl]) -> list[str]:
    """What applications of Git may no longer do, as a rule forbids it."""
    return [
        f"{user.resource} can no longer {acl.operation} {acl.resource} {acl.name}"
        for user in desired.users.values()
        for acl in sorted(user.acls or ())
        if any(rule.permission == "deny" and _forbids(rule, acl) for rule in rules)
    ]


def _forbids(rule: LiveAcl, acl: LiveAcl) -> bool:
    """Whether a rule takes away something that another one gives (Kafka 4.3, StandardAuthorizer)."""
    names = (
        rule.name in ("*", acl.name)
        or (rule.pattern == "prefixed" and acl.name.startswith(rule.name))
        or (acl.pattern == "prefixed" and rule.name.startswith(acl.name))
    )
    return (
        names
        and rule.resource == acl.resource
        and acl.permission == "allow"
        and rule.principal in ("User:*", acl.principal)
        and rule.operation in ("all", acl.operation)
    )


def _all(quotas: dict[str, float]) -> str:
    return (
        ", ".join(f"{key} {_number(value)}" for key, value in sorted(quotas.items())) or "not set"
    )


def _number(value: float | None) -> str:
    return "not set" if value is None else f"{value:g}" if value < 1e6 else f"{value:.0f}"


@check("scram-users", needs=("kafka", "kafka.scram"), drift=True)
def scram_users(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every user with a password is known to the brokers, and nobody else has one.

    Compares: KafkaUsers with authentication scram-sha-512 with the SCRAM users that brokers list.
    Why: a user that brokers do not know cannot log in; one that Git does not know still can.
    Fix: {mend} (one too many is deleted with kafka-configs.sh; one that is missing the User Operator makes again)
    Source: Strimzi 1.2.0, User Operator; Kafka 4.3, DescribeUserScramCredentials (KIP-554).
    """
    if live.kafka is None:
        return
    wanted = {
        user.resource for user in desired.users.values() if user.authentication == "scram-sha-512"
    }
    missing = sorted(name for name in wanted if _SCRAM not in live.kafka.scram.get(name, ()))
    extra = sorted(set(live.kafka.scram) - wanted)
    yield from bounded(
        fail("brokers do not know this user", name, mend=_conditions(desired, name))
        for name in missing
    )
    yield from bounded(
        warn("Git does not know this user, who may log in", name,
             mend=_deleted(f"--entity-type users --entity-name {quote(name)}", live.kafka.scram[name]))
        for name in extra
    )  # fmt: skip


def _conditions(desired: Desired, user: str) -> str:
    """Why the User Operator did not do it, and what has it look at once."""
    asked = f"kubectl -n {desired.namespace} get kafkauser {quote(user)} -o yaml"
    return f"`{asked}`; {_looked_at(desired, user)}"


def _looked_at(desired: Desired, user: str) -> str:
    """What has the User Operator look at a user at once.

    Source: Strimzi 1.2.0, UserOperatorConfig.CACHE_REFRESH_INTERVAL_MS; seen on it.
    """
    return (
        looked_at(desired.namespace, "kafkauser", user)
        + ", 15 seconds after the change at the earliest: what it knows of brokers may be so old"
    )


def _deleted(whose: str, keys: Iterable[str]) -> str:
    return f"`kafka-configs.sh --alter {whose} --delete-config {','.join(sorted(keys))}`"
