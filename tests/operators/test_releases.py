"""What plan says of older releases, held against their own Cluster Operators: whose pods become others."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from live.jars import MissingError
from operators.releases import BROKERS, CONTROLLERS, KAFKA, Released
from operators.table import Objects, told
from plans import put

from generator.common.strimzi_facts import METRICS_REPORTER

pytestmark = [pytest.mark.live, pytest.mark.operators]

RELEASES = ("0.45.0", "0.48.0", "0.51.0", "1.0.1")
_NODES = re.compile(r"every node of (.*?) restarts in turn")
_POOL = re.compile(r"([\w.-]+) \(\d+\)")
_TIERED = {"type": "custom", "remoteStorageManager": {"className": "S", "classPath": "/s/*"}}
_REPORTER = {"type": "strimziMetricsReporter", "values": {"allowList": ["a"]}}
_CONTAINER = {"securityContext": {"runAsNonRoot": True}}
_STEPS: tuple[tuple[str, Callable[[Objects], None]], ...] = (
    ("nothing", lambda _: None),
    ("a rack", put(KAFKA, "spec kafka rack", {"topologyKey": "zone"})),
    ("a template of the Kafka", put(KAFKA, "spec kafka template kafkaContainer", _CONTAINER)),
    ("a template of a pool", put(BROKERS, "spec template", {})),
    ("another template of the Kafka", put(KAFKA, "spec kafka template pod", {"priorityClassName": "a"})),
    ("resources in place", put(KAFKA, "metadata annotations strimzi.io/in-place-resizing", "true")),
    ("resources", put(BROKERS, "spec resources", {"limits": {"cpu": "1", "memory": "1Gi"}})),
    ("other resources", put(BROKERS, "spec resources limits cpu", "2")),
    ("the reporter", put(KAFKA, "spec kafka metricsConfig", _REPORTER)),
    ("another allow list", put(KAFKA, "spec kafka metricsConfig values allowList", ["b"])),
    ("a setting that is not Kafka's", put(KAFKA, "spec kafka config rack.of.mine", "a")),
    ("a dynamic setting of controllers", put(KAFKA, "spec kafka config num.io.threads", 9)),
    ("the default of a setting of controllers", put(KAFKA, "spec kafka config num.network.threads", 3)),
    ("a dynamic setting of brokers", put(KAFKA, "spec kafka config log.cleaner.threads", 2)),
    ("quotas", put(KAFKA, "spec kafka quotas", {"type": "strimzi", "producerByteRate": 1000})),
    ("tiered storage", put(KAFKA, "spec kafka tieredStorage", _TIERED)),
    ("tiered storage elsewhere",
     put(KAFKA, "spec kafka tieredStorage remoteStorageManager config", {"a": "b"})),
    ("loggers", put(KAFKA, "spec kafka logging", {"type": "inline", "loggers": {"rootLogger.level": "WARN"}})),
    ("Java's options", put(CONTROLLERS, "spec jvmOptions", {"-Xmx": "1g"})),
)  # fmt: skip
"""Each on top of those before it."""
_NEEDS = {"the reporter": METRICS_REPORTER, "another allow list": METRICS_REPORTER}
"""What a release refuses that does not have it."""


@pytest.fixture(scope="module", params=RELEASES)
def released(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Released]:
    """The operator of a release."""
    try:
        made = Released(tmp_path_factory.mktemp("released"), request.param)
    except MissingError as error:
        pytest.skip(f"no Strimzi {request.param}: {error}")
    with made:
        yield made


def test_plan_and_the_operator_name_the_same_pools(released: Released) -> None:
    """Of a change that the operator carries out by other pods; what it asks brokers for shows in no pod."""
    wrong = []
    for name, edit in _STEPS:
        if name in _NEEDS and not _NEEDS[name].holds(released.version):
            continue
        before = deepcopy(released.objects)
        after = deepcopy(before)
        edit(after)
        effects = told(before, after)
        said = {
            pool
            for each in effects
            for nodes in _NODES.findall(each.text)
            for pool in _POOL.findall(nodes)
        }
        seen = released.changed(edit)
        if said != seen:
            wrong.append(
                f"{name}: plan restarts {sorted(said)}, the operator {sorted(seen)}: {[each.text for each in effects]}"
            )
    assert wrong == []
