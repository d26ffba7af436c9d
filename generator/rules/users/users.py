"""KafkaUsers and super users: who they are, and whether they can log in."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity, did_you_mean
from generator.rules.registry import Flaw, rule
from generator.rules.users.applications import groups_of
from generator.system.system import System, User

_ANONYMOUS = "ANONYMOUS"
_SUPER_USERS: Path = ("spec", "kafka", "authorization", "superUsers")
_LISTENER_OF = {"tls": "tls", "tls-external": "tls", "scram-sha-512": "scram-sha-512"}
"""What a listener must ask for, by what a KafkaUser has."""


def _super_users(system: System) -> Iterator[tuple[Path, str]]:
    authorization = system.spec.get("authorization") or {}
    for index, principal in enumerate(authorization.get("superUsers") or ()):
        yield (*_SUPER_USERS, index), str(principal)


def _authentications(system: System) -> list[str]:
    """What the listeners ask clients for."""
    return [(each.get("authentication") or {}).get("type", "none")
            for each in system.spec["listeners"]]  # fmt: skip


@rule("super-user-anonymous")
def super_user_anonymous(system: System) -> Iterator[Flaw]:
    """No super user stands for anybody.

    Why: ANONYMOUS is whoever comes through a listener without authentication, so everybody may do
        everything; '*' is meant so, and matches nobody.
    Fix: name the principal of a person's or a tool's own user.
    Source: Kafka 4.3, KafkaPrincipal.ANONYMOUS, StandardAuthorizerData (super.users are compared as
        they stand, so that anonymous is nobody).
    """
    for path, principal in _super_users(system):
        if principal == _ANONYMOUS:
            message = f"{principal} is everybody who comes without a password or certificate"
            yield Flaw(path, message, on=system.kafka)
        elif principal.removeprefix("User:") == "*":
            yield Flaw(path, f"{principal} is meant for everybody, and matches nobody",
                       on=system.kafka)  # fmt: skip


@rule("super-user-prefix")
def super_user_prefix(system: System) -> Iterator[Flaw]:
    """A super user is named without User: in front.

    Why: Strimzi writes User: in front of every entry, so User:User:... matches nobody.
    Fix: drop User:, and name one of the KafkaUsers here or a certificate from elsewhere.
    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder (superUsers).
    """
    known = {user.principal for user in system.users}
    for path, principal in _super_users(system):
        if principal.startswith("User:"):
            name = principal.removeprefix("User:")
            there = name in known or "," in name
            yield Flaw(path, f"Strimzi would make User:{principal} of it",
                       f"write {name}" if there else "", on=system.kafka)  # fmt: skip


@rule("super-user-application")
def super_user_application(system: System) -> Iterator[Flaw]:
    """Applications are bound by their ACLs.

    Why: for a super user none is ever asked, so one wrong line in the application may delete every
        topic.
    Fix: drop it from superUsers, and let the application say what it needs.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (super.users).
    """
    applications = {user.principal: user.name for user in system.users if user.intent is not None}
    for path, principal in _super_users(system):
        if principal in applications:
            message = f"{principal} is the application {applications[principal]}"
            yield Flaw(path, message, on=system.kafka)


@rule("super-user-unknown", Severity.WARNING)
def super_user_unknown(system: System) -> Iterator[Flaw]:
    """A super user is one of the KafkaUsers here, or a certificate from elsewhere.

    Why: what is misspelt protects nobody in the night when it is needed, and makes whoever gets that
        name later a super user. The principal is CN=<name> with a certificate, the bare name with a
        password.
    Fix: correct the principal, or declare the user under users.
    Source: Strimzi 1.2.0, KafkaUserModel (user names), KafkaAuthorizationSimple (superUsers).
    """
    if "custom" in _authentications(system):  # whose names only its own server knows
        return
    known = {user.principal for user in system.users}
    for path, principal in _super_users(system):
        foreign = "," in principal or principal in (_ANONYMOUS, "*")
        if principal not in known and not foreign and not principal.startswith("User:"):
            yield Flaw(path, f"there is no user {principal}", did_you_mean(principal, known),
                       on=system.kafka)  # fmt: skip


@rule("super-user-no-effect", Severity.WARNING)
def super_user_no_effect(system: System) -> Iterator[Flaw]:
    """Super users are named only where the cluster asks who may do what.

    Why: without authorization everybody may do everything; a list of the few who may do all reads as
        if the others might not.
    Fix: write cluster.authorization.type: simple, or drop superUsers.
    Source: Strimzi 1.2.0, KafkaAuthorizationSimple (superUsers belong to authorization).
    """
    cluster = system.environment.cluster if system.environment else None
    if cluster and cluster.super_users and cluster.authorization == "none":
        yield Flaw(("cluster", "authorization", "superUsers"),
                   "superUsers have no effect without authorization", on_key=True)  # fmt: skip


@rule("user-acls-unauthorized")
def acls_unauthorized(user: User) -> Iterator[Flaw]:
    """Users have ACLs only where the cluster asks them.

    Why: the User Operator takes none of the KafkaUser, and its status says NotReady.
    Fix: write cluster.authorization.type: simple, or drop the user's authorization.
    Source: Strimzi 1.2.0, KafkaUserModel.fromCrd ("ACL rules are configured but not supported"); seen on
        its User Operator: ExecutionException, "Simple authorization ACL rules are configured but not
        supported in the Kafka cluster configuration.".
    """
    cluster = user.system.spec.get("authorization") or {}
    managed = cluster.get("type") == "simple" or cluster.get("supportsAdminApi") is True
    if "authorization" in user.spec and not managed:
        yield Flaw(("spec", "authorization"), "it has ACLs, which the cluster does not take",
                   on_key=True)  # fmt: skip


@rule("user-listener")
def listener(user: User) -> Iterator[Flaw]:
    """There is a listener through which the user can log in.

    Why: the KafkaUser becomes ready all the same; its application is the first to notice.
    Fix: give a listener the authentication tls for certificates, scram-sha-512 for passwords, or
        change the user's.
    Source: Strimzi 1.2.0, GenericKafkaListener and KafkaUserSpec (authentication).
    """
    wanted = _LISTENER_OF.get(user.authentication)
    offered = _authentications(user.system)
    if wanted is None or wanted in offered or "custom" in offered:
        return
    if "none" in offered and not user.system.authorized:
        return  # everybody may come in, and do everything
    message = f"no listener has the authentication {wanted}"
    yield Flaw(("spec", "authentication", "type"), message)


@rule("user-shared", Severity.WARNING)
def shared(system: System) -> Iterator[Flaw]:
    """Every application has a user of its own.

    Why: who joins an application's group takes its partitions away and moves its offsets; and when
        two share a user, nobody can tell from the logs or the quotas which of them it was.
    Fix: declare what it does under applications, or give it a group of its own.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (Read on a group joins it and commits).
    """
    groups = {group: user.name for user in system.users for group in groups_of(user)}
    for user in system.users:
        if user.intent is not None or user.admin or user.backs_up:
            continue
        for acl in user.acls:
            owner = groups.get(acl.name) if acl.resource == "group" else None
            if owner and acl.pattern == "literal" and acl.allows("Read"):
                message = f"it may join '{acl.name}', the group of the application {owner}"
                yield Flaw((*acl.path, "resource", "name"), message, on=user.manifest)
