"""Certificates and Secrets: they are there, hold what they should, and are good for long enough."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from generator.contract.report import Outcome, fail, ok, skip, unknown, warn
from generator.contract.rights import ca_secret_names, trust_bundle_name
from verify.checks._objects import Said, kubernetes_of, secret_of, together
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Cause, Certificate, Kubernetes, ListenerAnswer, Live

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
        if name == trust_bundle_name(desired.cluster):
            continue  # copies, of authorities that were renewed already too
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
    users = {secret_of(desired, live, user) for user in desired.users.values()}
    for make, found in ((fail, over), (warn, ending)):
        yield from together(partial(_mended, make, desired, users), found)
    if first is not None and not over and not ending:
        yield ok(f"the first one to end does so in {_days(first[0])}: {first[1]}")
    elif first is None:
        yield skip("no Secret of the cluster holds a certificate")


def _mended(
    make: Callable[..., Outcome], desired: Desired, users: set[str], message: str, subject: str
) -> Outcome:
    """An outcome with the command that renews the first Secret that it names: never one that deletes an authority."""
    found = _SECRET.search(f"{subject} {message}")
    name = found[1] if found else ""
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
            found[secret_of(desired, live, user)] = days
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
        name = secret_of(desired, live, user)
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


@check("certificate-chain", needs=("kubernetes", "kubernetes.Secret"))
def certificate_chain(desired: Desired, live: Live) -> Iterator[Outcome]:
    """What brokers and users show was signed by the authorities that their Secrets hold.

    Compares: the signature of every certificate in a Secret of the cluster and of its users, of what brokers show at
        listeners without a certificate of their own, and of what brokers accept from this run, with the keys of
        the cluster's and of the clients' authority, those of before their last renewal too.
    Why: applications trust what the Secret says, and brokers what they were started with; when one of them is replaced,
        nobody gets in any more, at the latest after the next restart.
    Fix: {mend} (the Secret of a user is deleted, and the User Operator makes a new one; that of an authority has to come
        back)
    Source: Strimzi 1.2.0, Security: certificate authorities; KafkaUserModel.
    """
    kubernetes = kubernetes_of(live)
    cluster_ca, clients_ca = ca_secret_names(desired.cluster)
    authorities = {cluster_ca, clients_ca, trust_bundle_name(desired.cluster)}
    shown = [
        *_in_secrets(kubernetes, cluster_ca, clients_ca, authorities),
        *((each, f"{_where(answer)} shows", cluster_ca) for answer in _of_strimzi(desired, live)
          for each in answer.certificates[:1]),
    ]  # fmt: skip
    if live.kafka is not None and live.kafka.certificate is not None:
        shown.append((live.kafka.certificate, "brokers accept from this run", clients_ca))
    found: list[Said] = []
    good = 0
    for authority in (cluster_ca, clients_ca):
        if authority not in kubernetes.authorities:
            continue  # told by another check
        of_it = [(each, where) for each, where, signer in shown if signer == authority]
        foreign = [(each, where) for each, where in of_it if authority not in each.signed_by]
        good += len(of_it) - len(foreign)
        if len(foreign) == len(of_it) > 1:
            text = f"has signed none of {len(of_it)} certificates that it should have: was it replaced?"
            found.append((text, f"secret/{authority}"))
        else:
            found += [(f"was signed by {each.issuer}, which is not in secret/{authority}", where)
                      for each, where in foreign]  # fmt: skip
    yield from together(partial(_reissued, desired, kubernetes), found)
    if good and not found:
        yield ok(count(good, "certificate"))
    elif not found:
        yield skip("no certificate was seen that one of the authorities should have signed")


def _reissued(desired: Desired, kubernetes: Kubernetes, message: str, subject: str) -> Outcome:
    """A failure with what gets the first Secret that it names right."""
    within, cluster = f"kubectl -n {desired.namespace}", desired.cluster
    names = _SECRET.findall(f"{subject} {message}")
    user = next((each for each in names if _is_of_user(kubernetes, each)), None)
    if user is not None:
        mend = f"`{within} delete secret {user}`, and the User Operator makes a new one"
    else:
        mend = (
            f"get the Secret of the authority and its key ({cluster}-cluster-ca, {cluster}-clients-ca) back from a backup;"
            f" without one `{within} annotate secret {cluster}-cluster-ca strimzi.io/force-replace=true` makes a new one,"
            " and restarts everybody"
        )
    return fail(message, subject, mend=mend)


def _is_of_user(kubernetes: Kubernetes, name: str) -> bool:
    secret = kubernetes.secrets.get(name)
    return secret is not None and secret.labels.get(_KIND) == "KafkaUser"


def _in_secrets(
    kubernetes: Kubernetes, cluster_ca: str, clients_ca: str, authorities: set[str]
) -> Iterator[tuple[Certificate, str, str]]:
    """Every certificate in Secrets that Strimzi made, where it is, and who should have signed it."""
    for name, secret in sorted(kubernetes.secrets.items()):
        of_user = _is_of_user(kubernetes, name)
        if name in authorities or not (of_user or secret.labels.get(_KIND) == "Kafka"):
            continue
        own = f"{name}.crt"
        in_pod = any(each.where == own for each in secret.certificates)
        for each in secret.certificates:
            # From Strimzi 1.0 on the Secret of a pod has certificates that somebody brought for a listener, too.
            if not each.where.startswith("ca") and not (in_pod and each.where != own):
                yield each, f"secret/{name} {each.where}", clients_ca if of_user else cluster_ca


def _of_strimzi(desired: Desired, live: Live) -> list[ListenerAnswer]:
    """Listeners that show what the operator made, not a certificate that somebody brought."""
    listeners = (desired.kafka.get("spec") or {}).get("kafka", {}).get("listeners") or ()
    brought = {each["name"] for each in listeners
               if "brokerCertChainAndKey" in (each.get("configuration") or {})}  # fmt: skip
    known = {each["name"] for each in listeners}
    return [each for each in live.listeners if each.listener in known - brought]


def _where(answer: ListenerAnswer) -> str:
    return f"listener {answer.listener} {answer.address}"


@check("credentials", needs=("kubernetes", "logins"))
def credentials(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every user gets in with what its Secret holds.

    Compares: a login at a broker with the password, or the certificate and key, of each user's Secret; nothing of them
        is kept or told. In the cluster only with verify.credentials, which lets the Role read these Secrets.
    Why: an application whose password was changed in one place only finds out at its next restart.
    Fix: {mend}: the User Operator makes a new one and tells the brokers; then restart
        the application. A password that Git names (authentication.password) has to be changed where it comes from.
    Source: Strimzi 1.2.0, User Operator; Kafka 4.3, SASL/SCRAM.
    """
    if not live.logins:
        yield skip("no login was tried")
    good = 0
    apart: dict[str, list[str]] = {}
    for user, each in sorted(live.logins.items()):
        gap = each.problem
        if gap is None:
            good += 1
        elif gap.cause is Cause.REFUSED:
            yield fail(
                f"does not get in at {each.address} with secret/{each.secret}: {gap.reason}",
                f"kafkauser/{user}",
                mend=f"`kubectl -n {desired.namespace} delete secret {each.secret}`",
            )
        elif gap.cause is Cause.NOT_ASKED:
            apart.setdefault(gap.reason, []).append(user)
        else:
            late = gap.cause is Cause.TIMED_OUT
            yield unknown(f"{each.address}: {gap.reason}", f"kafkauser/{user}", timed_out=late)
    for reason, users in apart.items():
        yield skip(f"not tried: {reason}: {listed(users)}")
    if good:
        yield ok(f"{count(good, 'user')} got in")


_KIND = "strimzi.io/kind"
