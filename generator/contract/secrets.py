"""The Secrets without which an environment cannot be built anew as it was: names in manifests, and no content."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_WITH_SECRET = ("tls", "scram-sha-512")
"""How KafkaUsers log in to whom the User Operator gives a Secret (Strimzi 1.2.0, KafkaUserModel)."""


_REFERENCES = ("secret", "secretKeyRef", "secretRef", "imagePullSecrets")
"""Where pods name Secrets (Kubernetes 1.34: envFrom, projected volumes, variables, images)."""


class NeededSecrets(NamedTuple):
    """By who makes them."""

    authorities: list[str]
    """The Cluster Operator, or people who brought their own."""
    users: list[str]
    """The User Operator, each called as its user."""
    brought: list[str]
    """Nobody but people: ways to storages, passwords."""

    @property
    def all(self) -> list[str]:
        """All of them, sorted."""
        return sorted({*self.authorities, *self.users, *self.brought})


def needed_secrets(cluster: str, bodies: Iterable[Mapping[str, Any]]) -> NeededSecrets:
    """The Secrets of a cluster's authorities, of its users, and all others that its manifests name."""
    authorities = [
        f"{cluster}-{ca}-ca{part}" for ca in ("cluster", "clients") for part in ("", "-cert")
    ]
    users, taken = set(), set()
    for body in bodies:
        spec = body.get("spec") or {}
        taken |= set(_named(spec))
        if (
            body["kind"] == "KafkaUser"
            and (spec.get("authentication") or {}).get("type") in _WITH_SECRET
        ):
            users.add(body["metadata"]["name"])
    return NeededSecrets(authorities, sorted(users), sorted(taken - users - {*authorities}))


def _named(said: Any) -> Iterator[str]:
    if isinstance(said, list):
        for each in said:
            yield from _named(each)
    elif isinstance(said, Mapping):
        if isinstance(name := said.get("secretName"), str):
            yield name
        for key, each in said.items():
            named = each if isinstance(each, list) and key == "imagePullSecrets" else [each]
            if key in _REFERENCES or str(key).endswith("Secret"):
                yield from (
                    str(one["name"]) for one in named if isinstance(one, Mapping) and "name" in one
                )
            yield from _named(each)
