"""The command `strimzi-verify` without any cluster: literal screen text and exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checks.kafka_answers import answers, broker, cluster, git, kafka_topic, on, topic
from support import REPOSITORY
from verify_fakes import Rounds, fake_rounds

from generator import __version__
from generator.common.exit_codes import MEANINGS
from verify.checks.registry import all_checks
from verify.cli.main import run
from verify.live import dump
from verify.live.live import Cause, Gap, Live
from verify.run import parts_of

Say = Callable[..., tuple[int, str, str]]

HELP = """\
Usage: strimzi-verify [OPTIONS] COMMAND [ARGS]...

  Prove that a live Kafka on Kubernetes is what Git says, and works.

  After a deploy:
    strimzi-verify run prod --wait 10m --stable 60s    all checks, until the verdict holds
    strimzi-verify drift prod                          what differs from Git?
    strimzi-verify topics prod                         live beside desired
    strimzi-verify explain partitions-min-isr

Options:
  --version             Show the version and exit.
  --root DIR            The project: the folder that holds rendered/.
                        [default: the nearest one above the current folder]
  --color / --no-color  Colour or none. [default: on a terminal]
  --debug               Show the traceback of a bug, and what client libraries
                        said in their own words.
  -h, --help            Show this message and exit.

Commands:
  acls      Show access rules: live beside desired.
  backup    Let a backup begin where it can end well, and prove it.
  drift     Tell what differs from Git; exit 7 when something does.
  drill     Prove that a backup can be restored, with scratch topics that...
  dump      Write all that a live environment says to a file, for `run...
  explain   Tell what a check compares, why, and what to do when it fails.
  flow      Send records through: the probe, a transaction, dead letters,...
  groups    Show consumer groups with what they did over --timeout.
  list      List all checks.
  restore   Look before records are restored, and let groups follow them.
  restored  Compare what was restored by hand with its sets, and topics,...
  run       Ask a live environment everything, and judge it.
  saved     Compare saved Secrets with those that are there; exit 7 when...
  topics    Show topics: live beside desired.

  Exit codes:

     0  fine
     1  findings: the intent or the manifests are wrong, or you can mend it
     2  the Kubernetes API or Kafka cannot be reached or refuses us
     3  a needed tool is missing
     4  timed out before a verdict
     5  verified and unhealthy
     6  not enough resources (brokers, disk, partition budget)
     7  rendered/ is stale, or differences were asked about and exist
     8  a change is blocked until it is approved
    64  wrong usage
    70  a bug in this program
"""

REPORT = """\
dev: cluster events in namespace kafka-dev (id abc), 2026-11-21 12:00:00 UTC, took 0.0 s

broker 1 does not answer: no answer within 8 s
  1 check only follows from it: brokers-present

brokers
  fail     brokers-answer    broker 1: no answer within 8 s
      remedy: it takes connections and does not answer: kubectl -n kafka-dev logs events-both-1 -c kafka --since=10m for what it complains of; where that is nothing, look at the network between here and it; a frozen one is restarted with kubectl -n kafka-dev delete pod events-both-1

topics
  pass     topics-present    1 topic
  warn     topics-unmanaged  2 topics nobody declared: stray, stray.too
      remedy: declare it under topics: (Strimzi adopts it with its settings), or add it to verify.ignoreTopics; `kafka-topics.sh --bootstrap-server b0:9092 --command-config client.properties --delete --topic stray` when nobody needs it.

users
  unknown  quotas            not authorized (ACL: DescribeConfigs Cluster)

once before the remedies with tools of kafka
  write client.properties: security.protocol, and what it needs to log in as somebody who may do it

not looked at
  a dump holds no probe
      probe-produces
  not authorized (ACL: DescribeConfigs Cluster)
      quotas
  only what is usual is known: verify.latency.p99 is not set
      latency of the probe

dev: 6 checks: 1 pass, 1 skip, 1 warn, 1 unknown, 2 fail: unhealthy (exit 5)
"""


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run `strimzi-verify` on a project that renders git(kafka_topic()); exit code, stdout, stderr."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    _render(tmp_path)

    def call(*arguments: object, root: Path | None = None) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--root", str(root or tmp_path), *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """Rounds that are told what they collect."""
    return fake_rounds(monkeypatch)


def _render(root: Path) -> None:
    folder = root / "rendered/dev"
    folder.mkdir(parents=True)
    for body in git(kafka_topic()).objects:
        name = f"{body['kind']}-{body['metadata']['name']}".lower()
        (folder / f"{name}.yaml").write_text(json.dumps(body))


def _dump(folder: Path, live: Live) -> Path:
    file = folder / "dump.json"
    dump.write(file, live)
    return file


LESS = cluster(
    broker(0), broker(1, problem=Gap(Cause.TIMED_OUT, "no answer within 8 s")),
    topics={"orders": topic(), "stray": topic(), "stray.too": topic(on(0))},
)  # fmt: skip
NO_PROBE = {"probe": Gap(Cause.NOT_ASKED, "a dump holds no probe")}
NOT_ASKED = {"kubernetes": Gap(Cause.NOT_ASKED, "Kubernetes was not asked (--no-kubernetes)")}
RUNNING = cluster(features={"metadata.version": 30})
NO_KUBERNETES = ("--no-kubernetes", "--bootstrap", "localhost:1")


def test_help(say: Say) -> None:
    """With the table of exit codes, the same as that of strimzi-gitops."""
    assert say("--help") == (0, HELP, "")
    assert all(f"{code.value:>2}  {meaning}\n" in HELP for code, meaning in MEANINGS.items())


@pytest.mark.parametrize(
    "command", ["run", "drift", "flow", "topics", "groups", "acls", "dump", "list", "explain"]
)
def test_help_of_commands(say: Say, command: str) -> None:
    """Every one has it; those that have options have an example."""
    code, out, err = say(command, "--help")

    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: strimzi-verify {command} ")
    assert f"strimzi-verify {command}" in out.partition("\n")[2] or command in (
        "topics", "groups", "acls",
    )  # fmt: skip


def test_version_and_module() -> None:
    """`python -m verify` is the command, and its version is the project's."""
    for arguments, out in (
        (["--version"], f"strimzi-verify {__version__}\n"), (["--no-color", "--help"], HELP),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "verify", *arguments],
            capture_output=True, text=True, check=False, cwd=REPOSITORY,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, out, "")


def test_list(say: Say) -> None:
    """A line a check, below a heading; the same as data."""
    code, out, err = say("list")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0].split() == ["CHECK", "GROUP", "WORST", "DRIFT", "NEEDS", "HEALTHY"]
    assert lines[1].split()[:5] == ["kubernetes-identity", "identity", "fail", "no", "kubernetes"]
    assert lines[-1].endswith("  Memory in use is below nine tenths of maxmemory.")

    rows = json.loads(say("list", "-o", "json")[1])
    assert [row["check"] for row in rows] == [line.split()[0] for line in lines[1:]]
    assert rows[-1] == {
        "check": "redis-memory", "group": "redis", "worst": "warn", "drift": False,
        "needs": ["redis"], "healthy": "Memory in use is below nine tenths of maxmemory.",
        "compares": "INFO's used_memory with maxmemory, where a limit is set.",
        "why": "at the limit Redis evicts keys or refuses writes, as maxmemory-policy says.",
        "fix": "redis-cli -u {url} memory doctor; raise maxmemory, or let keys expire sooner.",
        "source": "Redis documentation, Key eviction (7.2).",
    }  # fmt: skip


def test_explain(say: Say) -> None:
    """One check, all of it."""
    assert say("explain", "transactions-end") == (
        0,
        "transactions-end (transactions)\n\n"
        "No transaction has been open for longer than a quarter of an hour.\n\n"
        "compares: the ongoing transactions that brokers list, older than 15 minutes, with none.\n"
        "why: readers with isolation.level=read_committed see nothing that was written after its"
        " beginning, and compaction stops there.\n"
        "fix: `kafka-transactions.sh describe --transactional-id {name}` names its partitions; stop who holds it, or abort it"
        " with `kafka-transactions.sh forceTerminateTransaction --transactionalId {name}`\n"
        "worst: warn\nneeds: kafka, kafka.transactions\n"
        "source: Kafka 4.3, ListTransactions with a duration (KIP-994), transaction.max.timeout.ms; TransactionsCommand at"
        " 4.0.1 and 4.1.2 (before 4.1 it is aborted partition by partition).\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "topic-config"], "there is no check 'topic-config'; did you mean 'topics-config'?"),
        (["run", "dev", "--only", "topic"], "there is no check or group 'topic'; did you mean 'topics'?"),
        (["run", "dev", "--skip", "flow,xyzzy"], "there is no check or group 'xyzzy'"),
        (["run", "dve"], "there is no environment 'dve' under ROOT/rendered; did you mean 'dev'?"),
        (["drift", "dve"], "there is no environment 'dve' under ROOT/rendered; did you mean 'dev'?"),
        (["run", "dev", "--no-kubernetes"], "--no-kubernetes needs --bootstrap"),
        (["drift", "dev", "--no-kubernetes"], "--no-kubernetes needs --bootstrap"),
        (["topics", "dev", "--no-kubernetes"], "--no-kubernetes needs --bootstrap"),
        (["run", "dev", "--wait", "soon"], "Invalid value for '--wait': "),
        (["run", "dev", "--stable", "5"], "Invalid value for '--stable': "),
        (["run", "dev", "--timeout", "-1s"], "Invalid value for '--timeout': "),
        (["run", "dev", "--round-timeout", ""], "Invalid value for '--round-timeout': "),
        (["run", "dev", "--format", "pdf"], "Invalid value for '--format': 'pdf' is not one of"),
        (["run", "dev", "--out", "html"], "Invalid value for '--out'"),
        (["run", "dev", "--key", __file__], "--key needs --cert"),
        (["run", "dev", "--username", "me"], "--username needs --password-file"),
        (["run", "dev", "--password-file", __file__], "--password-file needs --username"),
        (["run", "dev", "--security-protocol", ""], "Invalid value for '--security-protocol'"),
        (["run", "dev", "--stable", "5s"], "--stable needs --wait"),
        (["run", "dev", "--only", ""], "--only and --skip want the name of a check or of a group"),
        (["run", "dev", "--only", "topics", "--skip", ""], "--only and --skip want the name of"),
        (["run", "dev", "--redis", "rediss://u:x@[::1"], "Invalid value for '--redis': give an address"),
        (["run", "dev", "--redis", "redis://h:6390/?foo=bar"], "Invalid value for '--redis': "),
        (["run", "dev", "--redis", "redis://me:pa/ss@h"], "Invalid value for '--redis': "),
        (["run", "dev", "--redis", "http://h"], "Invalid value for '--redis': "),
        (["run"], "Missing argument 'ENVIRONMENT'"),
        (["run", "../dev"], "environment"),
        (["run", "dev", "--from-dump", "none.json"], "File 'none.json' does not exist."),
        (["nothing"], "No such command 'nothing'."),
    ],
)  # fmt: skip
def test_wrong_usage(say: Say, tmp_path: Path, arguments: list[str], words: str) -> None:
    """Exits with 64 and says what is wrong, before anybody is asked."""
    extra = NO_KUBERNETES if arguments[0] == "run" and "--no-kubernetes" not in arguments else ()
    code, out, err = say(*arguments, *extra)

    assert (code, out) == (64, "")
    assert words.replace("ROOT", str(tmp_path)) in err.replace("\n", " ")
    assert "Traceback" not in err


def test_durations_that_are_none(say: Say) -> None:
    """Are told as the intent's are."""
    _, _, err = say("run", "dev", "--wait", "5", *NO_KUBERNETES)

    assert "Invalid value for '--wait': 5 is not a duration such as 30s" in err


@pytest.mark.parametrize("option", ["--wait", "--timeout", "--round-timeout", "--group-window"])
def test_nobody_waits_for_ever(say: Say, rounds: Rounds, option: str) -> None:
    """`unlimited` is a retention, and no time that anybody waits."""
    rounds(git(), answers())

    assert say("run", "dev", option, "unlimited", *NO_KUBERNETES)[0] == 64


def test_nothing_is_rendered(say: Say, tmp_path: Path) -> None:
    """Exits with 1 and names the command that renders."""
    for command in (["run", "dev"], ["drift", "dev"], ["acls", "dev"], ["dump", "dev", "x.json"]):
        code, out, err = say(*command, *NO_KUBERNETES, root=tmp_path / "empty")

        assert (code, out) == (1, "")
        assert err == (
            f"{tmp_path}/empty/rendered/dev: error: there is no such folder [not-rendered]\n"
            "  fix: strimzi-gitops render dev\n"
        )


def test_a_dump_is_never_asked_for_more(say: Say, tmp_path: Path) -> None:
    """Whatever checks there are: what no dump holds was not asked for, so that it is no verdict."""
    _, out, _ = say("run", "dev", "--from-dump", _dump(tmp_path, answers()), "--format", "json")

    results = {each["check"]: each["outcomes"] for each in json.loads(out)["checks"]}
    asked = {name for name, each in all_checks().items() if not parts_of([each]) <= dump.HELD}
    assert {"restored-records", "probe-produces", "redis-up"} <= asked
    assert [
        (name, each)
        for name in asked
        for each in results[name]
        if each["status"] != "skip" and "nothing is known" in each["message"]
    ] == []


def test_a_dump_without_its_own_parts(say: Say, tmp_path: Path) -> None:
    """Is no healthy cluster: nothing is known of it."""
    code, _, _ = say("run", "dev", "--from-dump", _dump(tmp_path, Live("dev", 0)))

    assert code == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no dump: Input data was truncated"),
        (b"{", "is no dump: Input data was truncated"),
        (b"[]", "is no dump: Expected `object`, got `array`"),
        (b'{"environment": "dev"}', "is no dump: Object missing required field `taken_at_s`"),
        (b'{"environment": "dev", "taken_at_s": 0, "version": 99}', "is a dump of version 99"),
        (b"\xff\xfe", "is no dump: "),
        (b"[" * 100_000, "is no dump: "),
    ],
)
def test_dumps_that_are_none(say: Say, tmp_path: Path, content: bytes, words: str) -> None:
    """Exit with 1 and say what is wrong with them; also as an earlier run."""
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    for option in (["--from-dump", file], ["--since", file, *NO_KUBERNETES]):
        code, out, err = say("run", "dev", *option)

        assert (code, out) == (1, "")
        assert err.startswith(f"{file}: error: {words}")
        assert err.endswith("fix: give a file that strimzi-verify dump wrote\n")


@pytest.mark.parametrize("only", ["topics", "resources"])
def test_dump_that_holds_nothing(say: Say, tmp_path: Path, only: str) -> None:
    """Is no healthy cluster, whoever made it so."""
    file = tmp_path / "empty.json"
    file.write_text('{"environment": "dev", "taken_at_s": 0}')

    assert say("run", "dev", "--from-dump", file, "--only", only)[0] == 2


CHOSEN = "brokers-present,brokers-answer,topics-present,topics-unmanaged,probe-produces"


def test_report_of_a_dump(say: Say, tmp_path: Path) -> None:
    """Everything that may become of a check, with what to do about it."""
    refused = Gap(Cause.REFUSED, "not authorized (ACL: DescribeConfigs Cluster)")
    file = _dump(tmp_path, answers(LESS, gaps=NO_PROBE | {"kafka.quotas": refused}))

    assert say("run", "dev", "--from-dump", file, "--only", f"{CHOSEN},quotas") == (5, REPORT, "")


@pytest.mark.parametrize("form", ["text", "json", "junit", "markdown", "html"])
def test_reports_in_every_format(say: Say, tmp_path: Path, form: str) -> None:
    """Printed, and written to files at once."""
    file = _dump(tmp_path, answers(gaps=NO_PROBE))
    other = tmp_path / "report"
    code, out, err = say("run", "dev", "--from-dump", file, "--only", CHOSEN, "--format", form,
                         "--out", f"{form}={other}")  # fmt: skip

    assert (code, err) == (0, "")
    assert out == other.read_text(encoding="utf-8")
    assert "dev: 5 checks" in out or form in ("json", "html")


def test_out_that_cannot_be_written(say: Say, tmp_path: Path) -> None:
    """Is told before anybody is asked; nothing is left of the try."""
    file = _dump(tmp_path, answers())
    good = tmp_path / "good.json"
    for command in (("run", "dev", "--from-dump", file), ("flow", "dev", *NO_KUBERNETES)):
        code, out, err = say(*command, "--out", f"json={good}", "--out",
                             f"json={tmp_path}/none/report.json")  # fmt: skip

        assert (code, out) == (1, "")
        assert "none/report.json: error: cannot be written: No such file or directory" in err
        assert not good.exists()


def test_out_that_fails_in_the_end(say: Say, tmp_path: Path) -> None:
    """Hides no verdict, and no other report."""
    file = _dump(tmp_path, answers(LESS, gaps=NO_PROBE))
    good = tmp_path / "good.json"
    code, out, err = say("run", "dev", "--from-dump", file, "--only", CHOSEN, "--out",
                         "json=/dev/full", "--out", f"json={good}")  # fmt: skip

    assert code == 5
    assert "topics-present" in out
    assert err.startswith("/dev/full: error: cannot be written: No space left on device")
    assert json.loads(good.read_text())["exit_code"] == 5


@pytest.mark.parametrize("arguments", [["list"], ["--help"]])
def test_nowhere_to_print(arguments: list[str]) -> None:
    """A full disk is no bug."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "verify", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=REPOSITORY,
        )  # fmt: skip

    assert (done.returncode, done.stderr) == (
        1, "the output cannot be written: No space left on device\n",
    )  # fmt: skip


def test_settings_of_somebody_newer(say: Say, tmp_path: Path, rounds: Rounds) -> None:
    """What is not known is told; another version may mean anything."""
    rounds(git(kafka_topic()), answers())
    file = tmp_path / "rendered/dev/settings.yaml"

    def with_settings(**settings: Any) -> tuple[int, str, str]:
        data = {"settings.json": json.dumps(settings)}
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "ConfigMap",
                                    "metadata": {"name": "strimzi-verify"}, "data": data}))  # fmt: skip
        return say("run", "dev", *NO_KUBERNETES, "--only", "topics")

    known = with_settings(version=1, disk={"warnPercent": 1}, formats={"a": {"b": 1}})
    assert known[::2] == (0, "")
    code, _, err = with_settings(weather="fine", disk={"full": 1}, groups={"g": {"x": 1}})
    assert code == 0
    assert err.splitlines() == [
        f"settings.json: this version knows no '{key}', which is not looked at"
        for key in ("weather", "disk.full", "groups.g.x")
    ]
    code, _, err = with_settings(version=2)
    assert code == 1
    assert "settings.json is of version 2, and this strimzi-verify knows 1" in err


def test_stable_beside_no_wait(say: Say, tmp_path: Path) -> None:
    """The rendered Job says both, also where the intent wants no waiting."""
    file = _dump(tmp_path, answers())
    arguments = ("--wait", "0s", "--stable", "30s", "--only", "topics")

    assert say("run", "dev", "--from-dump", file, *arguments)[0] == 0


def test_strict(say: Say, tmp_path: Path) -> None:
    """Warnings fail where somebody wants them to."""
    file = _dump(tmp_path, answers(cluster(topics={"orders": topic(), "stray": topic()})))
    arguments = ("run", "dev", "--from-dump", file, "--only", "topics", "--skip", "topics-same")

    code, out, _ = say(*arguments)
    assert (code, out.splitlines()[-1]) == (
        0, "dev: 5 checks: 4 pass, 1 warn: healthy, with warnings (exit 0)",
    )  # fmt: skip
    code, out, _ = say(*arguments, "--strict")
    assert (code, out.splitlines()[-1]) == (
        5, "dev: 5 checks: 4 pass, 1 warn: unhealthy, as warnings count (exit 5)",
    )  # fmt: skip


def test_dump_where_nothing_is_rendered(say: Say, tmp_path: Path) -> None:
    """Its own custom resources are Git, and without them it cannot be judged."""
    live = answers(gaps=NO_PROBE, status={"orders": {}})
    assert live.kubernetes is not None
    live.kubernetes.objects = {
        body["kind"]: {body["metadata"]["name"]: dict(body)} for body in git(kafka_topic()).objects
    }
    file = _dump(tmp_path, live)
    code, out, _ = say("run", "dev", "--from-dump", file, "--only", "topics-present",
                       root=tmp_path / "empty")  # fmt: skip
    assert (code, out.splitlines()[3]) == (0, "  pass     topics-present  1 topic")

    file = _dump(tmp_path, answers())
    code, _, err = say("run", "dev", "--from-dump", file, root=tmp_path / "empty")
    assert (code, "[not-rendered]" in err) == (1, True)


def test_two_dumps_are_compared(say: Say, tmp_path: Path) -> None:
    """Nobody has to be asked to tell that a topic is another one now."""
    before, now = tmp_path / "before.json", tmp_path / "now.json"
    dump.write(before, answers(cluster(topics={"orders": topic(id_="a" * 32)})))
    dump.write(now, answers(cluster(topics={"orders": topic(id_="b" * 32)})))
    code, out, _ = say("run", "dev", "--from-dump", now, "--since", before, "--only", "topics-same")

    assert code == 5
    assert (
        "orders: is another topic now: its id is u7u7u7u7u7u7u7u7u7u7uw, the earlier run knows"
        " qqqqqqqqqqqqqqqqqqqqqg" in out
    )


def test_dump_of_another_environment(say: Say, tmp_path: Path) -> None:
    """A verdict about another cluster is worse than none."""
    other = answers()
    other.environment = "prod"
    file = _dump(tmp_path, other)

    assert say("run", "dev", "--from-dump", file, "--only", "topics-present")[0] == 64


def test_no_name_at_all(say: Say, tmp_path: Path) -> None:
    """Somebody's variable was empty."""
    assert say("run", "dev", "--from-dump", _dump(tmp_path, answers()), "--only", ",")[0] == 64


def test_drift(say: Say, rounds: Rounds) -> None:
    """Exits with 7 when something differs, and with 0 when not; only what Git says is asked about."""
    asked = rounds(git(kafka_topic(partitions=1)), answers(RUNNING, gaps=NOT_ASKED))
    code, out, err = say("drift", "dev", *NO_KUBERNETES)
    assert (code, err) == (0, "dev: live is what Git says (exit 0)\n")
    assert "topics-partitions" in out
    assert "partitions-online" not in out
    assert "brokers-present" not in out
    (plan,) = asked.plans
    assert plan.parts == {"kafka", "kubernetes"}
    assert plan.window_s == 0

    rounds(git(kafka_topic(partitions=6)), answers(RUNNING, gaps=NOT_ASKED))
    code, out, err = say("drift", "dev", *NO_KUBERNETES)
    assert (code, err) == (7, "dev: live differs from Git (exit 7)\n")
    assert "  fail     topics-partitions      orders: has 1 partition, desired 6\n" in out


@pytest.mark.parametrize(
    ("cause", "code", "words"),
    [
        (Cause.UNREACHABLE, 2, "the Kubernetes API or Kafka cannot be reached or refuses us"),
        (Cause.REFUSED, 2, "the Kubernetes API or Kafka cannot be reached or refuses us"),
        (Cause.TIMED_OUT, 4, "timed out before a verdict"),
    ],
)
def test_drift_that_could_not_be_found_out(
    say: Say, rounds: Rounds, cause: Cause, code: int, words: str
) -> None:
    """Is no drift, and not none."""
    rounds(git(), Live("dev", 0, gaps=NOT_ASKED | {"kafka": Gap(cause, "because")}))
    found, out, err = say("drift", "dev", *NO_KUBERNETES)

    assert (found, err) == (code, f"dev: {words} (exit {code})\n")
    assert (
        "\nnot found out\n  because\n    13 checks could not find out: cluster-id, metadata-version, "
        in out
    )


@pytest.mark.parametrize("table", ["topics", "groups", "acls"])
def test_tables_without_an_answer(say: Say, rounds: Rounds, table: str) -> None:
    """Say why."""
    for cause, code in ((Cause.REFUSED, 2), (Cause.TIMED_OUT, 4)):
        rounds(git(), Live("dev", 0, gaps={"kafka": Gap(cause, "b0:9092: because")}))
        assert say(table, "dev", *NO_KUBERNETES) == (code, "", "b0:9092: because\n")


def test_run_asks_what_was_chosen(say: Say, rounds: Rounds) -> None:
    """Only those parts, with the options' times and addresses."""
    asked = rounds(git(kafka_topic()), answers())
    command = ("run", "dev", "--no-kubernetes", "--bootstrap", "a:1,b:2", "--bootstrap", "c:3",
               "--timeout", "3s", "--round-timeout", "45s", "--group-window", "1m")  # fmt: skip
    code, _, _ = say(*command, "--only", "topics,groups")

    (plan,) = asked.plans
    assert code == 0
    assert plan.parts == {"kafka"}
    assert plan.place is None
    assert (plan.way.bootstrap, plan.way.timeout_s) == (("a:1", "b:2", "c:3"), 3)
    assert (asked.deadlines, plan.window_s) == ([45], 60)
    say(*command, "--only", "topics")
    # Groups that stand still would be waited for, though nobody asked about them.
    assert asked.plans[-1].window_s == 0


@pytest.mark.parametrize("missing", ["kafka", "msgspec", "click", "redis"])
def test_run_without_the_extra(missing: str) -> None:
    """Whatever is missing: exit 3 with the command that installs it."""
    only = "redis-up" if missing == "redis" else "brokers-present"
    done = _without(
        missing, "run", "staging", *NO_KUBERNETES, "--only", only, "--redis", "localhost:1"
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert (
        "; install what this command needs: pip install 'strimzi-gitops[verify]'\n" in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", ["msgspec", "kafka"])
def test_version_needs_nothing(missing: str) -> None:
    """It is asked for where something is missing."""
    done = _without(missing, "--version")

    assert (done.returncode, done.stdout) == (0, f"strimzi-verify {__version__}\n")


def _without(missing: str, *arguments: str) -> Any:
    script = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = {list(arguments)!r};"
        "from verify.__main__ import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=REPOSITORY
    )
