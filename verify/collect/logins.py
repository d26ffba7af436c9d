"""Log in with what the Secrets of users hold, each user once; nothing of it is kept or told."""

from collections.abc import Mapping, Sequence

from verify.checks._objects import secret_of
from verify.collect.kafka.access import Access, Target
from verify.collect.kafka.wire import Connection, address_of
from verify.collect.kubernetes.api import KubernetesTarget
from verify.collect.thread_pool import side_by_side
from verify.desired import Desired
from verify.live.gap import NoAnswerError
from verify.live.live import Cause, Gap, Live, Login

_AT_ONCE = 8
NEEDS = {"tls": ("user.crt", "user.key"), "scram-sha-512": ("password",)}
_UNWANTED = Gap(Cause.NOT_ASKED, "nobody wants credentials of users tried (--no-credentials)")
_NOT_ALLOWED = Gap(
    Cause.NOT_ASKED,
    "the Role in the cluster does not allow to read Secrets of users: verify.credentials: true",
)


def collect(
    place: KubernetesTarget | None,
    wanted: bool,
    desired: Desired,
    live: Live,
    targets: Sequence[Target],
    deadline: float,
) -> tuple[dict[str, Login], Gap | None]:
    """What became of every user's login by KafkaUser, or why none was tried."""
    if live.kubernetes is None or place is None:
        return {}, live.gap("kubernetes") or Gap(Cause.NOT_ASKED, "Kubernetes was not asked")
    if not wanted:
        return {}, _UNWANTED
    if place.in_cluster and not desired.settings.credentials:
        return {}, _NOT_ALLOWED
    from verify.collect.kubernetes.cluster_scoped import logins
    from verify.collect.kubernetes.errors import ApiError

    users = {u.resource: u for u in desired.users.values() if u.authentication in NEEDS}
    if not users:
        return {}, Gap(Cause.NOT_ASKED, "no user has a Secret to log in with")
    names = {user: secret_of(desired, live, each) for user, each in users.items()}
    try:
        held = logins(place, desired.cluster, set(names.values()), deadline)
    except ApiError as error:
        return {}, error.gap
    ways = {kind: way for kind in NEEDS if (way := _way(targets, live, kind)) is not None}
    with side_by_side(_AT_ONCE) as pool:
        tried = {
            user: pool.submit(
                _try, user, each.authentication, names[user], held.get(names[user]), ways,
                place.timeout_s, deadline,
            )
            for user, each in users.items()
        }  # fmt: skip
        return {user: each.result() for user, each in tried.items()}, None


def _way(targets: Sequence[Target], live: Live, authentication: str) -> Target | None:
    """An address where users with this authentication log in, one that answers and is trusted."""
    bad = {each.address for each in live.listeners if each.problem or each.trusted}
    fit = [each for each in targets if each.authentication == authentication]
    return next((each for each in fit if each.address not in bad), None)


def _try(
    user: str, authentication: str, secret: str, held: Mapping[str, bytes] | None,
    ways: Mapping[str, Target], timeout_s: float, deadline: float,
) -> Login:  # fmt: skip
    way = ways.get(authentication)
    if way is None:
        reason = f"no listener with {authentication} can be reached from here"
        return Login(secret, problem=Gap(Cause.NOT_ASKED, reason))
    if held is None or not all(held.get(key) for key in NEEDS[authentication]):
        return Login(secret, problem=Gap(Cause.NOT_ASKED, "its Secret lacks what it logs in with"))
    texts = {key: value.decode(errors="replace") for key, value in held.items()}
    tls = authentication == "tls"
    access = Access(
        (way.address,), way.listener, way.tls, way.ca_pem,
        texts["user.crt"] if tls else "", texts["user.key"] if tls else "",
        "" if tls else user, "" if tls else texts["password"], timeout_s=timeout_s,
    )  # fmt: skip
    try:
        Connection(*address_of(way.address), access, deadline).close()
    except NoAnswerError as error:
        return Login(secret, way.address, error.gap)
    return Login(secret, way.address)
