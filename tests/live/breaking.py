"""What goes wrong with brokers, for a while: in the end all is as it was before.

with frozen(kafka, kafka.nodes[0]):
    ...
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from live.certificates import Identity
from live.kafka import Kafka
from live.node import Node


@contextmanager
def killed(kafka: Kafka, *nodes: Node) -> Iterator[None]:
    """Nodes are gone without a word; in the end they are back and have caught up."""
    for node in nodes:
        node.die()
    try:
        yield
    finally:
        for node in nodes:
            node.run()
        for node in nodes:
            kafka.wait_for(node)


@contextmanager
def frozen(kafka: Kafka, node: Node) -> Iterator[None]:
    """One node takes connections and answers nothing; in the end it has caught up."""
    node.freeze()
    try:
        yield
    finally:
        node.thaw()
        kafka.wait_for(node)


@contextmanager
def showing(kafka: Kafka, node: Node, identity: Identity) -> Iterator[None]:
    """One node shows another certificate to applications; it restarts for that, twice."""
    before = node.identity
    node.identity = identity
    try:
        restart(kafka, node)
        yield
    finally:
        node.identity = before
        restart(kafka, node)


@contextmanager
def closed(kafka: Kafka, node: Node, *listeners: str) -> Iterator[None]:
    """One node has some of its listeners no longer; it restarts for that, twice."""
    node.closed.update(listeners)
    try:
        restart(kafka, node)
        yield
    finally:
        node.closed.difference_update(listeners)
        restart(kafka, node)


@contextmanager
def configured(kafka: Kafka, node: Node, settings: Mapping[str, str]) -> Iterator[None]:
    """One node has other settings in its file; it restarts for that, twice."""
    before = node.settings
    node.settings = {**before, **settings}
    try:
        restart(kafka, node)
        yield
    finally:
        node.settings = before
        restart(kafka, node)


def restart(kafka: Kafka, node: Node) -> None:
    """Restart a node in order; what was set on it counts when this returns."""
    with kafka.restarting(node):
        pass
