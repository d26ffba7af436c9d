"""The examples of rules: a document that passes, then documents that fail at the marked lines."""

from pathlib import Path

from support import Project

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


_OTHER = "environment: other\ninherits: base\nnamespace: kafka-other\n"


def write(project: Project, document: str, base: str = BASE) -> tuple[dict[str, int], list[str]]:
    """Make a project of a document: what to add to a line of a file to get the document's, and who is to be rendered.

    What follows a line `+++` is a second environment, which some rules compare with the first; what
    follows `+++ extra/FILE` is a manifest of the first.
    """
    project.write("environments/base/base.yaml", base)
    intent, mark, other = document.partition("\n+++")
    head, _, body = other.partition("\n")
    manifest = head.strip()
    if manifest:
        project.write(f"environments/test/{manifest}", body)
    elif mark:
        project.write("environments/other/environment.yaml", _OTHER + body)
    project.write("environments/test/environment.yaml", HEADER + intent)
    before = {
        "environments/test/environment.yaml": -HEADER.count("\n"),
        f"environments/test/{manifest}": intent.count("\n") + 2,
    }
    return before, ["test"] if manifest or not mark else []
