"""Work in a process of its own: what it returns, raises, prints, and how it dies."""

import operator
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import REPOSITORY

from verify.collect.kafka.access import Access
from verify.collect.probe.own_process import DiedError, apart
from verify.collect.probe.runs import run_probe
from verify.live.live import Cause, Gap, Kafka


def soon() -> float:
    return time.monotonic() + 30


def test_what_it_returns_comes_back() -> None:
    assert apart(operator.add, (1,), (2,), until=soon(), mercy_s=1) == (1, 2)


def test_what_it_prints_disturbs_nobody() -> None:
    assert apart(os.write, 1, b"hello", until=soon(), mercy_s=1) == 5


@pytest.mark.parametrize(
    ("work", "arguments", "said"),
    [
        (os.abort, (), "the process died of signal 6"),
        (os._exit, (3,), "the process died with exit code 3"),
        (operator.truediv, (1, 0), "this is a bug in strimzi-verify: ZeroDivisionError: division by"),
        (sys.exit, (4,), "this is a bug in strimzi-verify: SystemExit: 4"),
    ],
    ids=["abort", "exit", "error", "end"],
)  # fmt: skip
def test_its_death_is_told(work: object, arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(DiedError, match=said):
        apart(work, *arguments, until=soon(), mercy_s=1)  # type: ignore[arg-type]


def test_last_words_are_told() -> None:
    code = "import os; os.write(2, b'first\\n*** rdkafka.c:1: assert: x > 0 ***\\n'); os.abort()"
    with pytest.raises(DiedError, match=r"of signal 6: rdkafka.c:1: assert: x > 0$"):
        apart(exec, code, until=soon(), mercy_s=1)


def test_it_does_not_hang() -> None:
    with pytest.raises(DiedError, match="it did not end in its time"):
        apart(time.sleep, 60, until=time.monotonic() + 0.5, mercy_s=1)


def test_probe_that_died_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there to remove anything from: that is found out soon, and said."""
    begun = time.monotonic()
    monkeypatch.setattr("verify.collect.probe.runs.apart", _dying)
    found = run_probe(Access(("127.0.0.1:1",)), Kafka("abc", "b"), soon())
    assert found.gap == Gap(Cause.BROKEN, "the process died of signal 6")
    assert (found.brokers, found.left_behind) == ((), ())
    assert time.monotonic() - begun < 20


def _dying(_work: object, *_arguments: object, until: float, mercy_s: float) -> None:
    apart(os.abort, until=until, mercy_s=mercy_s)


def test_interruption_reaches_it_first(tmp_path: Path) -> None:
    """Ctrl-C ends the work, which tidies up, and then passes through with what it had to say."""
    code = f"""
import os, signal, threading, time
from verify.collect.probe.own_process import apart
work = '''
import time
try:
    open({str(tmp_path / "begun")!r}, "w").close()
    time.sleep(60)
except KeyboardInterrupt as error:
    open({str(tmp_path / "tidy")!r}, "w").close()
    error.add_note("left behind: a topic")
    raise
'''
def interrupt():
    while not os.path.exists({str(tmp_path / "begun")!r}):
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    apart(exec, work, until=time.monotonic() + 60, mercy_s=20)
except KeyboardInterrupt as error:
    print(error.__notes__)
"""
    # In a shell's background Ctrl-C is ignored, and a child would inherit that.
    command = ["env", "--default-signal=INT", sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['left behind: a topic']\n", "")
    assert (tmp_path / "tidy").exists()
