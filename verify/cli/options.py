"""What the options of commands that ask a cluster say, by the names that click gives them."""

from pathlib import Path as File
from typing import NotRequired, TypedDict


class Options(TypedDict):
    """What the options of `where` say, and of those commands that have more."""

    in_cluster: bool
    no_kubernetes: bool
    namespace: str
    kubeconfig: File | None
    kube_context: str
    revision: str
    credentials: NotRequired[bool]
    mid_sync: NotRequired[bool]
    bootstrap: tuple[str, ...]
    protocol: str | None
    ca: File | None
    certificate: File | None
    key: File | None
    username: str
    password_file: File | None
    mechanism: str
    timeout: float
    backup_path: NotRequired[dict[str, File]]
    backup_sample: NotRequired[int | None]
    wait: NotRequired[float]
    stable: NotRequired[float]
    round_timeout: NotRequired[float]
    group_window: NotRequired[float]
    strict: NotRequired[bool]
