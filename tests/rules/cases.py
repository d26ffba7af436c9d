"""The examples of rules: a document that passes, then documents that fail at the marked lines."""

from pathlib import Path

CASES = Path(__file__).parent

BASE = """\
namespace: kafka-test
size: small
cluster:
  name: events
  listeners: {tls: {port: 9093, authentication: tls}}
"""
HEADER = "environment: test\ninherits: base\n"


def documents(rule: str) -> list[str]:
    """The documents of a rule, the passing one first."""
    return (CASES / f"{rule}.yaml").read_text().split("\n---\n")
