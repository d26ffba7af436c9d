"""Whether operators have said what they are held to say."""

from typing import Any

from operators.said import Said
from operators.site import Strimzi, conditions, is_ready


def has_come(said: Said, strimzi: Strimzi, namespace: str, since: int) -> bool:
    """Whether it has been said in a namespace since the operator's log was so long."""
    if said.log:
        lines = [each for each in strimzi.operator.said(since) if f"({namespace}/" in each]
        return all(any(part in line for line in lines) for part in said.log)
    if said.of:
        return any(map(said.is_said_by, conditions(_read(strimzi, said.of, namespace))))
    if said.config:
        config = strimzi.kubernetes.read("ConfigMap", "events-combined-0", namespace)
        return all(part in config["data"]["server.config"] for part in said.config)
    if said.silent:
        read = [_read(strimzi, each, namespace) for each in said.silent]
        return all(is_ready(each) and len(conditions(each)) == 1 for each in read)
    return all("status" not in _read(strimzi, each, namespace) for each in said.untold)


def instead(said: Said, strimzi: Strimzi, namespace: str, since: int) -> str:
    """What has been said."""
    names = [each for each in (said.of, *said.silent, *said.untold) if each]
    told = [conditions(_read(strimzi, each, namespace)) for each in names]
    warned = [each for each in strimzi.operator.said(since)
              if f"({namespace}/" in each and " INFO " not in each]  # fmt: skip
    return "\n".join([str(told), *warned[-20:]])


def _read(strimzi: Strimzi, label: str, namespace: str) -> Any:
    """The object `KIND/NAME`, or `KIND/NAME@NAMESPACE`."""
    kind, _, name = label.partition("/")
    name, _, other = name.partition("@")
    return strimzi.kubernetes.read(kind, name, other or namespace)
