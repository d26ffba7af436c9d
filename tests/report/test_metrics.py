"""A report as metrics: read by the real promtool, and taken by a server that speaks as a Pushgateway does."""

import subprocess
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import sleep

import pytest
from support import need_tool
from verify_reports import RESULTS, hostile, live, one, report

from generator.contract.report import fail
from verify.report.metrics import PushError, metrics, push

SMALL = """\
# HELP strimzi_verify_check_status Whether a check ended with this status (1) or another (0).
# TYPE strimzi_verify_check_status gauge
strimzi_verify_check_status{environment="prod",group="topics",check="topics-exist",status="pass"} 0
strimzi_verify_check_status{environment="prod",group="topics",check="topics-exist",status="skip"} 0
strimzi_verify_check_status{environment="prod",group="topics",check="topics-exist",status="warn"} 0
strimzi_verify_check_status{environment="prod",group="topics",check="topics-exist",status="unknown"} 0
strimzi_verify_check_status{environment="prod",group="topics",check="topics-exist",status="fail"} 1
# HELP strimzi_verify_exit_code Exit code of the last run; 0 is fine.
# TYPE strimzi_verify_exit_code gauge
strimzi_verify_exit_code{environment="prod"} 5
# HELP strimzi_verify_last_run_timestamp_seconds When the last run looked at the cluster.
# TYPE strimzi_verify_last_run_timestamp_seconds gauge
strimzi_verify_last_run_timestamp_seconds{environment="prod"} 1795271715.0
# HELP strimzi_verify_duration_seconds How long the last run took.
# TYPE strimzi_verify_duration_seconds gauge
strimzi_verify_duration_seconds{environment="prod"} 12.34
"""
PROBE = """\
strimzi_verify_probe_latency_seconds{environment="prod",broker="0",quantile="0.5"} 0.0090025
strimzi_verify_probe_latency_seconds{environment="prod",broker="0",quantile="0.95"} 0.02509
strimzi_verify_probe_latency_seconds{environment="prod",broker="0",quantile="0.99"} 0.02701
strimzi_verify_probe_latency_seconds_sum{environment="prod",broker="0"} 1.120875
strimzi_verify_probe_latency_seconds_count{environment="prod",broker="0"} 100
"""


def test_metrics() -> None:
    """One family after the other, every status of a check told, so that nothing goes stale."""
    assert metrics(report((one(fail("x")),))) == SMALL

    text = metrics(report(live=live(brokers=2)))
    assert "# TYPE strimzi_verify_probe_latency_seconds summary\n" + PROBE in text
    assert text.count("strimzi_verify_probe_latency_seconds{") == 6
    assert text.endswith('strimzi_verify_probe_lost_records{environment="prod"} 0\n')
    assert text.count("} 1\n") == len(RESULTS)


def test_promtool_takes_it() -> None:
    """The real thing finds nothing to complain about, whatever names there are."""
    promtool = need_tool("promtool", "Debian: apt-get install prometheus")
    for each in (report(), report(live=live()), hostile(), report(())):
        done = subprocess.run([promtool, "check", "metrics"], input=metrics(each).encode(),
                              capture_output=True, check=False)  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_labels_are_escaped() -> None:
    """No name ends its label or its line early."""
    text = metrics(report((one(fail("x"), check='a"b\\c\nd\udc80'),)))

    assert 'check="a\\"b\\\\c\\nd?",' in text
    assert len(text.splitlines()) == len(SMALL.splitlines())
    assert all(
        line.startswith(("# ", "strimzi_verify_")) for line in metrics(hostile()).split("\n")[:-1]
    )


class _Gateway(BaseHTTPRequestHandler):
    """Takes what a Pushgateway takes, and refuses an environment named bad."""

    taken: tuple[str, str, str, str]
    login: str | None = None

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).taken = (self.command, self.path, self.headers["Content-Type"], body)
        type(self).login = self.headers["Authorization"]
        if self.path.endswith("/slow"):
            sleep(0.5)
        refused = self.path.endswith("/bad")
        self.send_response(400 if refused else 202)
        self.end_headers()
        if refused:
            self.wfile.write(b"pushed metrics are invalid\n")

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


@pytest.fixture
def gateway() -> Iterator[str]:
    """The address of a server on loopback."""
    with HTTPServer(("127.0.0.1", 0), _Gateway) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_push_replaces_the_environment(gateway: str) -> None:
    """Its group of metrics alone, whatever sign its name has."""
    push(f"{gateway}/", SMALL, "prod/eu")

    assert _Gateway.taken == (
        "PUT", "/metrics/job/strimzi-verify/environment/prod%2Feu",
        "text/plain; version=0.0.4", SMALL,
    )  # fmt: skip
    assert _Gateway.login is None


def test_push_logs_in(gateway: str) -> None:
    """As the address says, whose password stands nowhere else."""
    url = gateway.replace("//", "//me:s%40cret@")
    push(url, SMALL, "prod")

    assert _Gateway.login == f"Basic {b64encode(b'me:s@cret').decode()}"
    assert "cret" not in _Gateway.taken[1]
    for bad in (f"{url}x", "http://me:pa/ss@h", "http://me:12/pa@h", "http://me:pass@h\u2100"):
        with pytest.raises(PushError) as raised:
            push(bad, SMALL, "bad")
        assert not [word for word in ("pa/", "/pa@", "pass", "cret") if word in str(raised.value)]


def test_push_that_fails_says_why(gateway: str) -> None:
    """One error, whatever went wrong, and no password in it."""
    with pytest.raises(PushError) as refused:
        push(gateway, SMALL, "bad")
    assert str(refused.value) == f"{gateway} refused the metrics: 400 pushed metrics are invalid"

    with pytest.raises(PushError) as late:
        push(gateway, SMALL, "slow", timeout_s=0.1)
    assert str(late.value) == f"{gateway} did not take the metrics: timed out"

    with pytest.raises(PushError) as absent:
        push("http://me:secret@127.0.0.1:1", SMALL, "prod")
    assert str(absent.value).startswith("http://127.0.0.1:1 did not take the metrics: ")
    assert "secret" not in str(absent.value)

    for url in ("file:///etc/passwd", "ftp://x", "pushgateway:9091", "http://["):
        with pytest.raises(PushError):
            push(url, SMALL, "prod")
