"""A report as Prometheus's text format, and its way to a Pushgateway."""

import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

from verify.outcome import Status
from verify.report import Report
from verify.report_charts import quantile

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
             float(result.status is status))
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
    timed = [(each.broker, sorted(each.end_to_end_ms)) for each in probe.brokers]
    yield _family("probe_latency_seconds", "How long a probe's record took from end to end.", [
        ({**where, "broker": str(broker), "quantile": str(share)}, quantile(ms, share) / 1000)
        for broker, ms in timed if ms for share in _QUANTILES
    ])  # fmt: skip
    lost = sum(each.lost for each in probe.brokers)
    yield _family("probe_lost_records", "Records of the probe that were acknowledged and lost.",
                  [(where, lost)])  # fmt: skip


def _family(name: str, help_: str, samples: Iterable[Sample]) -> str:
    lines = [f"strimzi_verify_{name}{_labels(labels)} {value!r}\n" for labels, value in samples]
    if not lines:
        return ""
    full = f"strimzi_verify_{name}"
    return f"# HELP {full} {help_}\n# TYPE {full} gauge\n" + "".join(lines)


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
    place = f"{url.rstrip('/')}/metrics/job/{_JOB}/environment/{quote(environment, safe='')}"
    if urlsplit(place).scheme not in ("http", "https"):
        raise PushError(f"{url} is no address of a Pushgateway: it begins with http:// or https://")
    request = urllib.request.Request(  # noqa: S310 (the scheme has been looked at)
        place, text.encode(), {"Content-Type": "text/plain; version=0.0.4"}, method="PUT"
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout_s):  # noqa: S310 (the same)
            pass
    except urllib.error.HTTPError as error:
        said = error.read(300).decode("utf-8", "replace").strip()
        raise PushError(
            f"{_shown(url)} refused the metrics: {error.code} {said}".strip()
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise PushError(f"{_shown(url)} did not take the metrics: {reason}") from error


def _shown(url: str) -> str:
    """The address without a password that may be part of it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
