"""Runs strimzi-verify against a test's cluster, as the user that is rendered for it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
from live.applier import RENDERED, as_set_up
from live.certificates import Identity
from live.kafka import Kafka
from live.node import Node
from live.security import password_of

from generator.contract.report import Result, Status
from generator.contract.settings import KEY, Disk, Latency, VerifySettings, decode
from verify.collect.endpoints import MOUNTED, ConnectionOptions
from verify.collect.kubernetes.api import KubernetesTarget
from verify.collect.plan import CollectPlan
from verify.desired import Desired, of_rendered
from verify.live.live import Live
from verify.report.report import Report
from verify.report.watch import Watch
from verify.run import Patience, chosen, parts_of, verify

QUICK = ("probe", "flow")
"""What is left out where it would tell nothing and take its time."""


class Verdict(NamedTuple):
    """What came of a run."""

    report: Report
    live: Live

    @property
    def wrong(self) -> dict[str, str]:
        """The checks that are not fine, with their status."""
        return {
            result.check: str(result.status)
            for result in self.report.results
            if result.status not in (Status.PASS, Status.SKIP)
        }

    @property
    def failed(self) -> set[str]:
        """The checks that found something wrong."""
        return {check for check, status in self.wrong.items() if status != Status.UNKNOWN}

    @property
    def unknown(self) -> set[str]:
        """The checks that could not find out."""
        return {check for check, status in self.wrong.items() if status == Status.UNKNOWN}

    def result(self, check: str) -> Result:
        """What one check found."""
        return next(result for result in self.report.results if result.check == check)

    @property
    def skipped(self) -> dict[str, str]:
        """The checks of which nothing was judged, with the first reason."""
        return {
            result.check: result.outcomes[0].message
            for result in self.report.results
            if result.status is Status.SKIP
        }

    def said(self, check: str) -> str:
        """What a check found, as one text."""
        return "\n".join(f"{o.subject}: {o.message}" for o in self.result(check).outcomes)


def way_in(
    kafka: Kafka,
    *nodes: Node,
    listener: str = "tls",
    user: str = "verify",
    identity: Identity | None = None,
    password_file: Path | None = None,
    timeout_s: float = 8,
) -> ConnectionOptions:
    """How verification comes in: as `verify`, or with what a test wants it to show."""
    told = kafka.application(listener, user, *nodes)
    return ConnectionOptions(
        bootstrap=tuple(told["bootstrap.servers"].split(",")),
        protocol=told["security.protocol"],
        ca=Path(told["ssl.ca.location"]) if "ssl.ca.location" in told else None,
        certificate=identity.certificate if identity else _file(told, "ssl.certificate.location"),
        key=identity.key if identity else _file(told, "ssl.key.location"),
        username=told.get("sasl.username", ""),
        password_file=password_file,
        timeout_s=timeout_s,
    )


def _file(told: dict[str, str], key: str) -> Path | None:
    return Path(told[key]) if key in told else None


def of_tests(desired: Desired) -> Desired:
    """What Git says, and beside it what makes tests' brokers small, and patience."""
    folder = RENDERED / desired.environment
    objects = tuple(as_set_up(each, folder) for each in desired.objects)
    return replace(desired, objects=objects, settings=_of_tests(desired.settings))


def _of_tests(settings: VerifySettings) -> VerifySettings:
    """The machine of the tests may be as slow and as full as it likes."""
    return msgspec.structs.replace(settings, latency=Latency(60_000), disk=Disk(100, 100))


def verified(
    kafka: Kafka,
    environment: str,
    *,
    way: ConnectionOptions | None = None,
    only: Sequence[str] = (),
    leave_out: Sequence[str] = QUICK,
    patience: Patience | None = None,
    window_s: float = 3,
    before: dict[str, str] | None = None,
    desired: Desired | None = None,
) -> Verdict:
    """One verification of a cluster that Kubernetes knows nothing of; `desired` is what Git says, if not the usual."""
    checks = chosen(only, leave_out)
    plan = CollectPlan(
        environment,
        parts_of(checks),
        way=way or way_in(kafka),
        desired=of_tests(desired or of_rendered(RENDERED / environment, environment)),
        window_s=window_s,
        before=before or {},
    )
    report = verify(plan, checks, patience or Patience(), Watch())
    assert report.live is not None
    return Verdict(report, report.live)


def verified_with(
    place: KubernetesTarget,
    kafka: Kafka | None,
    environment: str,
    *,
    way: ConnectionOptions | None = None,
    mounted: Path | None = None,
    revision: str = "",
    only: Sequence[str] = (),
    leave_out: Sequence[str] = QUICK,
    patience: Patience | None = None,
) -> Verdict:
    """One verification with Kubernetes; with `mounted` as in the cluster, where no Git is.

    Without `kafka` it finds its way by what Kubernetes says.
    """
    checks = chosen(only, leave_out)
    desired = None if mounted else of_tests(of_rendered(RENDERED / environment, environment))
    settings = _of_tests(decode((mounted / "settings" / KEY).read_text())) if mounted else None
    plan = CollectPlan(
        environment,
        parts_of(checks),
        place,
        way or (way_in(kafka) if kafka else ConnectionOptions()),
        desired,
        settings,
        application=("", "") if mounted else (f"kafka-{environment}", "argocd"),
        revision=revision,
        window_s=0,
        mounted=mounted or MOUNTED,
    )
    report = verify(plan, checks, patience or Patience(), Watch())
    assert report.live is not None
    return Verdict(report, report.live)


def password_file(folder: Path, user: str, password: str = "") -> Path:
    """A file with the password of a user, or with another one."""
    file = folder / f"{user}.password"
    file.write_text(password or password_of(user))
    return file
