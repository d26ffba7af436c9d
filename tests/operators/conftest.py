"""Strimzi for tests, started once; skipped with the reason where a part of it is missing."""

from collections.abc import Iterator

import pytest
from live.jars import MissingError
from operators.site import Strimzi


@pytest.fixture(scope="session")
def strimzi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strimzi]:
    """Kubernetes with Strimzi's operators, and pods that run; tests keep apart by namespaces."""
    try:
        site = Strimzi(tmp_path_factory.mktemp("strimzi"))
    except MissingError as error:
        pytest.skip(f"no operators to start: {error}")
    with site:
        yield site
