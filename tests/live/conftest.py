"""Fixtures of the tests that start real servers, and their logs where such a test fails."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from live.jars import MissingError, class_path, java
from live.kafka import Kafka


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One node with everything allowed; tests keep apart by the names of their topics."""
    try:
        java()
        class_path()
    except MissingError as error:
        pytest.skip(f"no Kafka to start: {error}")
    with Kafka(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what the server said last."""
    report = yield
    kafka: Any = getattr(item, "funcargs", {}).get("broker")
    if report.failed and isinstance(kafka, Kafka):
        report.sections.append(("Kafka's log", kafka.log_tail()))
    return report
