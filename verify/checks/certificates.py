"""Certificates and Secrets: they are there, hold what they should, and are good for long enough."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from generator.contract.report import Outcome, fail, ok, skip, warn
from generator.contract.rights import ca_secret_names
from verify.checks._objects import Said, kubernetes_of, status, together
from verify.checks._words import count
from verify.checks.registry import check
from verify.desired import Desired, WantedUser
from verify.live.live import Live

_DAY_S = 86_400.0
_OLD = re.compile(r"ca-\d{4}-\d{2}-\d{2}T.*\.crt")
"""Authorities of before the last renewal, kept until nobody shows their certificates any more."""

_KEYS = {
    "tls": ("ca.crt", "user.crt", "user.key"),
    "scram-sha-512": ("password",),
}


@check("certificate-expiry", needs=("kubernetes", "kubernetes.Secret"))
def certificate_expiry(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No certificate of the cluster, its authorities and its users ends soon.

    Compares: the validity of all certificates in the cluster's Secrets with verify.certificates: warn and
        fail so many days before the end; later where Strimzi renews later, as renewalDays of a KafkaUser or
        an authority says: then as soon as that is over, and when half of that time is. Authorities that were
        renewed already do not count.
    Why: Strimzi renews in time; what it has not renewed by then it will not, and with the authority
        everything stops at once.
    Fix: {mend}; kubectl -n {operator_namespace} logs deploy/strimzi-cluster-operator --tail=50 for the cause. (An
        authority is renewed with strimzi.io/force-renew, within a maintenance window; when the Secret of a user is
        deleted, the User Operator makes a new one.)
    Source: Strimzi 1.2.0, Renewal and replacement of CA certificates; KafkaUser authentication.renewalDays.
    """
    limits = desired.settings.certificates
    renewed = _renewal_days(desired, live)
    ending: list[Said] = []
    over: list[Said] = []
    first: tuple[float, str] | None = None
    for name, secret in sorted(kubernetes_of(live).secrets.items()):
        renewal_days = renewed.get(name, float("inf"))
        warn_days = min(limits.warn_days, renewal_days)
        fail_days = min(limits.fail_days, renewal_days / 2)
        for each in secret.certificates:
            if _OLD.fullmatch(each.where):
                continue
            where = f"secret/{name} {each.where}"
            days = (each.not_after_s - live.taken_at_s) / _DAY_S
            first = min(first or (days, where), (days, where))
            if each.not_before_s > live.taken_at_s:
                over.append((f"is not valid before {_day(each.not_before_s)}", where))
            elif days < 0:
                over.append((f"ended on {_day(each.not_after_s)}", where))
            elif days <= fail_days:
                over.append((f"ends in {_days(days)}, on {_day(each.not_after_s)}", where))
            elif days <= warn_days:
                ending.append((f"ends in {_days(days)}, on {_day(each.not_after_s)}", where))
    for make, found in ((fail, over), (warn, ending)):
        yield from together(partial(_mended, make, desired, live), found)
    if first is not None and not over and not ending:
        yield ok(f"the first one to end does so in {_days(first[0])}: {first[1]}")
    elif first is None:
        yield skip("no Secret of the cluster holds a certificate")


def _mended(
    make: Callable[..., Outcome], desired: Desired, live: Live, message: str, subject: str
) -> Outcome:
    """An outcome with the command that renews the first Secret that it names: never one that deletes an authority."""
    found = _SECRET.search(f"{subject} {message}")
    name = found[1] if found else ""
    users = {_secret(desired, live, user) for user in desired.users.values()}
    mend = f"kubectl -n {desired.namespace} get secret {name} -o yaml tells whose it is"
    if name in ca_secret_names(desired.cluster):
        mend = (
            f"`kubectl -n {desired.namespace} annotate secret {name} strimzi.io/force-renew=true`"
        )
    elif name in users:
        mend = f"`kubectl -n {desired.namespace} delete secret {name}`"
    return make(message, subject, mend=mend)


_SECRET = re.compile(r"\bsecret/(\S+)")


def _renewal_days(desired: Desired, live: Live) -> dict[str, float]:
    """How long before its end Strimzi renews what a Secret holds, where somebody says it."""
    spec = desired.kafka.get("spec") or {}
    found: dict[str, float] = {}
    for name, authority in zip(
        ca_secret_names(desired.cluster), ("clusterCa", "clientsCa"), strict=True
    ):
        days = (spec.get(authority) or {}).get("renewalDays")
        if days is not None:
            found[name] = days
    of_clients = (spec.get("clientsCa") or {}).get("renewalDays")
    for user in desired.users.values():
        days = user.renewal_days or of_clients
        if user.authentication == "tls" and days is not None:
            found[_secret(desired, live, user)] = days
    return found


def _day(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).date().isoformat()


def _days(days: float) -> str:
    return "less than a day" if days < 1 else count(int(days), "day")


@check("authorities", needs=("kubernetes", "kubernetes.Secret"))
def authorities(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The certificates of both authorities are there for clients to trust.

    Compares: the Secrets of the cluster's and of the clients' authority, and their key ca.crt.
    Why: without them neither brokers nor applications know whom to trust.
    Fix: kubectl -n {namespace} get secret {cluster}-cluster-ca-cert {cluster}-clients-ca-cert; the operator
        makes them, unless spec.clusterCa or spec.clientsCa says that you bring your own.
    Source: Strimzi 1.2.0, KafkaResources, Security.
    """
    secrets = kubernetes_of(live).secrets
    for name in ca_secret_names(desired.cluster):
        secret = secrets.get(name)
        if secret is None:
            yield fail("is missing", f"secret/{name}")
        elif not any(each.where == "ca.crt" for each in secret.certificates):
            yield fail("has no certificate as ca.crt", f"secret/{name}")


@check("user-secrets", needs=("kubernetes", "kubernetes.Secret", "kubernetes.Secret.user"))
def user_secrets(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every user that logs in has a Secret to log in with.

    Compares: KafkaUsers with authentication with the Secrets that the User Operator makes, and their keys.
    Why: an application mounts that Secret; without it its pods do not start.
    Fix: kubectl -n {namespace} get kafkauser {name} -o yaml; kubectl -n {namespace} logs
        deployment/{cluster}-entity-operator -c user-operator --tail=50.
    Source: Strimzi 1.2.0, KafkaUserModel.
    """
    kubernetes = kubernetes_of(live)
    users = [user for user in desired.users.values() if user.authentication in _KEYS]
    found: list[Said] = []
    for user in users:
        name = _secret(desired, live, user)
        secret = kubernetes.secrets.get(name)
        if secret is None:
            found.append(("has no Secret", f"kafkauser/{user.resource}"))
            continue
        lacking = sorted(set(_KEYS[user.authentication]) - set(secret.keys))
        if lacking:
            found.append((f"its Secret lacks {', '.join(lacking)}", f"kafkauser/{user.resource}"))
    yield from together(fail, found)
    if not found:
        yield ok(count(users, "user"))


def _secret(desired: Desired, live: Live, user: WantedUser) -> str:
    """What the User Operator says it is called, or would call it."""
    body = kubernetes_of(live).objects.get("KafkaUser", {}).get(user.resource)
    told = str(status(body).get("secret") or "") if body else ""
    entity = (desired.kafka.get("spec") or {}).get("entityOperator") or {}
    prefix = (entity.get("userOperator") or {}).get("secretPrefix", "")
    return told or f"{prefix}{user.resource}"
