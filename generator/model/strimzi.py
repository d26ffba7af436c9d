"""The `strimzi` section: what its version cannot do."""

from collections.abc import Iterator

from generator.common.finding import Problem
from generator.model.environment import Environment


def problems(environment: Environment) -> Iterator[Problem]:
    """An API version that the operator does not serve.

    Source: Strimzi's CustomResourceDefinitions at the tag of each release (0.45.0 to 1.2.0): spec.versions.
    """
    release = environment.release
    for key in ("apiVersion", "storedVersion"):
        chosen = environment.data["strimzi"].get(key)
        if chosen is not None and chosen not in release.apis:
            yield Problem(
                ("strimzi", key),
                f"Strimzi {release.version} serves {' and '.join(release.apis)}, no {chosen}",
                "strimzi-api-version",
                f"write {release.apis[-1]}, or drop the key",
            )
