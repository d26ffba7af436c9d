"""What a real Redis says: alone, with a replica, with a password, away, and as a cluster with holes."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from live.etcd import Program, executable
from live.jars import MissingError
from live.node import LOOPBACK, free_ports

from generator.contract.report import Status
from verify.checks.registry import all_checks
from verify.collect.redis import collect
from verify.desired import Desired
from verify.live.live import Cause, Gap, Live

pytestmark = pytest.mark.live

TIMEOUT_S = 3
_HIGHEST = 55_535
PASSWORD = "p@ss/w#rd"  # noqa: S105 (has to be spelled in an address)
SPELLED = "p%40ss%2Fw%23rd"


class RedisServer(Program):
    """One redis-server of its own; nothing of it is kept."""

    def __init__(self, folder: Path, *settings: str) -> None:
        """`folder` is where its log goes.

        Raises:
            MissingError: when there is no redis-server to start.
        """
        # The bus of a cluster has a port that is higher by 10,000.
        self.port = next(port for port in free_ports(64) if port < _HIGHEST)
        self.address = f"{LOOPBACK}:{self.port}"
        folder.mkdir(parents=True)
        command = [
            executable("redis-server", "apt-get install redis-server"),
            *("--port", str(self.port), "--bind", LOOPBACK, "--dir", str(folder)),
            *("--save", "", "--appendonly", "no", *settings),
        ]
        super().__init__("redis-server", folder / "redis.log", command)

    def start(self) -> None:
        """Start it; it takes connections when this returns.

        Raises:
            ServerError: when it does not in time.
        """
        super().start()
        self.until(self._listens, "listen")

    def _listens(self) -> bool:
        socket.create_connection((LOOPBACK, self.port), 1).close()
        return True

    def told(self, login: str = "") -> tuple[Any, dict[str, Gap]]:
        """What it says of itself to somebody who logs in so, or nothing and the gaps."""
        found, gaps = collect([f"redis://{login}{self.address}"], TIMEOUT_S)
        return (found[0] if found else None), gaps


Start = Callable[..., RedisServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers, which end with the test; skips it where there is none to start."""
    servers: list[RedisServer] = []

    def one(*settings: str) -> RedisServer:
        try:
            server = RedisServer(tmp_path / f"redis-{len(servers)}", *settings)
        except MissingError as error:
            pytest.skip(str(error))
        servers.append(server)
        server.start()
        return server

    yield one
    for server in servers:
        server.stop()


def judged(*addresses: str) -> dict[str, Status]:
    """How the checks of Redis end for these addresses."""
    redis, gaps = collect(addresses, TIMEOUT_S)
    live = Live("dev", 0, redis=redis, gaps=gaps)
    checks = [check for check in all_checks().values() if check.group == "redis"]
    return {check.name: check.ask(Desired("dev", ()), live).status for check in checks}


ALL_FINE = {"redis-up": "pass", "redis-replicas": "pass", "redis-memory": "pass"}


def test_one_alone(start: Start) -> None:
    """A master without replicas and without a limit."""
    server = start("--unixsocket", "redis.sock")
    found, gaps = server.told()

    assert gaps == {}
    assert (found.address, found.role, found.replicas) == (server.address, "master", 0)
    assert (found.link_up, found.cluster, found.limit_bytes) == (True, False, 0)
    assert found.version.split(".")[0].isdecimal()
    assert found.used_bytes > 0
    assert judged(server.address) == ALL_FINE

    path = server.log.parent / "redis.sock"
    ((found,), gaps) = collect([f"unix://{path}"], TIMEOUT_S)
    assert (found.address, found.role, gaps) == (str(path), "master", {})


def test_master_and_replica(start: Start) -> None:
    """Both say so, and the master how near the replica is; when the master has gone, its link is down."""
    master = start("--repl-diskless-sync-delay", "0")
    replica = start("--replicaof", LOOPBACK, str(master.port))
    replica.until(lambda: replica.told()[0].link_up, "reach its master")
    master.until(lambda: master.told()[0].replicas_online == 1, "see its replica")
    found, _ = master.told()

    assert (found.replicas, found.replicas_online) == (1, 1)
    assert 0 <= found.replica_lag_bytes < 10_000
    assert replica.told()[0].role == "slave"
    assert judged(master.address, replica.address) == ALL_FINE

    master.stop()
    replica.until(lambda: not replica.told()[0].link_up, "notice")
    assert judged(replica.address)["redis-replicas"] is Status.FAIL
    assert judged(master.address, replica.address) == {
        "redis-up": "unknown", "redis-replicas": "fail", "redis-memory": "unknown",
    }  # fmt: skip


