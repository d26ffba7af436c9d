"""What a Redis says of itself, for environments that have one beside Kafka."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from verify.live.live import Cause, Gap, Redis

_OPTIONS = {"db", "protocol", "username", "password", "ssl_ca_certs", "ssl_cert_reqs",
            "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"}  # fmt: skip
"""What may stand behind the question mark of an address."""


def is_address(address: str) -> bool:
    """Whether this can be the address of a Redis."""
    try:
        parts = urlsplit(_url(address))
        where = parts.path if parts.scheme == "unix" else parts.hostname
        _ = parts.port  # looks at it only now
    except ValueError:
        return False
    known = {*parse_qs(parts.query, keep_blank_values=True)} <= _OPTIONS
    return parts.scheme in ("redis", "rediss", "unix") and bool(where) and known


def collect(addresses: Iterable[str], timeout_s: float) -> tuple[tuple[Redis, ...], dict[str, Gap]]:
    """The answers of every address (`redis://[user:password@]host:port`, or rediss:// for TLS)."""
    found: list[Redis] = []
    gaps: dict[str, Gap] = {}
    addresses = list(addresses)
    if not addresses:
        gaps["redis"] = Gap(Cause.NOT_ASKED, "no Redis was named (--redis)")
    for address in addresses:
        try:
            found.append(_ask(address, timeout_s))
        except _errors() as error:
            # What the address was understood as may be a part of a password.
            said = "that is no address of a Redis" if isinstance(error, ValueError) else error
            gaps[f"redis.{_shown(address)}"] = Gap(_cause(error), f"{_shown(address)}: {said}")
    return tuple(found), gaps


def _errors() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError

    return (RedisError, OSError, ValueError)


def _cause(error: Exception) -> Cause:
    from redis.exceptions import AuthenticationError, NoPermissionError
    from redis.exceptions import TimeoutError as Late

    if isinstance(error, (AuthenticationError, NoPermissionError)):
        return Cause.REFUSED
    return Cause.TIMED_OUT if isinstance(error, (Late, TimeoutError)) else Cause.UNREACHABLE


def _shown(address: str) -> str:
    """An address without what somebody wrote into it to log in."""
    parts = urlsplit(_url(address))
    if parts.scheme == "unix":
        return parts.path
    # Whatever stands where no host is may be what is left of a password.
    host = parts.hostname or "redis"
    try:
        port = parts.port
    except ValueError:  # no number
        return host
    return f"[{host}]:{port or 6379}" if ":" in host else f"{host}:{port or 6379}"


def _url(address: str) -> str:
    return address if "://" in address else f"redis://{address}"


def _ask(address: str, timeout_s: float) -> Redis:
    import redis

    # Retries would only hide what a check has to tell.
    client = redis.Redis.from_url(
        _url(address), socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=None
    )
    try:
        info: dict[str, Any] = client.info()
        in_cluster = bool(info.get("cluster_enabled"))
        cluster: dict[str, Any] = client.cluster("info") if in_cluster else {}
    finally:
        client.close()
    replicas = [info[key] for key in info if key.startswith("slave") and key[5:].isdecimal()]
    end = int(info.get("master_repl_offset", 0))
    return Redis(
        _shown(address),
        role=str(info.get("role", "")),
        version=str(info.get("redis_version", "")),
        replicas=int(info.get("connected_slaves", 0)),
        replicas_online=sum(1 for each in replicas if each.get("state") == "online"),
        replica_lag_bytes=max((end - int(each.get("offset", end)) for each in replicas), default=0),
        link_up=info.get("master_link_status", "up") == "up",
        cluster=in_cluster,
        cluster_state=str(cluster.get("cluster_state", "")),
        slots_ok=int(cluster.get("cluster_slots_ok", 0)),
        used_bytes=int(info.get("used_memory", 0)),
        limit_bytes=int(info.get("maxmemory", 0)),
    )
