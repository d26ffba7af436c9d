"""What the API server was asked to change, in order: its audit log.

audit = Audit(folder)
KubernetesServer(folder, audit.options)
mark = audit.mark()
...
audit.since(mark, USER)
"""

import json
from pathlib import Path
from typing import NamedTuple

_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch, delete, deletecollection]
  - level: None
"""


class Write(NamedTuple):
    """One thing that somebody did to an object."""

    verb: str
    """create, update, patch or delete."""
    path: str
    """The object's, as `KubernetesServer.path` tells it."""


class Audit:
    """The log of one server."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where policy and log go."""
        folder.mkdir(parents=True)
        self._log = folder / "audit.log"
        policy = folder / "policy.yaml"
        policy.write_text(_POLICY, encoding="utf-8")
        self.options = {"audit-log-path": self._log, "audit-policy-file": policy}
        """What the server is told to have it written."""

    def mark(self) -> int:
        """Where the log ends now."""
        return self._log.stat().st_size if self._log.exists() else 0

    def since(self, mark: int, user: str) -> list[Write]:
        """What a user has changed since then; dry runs and what was refused left out."""
        with self._log.open("rb") as log:
            log.seek(mark)
            # The server may be writing the last line.
            lines = log.read().split(b"\n")[:-1]
        found = []
        for line in lines:
            event = json.loads(line)
            path, _, query = event["requestURI"].partition("?")
            done = event["responseStatus"]["code"] < 400
            if event["user"]["username"] == user and done and "dryRun=" not in query:
                found.append(Write(event["verb"], path))
        return found