def test_password(start: Start) -> None:
    """Only the right one is let in, and none is ever told."""
    server = start("--requirepass", PASSWORD)

    found, gaps = server.told(f":{SPELLED}@")
    assert (found.role, found.address, gaps) == ("master", server.address, {})

    for login in ("", ":wrong-word@", "somebody:wrong-word@"):
        found, gaps = server.told(login)
        assert found is None
        ((part, gap),) = gaps.items()
        assert (part, gap.cause) == (f"redis.{server.address}", Cause.REFUSED)
        assert gap.reason.startswith(f"{server.address}: ")
        assert "wrong-word" not in gap.reason


def test_who_may_not_ask(start: Start) -> None:
    """A user without the right to INFO is refused, not let down."""
    server = start("--user", "app", "on", ">word", "~*", "+ping")
    found, gaps = server.told("app:word@")

    assert found is None
    assert gaps[f"redis.{server.address}"].cause is Cause.REFUSED


def test_nobody_listens() -> None:
    """Which is found out at once."""
    (port,) = free_ports(1)
    began = time.monotonic()
    found, gaps = collect([f"{LOOPBACK}:{port}"], TIMEOUT_S)

    assert found == ()
    gap = gaps[f"redis.{LOOPBACK}:{port}"]
    assert gap.cause is Cause.UNREACHABLE
    assert "refused" in gap.reason.lower()
    assert time.monotonic() - began < TIMEOUT_S
    assert judged(f"{LOOPBACK}:{port}")["redis-up"] is Status.UNKNOWN


def test_nobody_answers() -> None:
    """A port that takes connections and says nothing, as one does whose process hangs."""
    with socket.create_server((LOOPBACK, 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        _, gaps = collect([f"{LOOPBACK}:{port}"], 0.5)

    assert gaps[f"redis.{LOOPBACK}:{port}"].cause is Cause.TIMED_OUT
    assert time.monotonic() - began < 2


def test_somebody_else_answers() -> None:
    """What speaks another protocol is no Redis, and no bug."""
    with socket.create_server((LOOPBACK, 0)) as web:
        port = web.getsockname()[1]
        import threading

        def answer() -> None:
            with web.accept()[0] as other:
                other.recv(1000)
                other.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found, gaps = collect([f"{LOOPBACK}:{port}"], TIMEOUT_S)
        thread.join()

    assert found == ()
    assert gaps[f"redis.{LOOPBACK}:{port}"].cause is Cause.UNREACHABLE


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://:secret-word/more@host:6379", "redis"),
        ("redis://me:secret-word@host:port", "host"),
        ("http://me:secret-word@host:80", "host:80"),
    ],
)
def test_addresses_that_are_none(address: str, shown: str) -> None:
    """Told without what somebody meant to log in with."""
    found, gaps = collect([address], TIMEOUT_S)

    ((_, gap),) = gaps.items()
    assert found == ()
    assert "secret-word" not in gap.reason
    assert gap.reason == f"{shown}: that is no address of a Redis"


def test_memory_is_nearly_used_up(start: Start) -> None:
    """Against maxmemory, which is less than an empty Redis needs here."""
    server = start("--maxmemory", "100kb")

    assert judged(server.address) == ALL_FINE | {"redis-memory": "warn"}


def test_cluster_with_slots_that_nobody_serves(start: Start) -> None:
    """It is up once the last slot is given to somebody."""
    import redis

    server = start("--cluster-enabled", "yes")
    with redis.Redis(port=server.port, decode_responses=True) as client:
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 9999)
        found, _ = server.told()
        assert (found.cluster, found.cluster_state, found.slots_ok) == (True, "fail", 10000)
        assert judged(server.address)["redis-up"] is Status.FAIL

        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 10000, 16383)
    server.until(lambda: server.told()[0].cluster_state == "ok", "serve all slots")
    assert judged(server.address) == ALL_FINE
