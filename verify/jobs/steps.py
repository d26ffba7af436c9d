"""What the steps of rendered Jobs share: how they come into Kafka and to the sets, and how they end."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path as File
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from generator.common.exit_codes import ExitCode
from generator.common.finding import Finding, FindingsError
from generator.contract.restore import RestoreOrder
from generator.contract.settings import BackupRun, BackupStorage
from verify.collect import endpoints
from verify.collect.backups.look import Look, mounted_credentials
from verify.collect.backups.sets import collect
from verify.collect.kafka.retrying_admin import NoOwnError
from verify.live.gap import Cause, NoAnswerError

if TYPE_CHECKING:
    from verify.collect.kafka.access import Access
    from verify.live.backups import BackupSet

TIMEOUT_S = 30
"""For every single question."""
Told = TypeVar("Told", bound=msgspec.Struct)


class StepError(Exception):
    """A step cannot go on; `exit_code` is what it means."""

    def __init__(self, exit_code: ExitCode, reason: str) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


class Ending(Protocol):
    """What a step that compares has to say at its end."""

    problem: str
    """What kept it from an end."""
    exit_code: ExitCode


@contextmanager
def told_in(found: Ending) -> Iterator[None]:
    """What a step cannot go on from becomes what it says at its end."""
    try:
        yield
    except StepError as error:
        found.problem, found.exit_code = str(error), error.exit_code
    except (NoOwnError, NoAnswerError) as error:
        found.problem, found.exit_code = error.gap.reason, code_of(error.gap.cause)


class Order(Protocol):
    """What every step's settings say of the ways."""

    @property
    def bootstrap(self) -> str:
        """Where Kafka is, as `host:port`."""

    @property
    def tls(self) -> bool:
        """Whether the listener is encrypted."""

    @property
    def authentication(self) -> str:
        """`tls` or `scram-sha-512`."""

    @property
    def user(self) -> str:
        """The KafkaUser."""

    @property
    def storage(self) -> BackupStorage:
        """Where the sets are."""


def order_of(file: File, kind: type[Told]) -> Told:
    """What a rendered file orders.

    Raises:
        FindingsError: when it is none of that kind.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, ValueError) as error:
        raise unread(file, error) from error


def unread(file: File, error: Exception) -> FindingsError:
    """That a file of the ConfigMap is none that a step can use."""
    said = error.strerror if isinstance(error, OSError) else error
    return FindingsError(
        [Finding(str(file), 0, 0, "settings", f"cannot be read: {said}",
                 "run it as the rendered Job does, with its ConfigMap mounted")]
    )  # fmt: skip


def way(order: Order, mounted: File, variables: Mapping[str, str]) -> "Access":
    """How a step's user comes in, with what is mounted beside its settings, as the engine does.

    Raises:
        StepError: when what is mounted does not do.
    """
    addresses = (order.bootstrap,)
    listener = endpoints.SeenListener("", True, order.tls, order.authentication, addresses, "")
    try:
        return endpoints.rendered_way(listener, order.user, mounted, variables, TIMEOUT_S)
    except NoAnswerError as error:
        raise StepError(ExitCode.UNREACHABLE, error.gap.reason) from error


def look_at(
    order: Order, runs: Mapping[str, BackupRun], mounted: File, variables: Mapping[str, str],
    sample: int | None = 0,
) -> Look:  # fmt: skip
    """How the sets of some runs are read from inside of a Job's pod, and how many segments of each."""
    held = mounted_credentials(mounted / "storage", variables)
    claim = order.storage.backend == "filesystem"
    paths = {name: File(order.storage.path) for name in runs} if claim else {}
    return Look(paths, sample, credentials=held, timeout_s=TIMEOUT_S)


def runs_of(order: RestoreOrder, *, groups: bool) -> dict[str, BackupRun]:
    """The sets of a restore as runs that wrote them, by their ids; with what they say of `groups`, or without."""
    return {
        each.backup_id: BackupRun(
            "", each.backup_id, order.storage, tuple(each.topics), groups=groups
        )
        for each in order.sets
    }


def sets_of(runs: Mapping[str, BackupRun], look: Look, deadline: float) -> "dict[str, BackupSet]":
    """What lies in the storage of some runs, with its faults.

    Raises:
        StepError: when it cannot be read.
    """
    found, gaps = collect(runs, look, time.time(), deadline)
    for gap in gaps.values():
        raise StepError(code_of(gap.cause), gap.reason)
    return found


def whole_sets(
    order: Order,
    runs: Mapping[str, BackupRun],
    mounted: File,
    variables: Mapping[str, str],
    deadline: float,
    sample: int | None = 0,
) -> "dict[str, BackupSet]":
    """What the manifests of some runs' sets say, and what so many of their segments hold.

    Raises:
        StepError: when one cannot be restored.
    """
    found = sets_of(runs, look_at(order, runs, mounted, variables, sample), deadline)
    for each in found.values():
        if each.fault:
            raise StepError(ExitCode.UNHEALTHY, f"the manifest of {each.place} {each.fault}")
    return found


def code_of(cause: Cause) -> ExitCode:
    """What a step's end means that got no answer."""
    return ExitCode.TIMED_OUT if cause is Cause.TIMED_OUT else ExitCode.UNREACHABLE
