"""A report as Prometheus's text format, and its way to a Pushgateway."""

import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from http.client import HTTPException
from urllib.parse import quote, unquote, urlsplit

from generator.common.sanitize import one_line
from generator.contract.report import Status
from verify.report.charts import quantile
from verify.report.report import Report

_JOB = "strimzi-verify"
_TIMEOUT_S = 10
_QUANTILES = (0.5, 0.95, 0.99)

Sample = tuple[Mapping[str, str], float]


class PushError(Exception):
    """The metrics did not reach the Pushgateway; the message says why."""


def metrics(report: Report) -> str:
    """All metrics of a report, in Prometheus's text format."""
    where = {"environment": report.environment}
    families = [
        _family("check_status", "Whether a check ended with this status (1) or another (0).", [
            ({**where, "group": result.group, "check": result.check, "status": str(status)},
             int(result.status is status))
            for result in report.results for status in Status
        ]),
        _family("exit_code", "Exit code of the last run; 0 is fine.",
                [(where, int(report.exit_code))]),
        _family("last_run_timestamp_seconds", "When the last run looked at the cluster.",
                [(where, report.taken_at_s)]),
        _family("duration_seconds", "How long the last run took.", [(where, report.took_s)]),
        *_probe(report, where),
    ]  # fmt: skip
    return "".join(families)


def _probe(report: Report, where: Mapping[str, str]) -> Iterable[str]:
    probe = report.live.probe if report.live else None
    if probe is None:
        return
    timed = [(str(each.broker), sorted(each.end_to_end_ms)) for each in probe.brokers]
    yield _latency([(broker, ms) for broker, ms in timed if ms], where)
    lost = sum(each.lost for each in probe.brokers)
    yield _family("probe_lost_records", "Records of the probe that were acknowledged and lost.",
                  [(where, lost)])  # fmt: skip


def _latency(timed: Iterable[tuple[str, Sequence[float]]], where: Mapping[str, str]) -> str:
    name = "strimzi_verify_probe_latency_seconds"
    lines = []
    for broker, ms in timed:
        labels = {**where, "broker": broker}
        lines += [
            _sample(name, {**labels, "quantile": str(share)}, quantile(ms, share) / 1000)
            for share in _QUANTILES
        ]
        lines.append(_sample(f"{name}_sum", labels, sum(ms) / 1000))
        lines.append(_sample(f"{name}_count", labels, len(ms)))
    help_ = "How long a record of the probe took from end to end."
    return _headed(name, help_, "summary", lines)


def _family(name: str, help_: str, samples: Iterable[Sample]) -> str:
    full = f"strimzi_verify_{name}"
    return _headed(full, help_, "gauge", [_sample(full, *sample) for sample in samples])


def _headed(name: str, help_: str, kind: str, lines: Sequence[str]) -> str:
    return f"# HELP {name} {help_}\n# TYPE {name} {kind}\n{''.join(lines)}" if lines else ""


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    return f"{name}{_labels(labels)} {round(value, 9)!r}\n"


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    """A label's value as the format wants it; what is no UTF-8 is replaced."""
    value = value.encode("utf-8", "replace").decode()
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def push(url: str, text: str, environment: str, timeout_s: float = _TIMEOUT_S) -> None:
    """Replace what a Pushgateway holds of this environment.

    Raises:
        PushError: when it is not there, or does not take it.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # looks at it only now
    except ValueError:
        # What is wrong with it may be a part of a password.
        raise PushError("the Pushgateway's address cannot be read") from None
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in shown:
        shown = "what was given" if "@" in shown else shown
        raise PushError(f"{shown} is no address of a Pushgateway such as http://pushgateway:9091")
    place = f"{shown.rstrip('/')}/metrics/job/{_JOB}/environment/{quote(environment, safe='')}"
    headers = {"Content-Type": "text/plain; version=0.0.4"}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
    request = urllib.request.Request(place, text.encode(), headers, method="PUT")  # noqa: S310 (the scheme has been looked at)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s):  # noqa: S310 (the same)
            pass
    except urllib.error.HTTPError as error:
        with error:
            said = one_line(error.read(300).decode("utf-8", "replace"))
        raise PushError(f"{shown} refused the metrics: {error.code} {said}".strip()) from error
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise PushError(f"{shown} did not take the metrics: {reason}") from error
