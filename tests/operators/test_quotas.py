"""Who is slowed down: by a quota of one's own, by the cluster's, and by neither where Strimzi's plugin counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from operators.admin import asked_as, credentials
from operators.intent import Deployment, said
from operators.site import Strimzi

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

NAMESPACE = "kafka-quotas"
INTENT = """\
environment: quotas
namespace: kafka-quotas
size: dev
cluster:
  name: events
  listeners:
    tls: {port: 9093, authentication: tls}
topics:
  orders: {partitions: 1}
applications:
  shop:
    authentication: tls
    produces: [orders]
"""
SLOW = INTENT + "    quotas: {producerByteRate: 20Ki}\n"
SLOWER = INTENT + "    quotas: {producerByteRate: 19Ki}\n"
OF_ALL = INTENT.replace(
    "  listeners:", "  quotas: {type: kafka, producerByteRate: 20Ki}\n  listeners:"
)
_PLUGIN = """\
overrides: {Kafka: {events: {spec: {kafka: {quotas: {type: strimzi, producerByteRate: 100000000}}}}}}
"""


@pytest.fixture(scope="module")
def quotas(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An environment without a quota."""
    yield Deployment(strimzi, tmp_path_factory.mktemp("quotas"), "quotas", INTENT)
    strimzi.remove(NAMESPACE)


def _held_up_s(quotas: Deployment, folder: Path) -> float:
    files = credentials(quotas.strimzi, NAMESPACE, folder, "shop", "user")
    address = f"events-kafka-bootstrap.{NAMESPACE}.svc:9093"
    return float(asked_as(files, quotas.strimzi, NAMESPACE, address, "pour.py", "orders"))


def test_nobody_is_slowed_down(quotas: Deployment, tmp_path: Path) -> None:
    """What the others are held against."""
    assert _held_up_s(quotas, tmp_path) == 0


def test_quota_of_a_user(quotas: Deployment, tmp_path: Path) -> None:
    """It counts as soon as the operator has set it."""
    effects = quotas.commit(SLOW)
    assert "client-visible: producerByteRate unlimited to 20Ki/s: above it" in said(effects)
    assert _held_up_s(quotas, tmp_path) > 0
    quotas.commit(INTENT)


def test_quota_of_the_cluster(quotas: Deployment, tmp_path: Path) -> None:
    """Who has none is held to the cluster's; no node restarts for it."""
    effects = quotas.commit(OF_ALL)
    assert "restarts in turn" not in said(effects)
    assert _held_up_s(quotas, tmp_path) > 0
    quotas.commit(INTENT)
    assert _held_up_s(quotas, tmp_path) == 0


def test_quotas_of_users_under_the_plugin(quotas: Deployment, tmp_path: Path) -> None:
    """They do nothing."""
    effects = quotas.commit(SLOW + _PLUGIN)
    assert "restarts in turn" in said(effects)
    assert _held_up_s(quotas, tmp_path) == 0
    effects = quotas.commit(SLOWER + _PLUGIN)
    assert "no-effect: the cluster's quotas are of type strimzi, under which no quota" in said(
        effects
    )
