"""What a round of collecting is to ask, and where."""

from dataclasses import dataclass, field
from pathlib import Path as File
from typing import TYPE_CHECKING, Protocol

from generator.contract.settings import VerifySettings
from verify.collect import endpoints
from verify.desired import Desired

if TYPE_CHECKING:
    from generator.contract.restore import RestoreOrder
    from verify.collect.backups.look import Look
    from verify.collect.kubernetes.api import KubernetesTarget


class Watcher(Protocol):
    """Who wants to know how far collecting is."""

    def collecting(self, part: str) -> None:
        """A part is being collected."""

    def collected(self, part: str, took_s: float) -> None:
        """A part has been collected."""


@dataclass(frozen=True)
class CollectPlan:
    """What to ask, and where."""

    environment: str
    parts: frozenset[str]
    """Parts of Live that the chosen checks need, without what follows the first dot."""
    place: "KubernetesTarget | None" = None
    """Where the Kubernetes API is; None when it is not to be asked."""
    way: endpoints.ConnectionOptions = field(default_factory=endpoints.ConnectionOptions)
    desired: Desired | None = None
    """What rendered/ says; None to take the live custom resources."""
    settings: VerifySettings | None = None
    """What the mounted ConfigMap says, where there is no rendered/."""
    application: tuple[str, str] = ("", "")
    """Argo CD's Application of this environment, and its namespace."""
    revision: str = ""
    mid_sync: bool = False
    """Whether Argo CD goes on with its sync after this run."""
    redis: tuple[str, ...] = ()
    restores: "tuple[RestoreOrder, ...]" = ()
    """Restores by hand, whose records and groups are compared with their sets."""
    window_s: float = 75
    before: dict[str, str] = field(default_factory=dict)
    look: "Look | None" = None
    """How backups are read; None as if the user had said nothing."""
    mounted: File = endpoints.MOUNTED
    credentials: bool = True
    """Whether to log in with what Secrets of users hold, where they may be read."""
