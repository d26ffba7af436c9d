"""What topics are, and what the topics beside them take over."""

import pytest
from support import Project

from generator.intent.layers import Project as Intent
from generator.render import model_of


@pytest.mark.parametrize(
    ("said", "kept_ms"),
    [
        ("7776000000", 7_776_000_000), ("'7776000000'", 7_776_000_000),
        ("-1", -1), ("'-1'", -1), ("1000", 1_209_600_000), ("soon", 1_209_600_000),
    ],
)  # fmt: skip
def test_what_failed_is_kept_as_long_as_the_topic(
    project: Project, said: str, kept_ms: int
) -> None:
    """Two weeks at least; Kafka takes a number as text, too, and what is none a rule tells."""
    project.environment(
        f"topics: {{a: {{deadLetter: true, retries: 1, config: {{retention.ms: {said}}}}}}}\n"
    )
    topics = model_of(Intent(project.root), "dev")[1].topics

    assert topics["a.dlq"].config["retention.ms"] == kept_ms
    assert topics["a.retry-1"].config["retention.ms"] == kept_ms
