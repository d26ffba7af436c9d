"""The command line as people see it: literal screens and exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from support import REPOSITORY, Cli, Project

from generator import __version__
from generator.cli import main as commands
from generator.common.exit_codes import MEANINGS, ExitCode

NAMES = commands.main.list_commands(click.Context(commands.main, **commands.main.context_settings))


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with two environments and two applications."""
    project.write(
        "environments/base/all.yaml",
        """\
        topicProfiles:
          events: {retention: 7d, minInsyncReplicas: 2}
        topics:
          orders.created: {profile: events, owner: team-a, partitions: 6, retention: 3d, deadLetter: true}
          invoices: {profile: events, owner: team-b, throughput: 1Ki}
        applications:
          billing: {owner: team-b, consumes: {orders.created: {group: bill}}, produces: [invoices]}
          shop: {owner: team-a, produces: [orders.created]}
        """,
    )
    project.environment("inherits: base\n")
    project.environment("inherits: base\ntopics: {invoices: null}\napplications: {billing: null}\n",
                        name="prod")  # fmt: skip
    return project


@pytest.mark.usefixtures("shop")
def test_list_environments(cli: Cli) -> None:
    """One row an environment, in columns."""
    code, out, _ = cli("list", "environments")

    assert code == 0
    assert out == (
        "ENVIRONMENT  SIZE   NAMESPACE   CLUSTER  KAFKA  TOPICS  APPLICATIONS  PROTECT\n"
        "dev          small  kafka-dev   events   4.3.1       3             2  no\n"
        "prod         small  kafka-prod  events   4.3.1       2             1  no\n"
    )


@pytest.mark.usefixtures("shop")
def test_list_topics_filters(cli: Cli) -> None:
    """By environment, glob and owner."""
    code, out, _ = cli("list", "topics", "dev", "--match", "*s*", "--owner", "team-a")

    assert code == 0
    assert out == (
        "ENVIRONMENT  TOPIC               PARTITIONS  REPLICAS  MIN ISR  CLEANUP  RETENTION  OWNER\n"
        "dev          orders.created               6         3        2  -        3d         team-a\n"
        "dev          orders.created.dlq           3         3        2  delete   14d        team-a\n"
    )


@pytest.mark.usefixtures("shop")
def test_list_as_json_and_yaml(cli: Cli) -> None:
    """Machines get every field."""
    rows = json.loads(cli("list", "applications", "prod", "-o", "json")[1])
    assert rows == [
        {"environment": "prod", "application": "shop", "authentication": "tls", "listener": "tls",
         "produces": ["orders.created"], "consumes": [], "owner": "team-a"}
    ]  # fmt: skip
    assert cli("list", "clusters", "prod", "-o", "yaml")[1] == (
        "- brokers: 3\n  cluster: events\n  controllers: 3\n  environment: prod\n"
        '  kafka: "4.3.1"\n  listeners:\n    - tls:9093\n  metadata_version: "4.3-IV0"\n'
        "  pools:\n    - combined x3\n  storage: 30Gi\n"
    )
    assert cli("list", "topics", "--match", "nothing", "-o", "json")[1] == "[]\n"


@pytest.mark.usefixtures("shop")
def test_show_topic_and_application(cli: Cli) -> None:
    """A topic with who uses it; an application with its ACLs in words."""
    topic = json.loads(cli("show", "topic", "dev", "orders.created", "-o", "json")[1])
    assert topic["consumers"] == ["billing"]
    assert topic["producers"] == ["shop"]
    assert topic["side_topics"] == ["orders.created.dlq"]
    assert topic["config"] == {"min.insync.replicas": 2, "retention.ms": 259200000}

    application = json.loads(cli("show", "application", "dev", "billing", "-o", "json")[1])
    assert application["acls"] == [
        "Write on topic invoices",
        "Read on topic orders.created",
        "Write on topic orders.created.dlq",
        "Read on group bill",
    ]
    assert cli("show", "environment", "dev")[0] == 0
    assert cli("show", "cluster", "dev")[0] == 0


@pytest.mark.usefixtures("shop")
def test_explain_tells_every_layer(cli: Cli) -> None:
    """Lowest first, the winner marked; dots in names need no quotes."""
    assert cli("explain", "dev", "topics.orders.created.retention")[1] == (
        'topics."orders.created".retention = "3d"\n'
        '  profile events  environments/base/all.yaml:2:23  "7d"\n'
        '  base            environments/base/all.yaml:4:78  "3d"  <- wins\n'
    )
    assert cli("explain", "dev", "topics.invoices.retention")[1] == (
        'topics.invoices.retention = "7d"\n  profile events  environments/base/all.yaml:2:23  "7d"\n'
    )
    told = json.loads(cli("explain", "dev", "cluster.kafkaVersion", "-o", "json")[1])
    assert told["value"] == "4.3.1"
    assert told["writings"][0]["layer"] == "Strimzi 1.2.0"


def test_explain_tells_bounds(project: Project, cli: Cli) -> None:
    """A value above the size's limit says what it becomes."""
    text = "environment: dev\nnamespace: kafka\nsize: dev\n"
    project.environment(
        "topics: {t: {replicas: 3}}\n",
        text=text + "cluster: {name: e, listeners: {tls: {port: 9093, authentication: tls}}}\n",
    )

    assert cli("explain", "dev", "topics.t.replicas")[1] == (
        "topics.t.replicas = 3\n"
        "  size dev  generator/intent/sizes.yaml:82:29       1\n"
        "  dev       environments/dev/environment.yaml:5:24  3  <- wins\n"
        "  bounded to 1 by topicLimits: size dev  generator/intent/sizes.yaml:83:27\n"
    )


@pytest.mark.usefixtures("shop")
def test_connection_table_and_env(cli: Cli) -> None:
    """For people a table, for shells an env file; names of Secrets, never a secret."""
    assert cli("connection", "dev")[1] == (
        "LISTENER  BOOTSTRAP                                                PROTOCOL"
        "  AUTHENTICATION  REACH\n"
        "tls       events-kafka-bootstrap.kafka-dev.svc.cluster.local:9093  SSL       "
        "tls             this Kubernetes cluster\n"
    )
    assert cli("connection", "dev", "--application", "billing", "-o", "env")[1] == (
        "KAFKA_BOOTSTRAP_SERVERS=events-kafka-bootstrap.kafka-dev.svc.cluster.local:9093\n"
        "KAFKA_CLUSTER_CA_SECRET=events-cluster-ca-cert\n"
        "KAFKA_SECURITY_PROTOCOL=SSL\n"
        "KAFKA_USER_SECRET=billing\n"
    )


@pytest.mark.usefixtures("shop")
def test_capacity_draws_bars(cli: Cli) -> None:
    """Partitions and disks against their limits, teams, and what cannot be known."""
    code, out, _ = cli("capacity", "dev")

    assert code == 0
    assert out == (
        "partition replicas   [..............................]    1%  36 of 3,000\n"
        "broker disks         [##............................]    6%  1.7Gi of 30Gi\n"
        "\n"
        "OWNER   TOPICS  PARTITIONS  STORAGE\n"
        "team-a  2       27          0B\n"
        "team-b  1       9           1.7Gi\n"
        "\n"
        "unknown: 2 topics bound neither size nor throughput (orders.created, orders.created.dlq);"
        " say retentionSize or throughput\n"
    )


def test_capacity_beyond_the_cluster_exits_6(project: Project, cli: Cli) -> None:
    """More bytes or partitions than there are is not fine."""
    project.environment("topics: {t: {throughput: 1Gi, retention: 7d}}\n")

    code, out, err = cli("capacity", "dev")

    assert code == 6
    assert "[##############################]" in out
    assert err == (
        "more is asked than there is: add brokers or disks, ask for less, or raise a budget\n"
    )


@pytest.mark.usefixtures("shop")
def test_validate_says_it_is_fine(cli: Cli) -> None:
    """Nothing on stdout, one line on stderr."""
    assert cli("validate") == (0, "", "dev, prod: 16 manifests, all fine\n")


def test_validate_prints_findings_and_counts(project: Project, cli: Cli) -> None:
    """The screen of a typical mistake."""
    project.environment("topics: {a: {partitons: 3}}\n")

    assert cli("validate") == (
        1,
        "environments/dev/environment.yaml:7:14: error: unknown key 'partitons' [unknown-key]\n"
        "  fix: did you mean 'partitions'?\n",
        "1 error\n",
    )


def test_several_reports_at_once(project: Project, cli: Cli, tmp_path: Path) -> None:
    """One format on stdout, others into files, also when the intent cannot even be read."""
    project.environment("topics: {a: {partitons: 3}}\n")
    sarif, junit = tmp_path / "f.sarif", tmp_path / "f.xml"

    code, out, _ = cli("validate", "--format", "json", "--out", f"sarif={sarif}",
                       "--out", f"junit={junit}")  # fmt: skip

    assert code == 1
    assert json.loads(out)["findings"][0]["rule"] == "unknown-key"
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert 'failures="1"' in junit.read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["render", "prd"], "there is no environment 'prd'; did you mean 'prod'?"),
        (["explain", "dev", "clster.name"], "the environment has no 'clster.name'; did you mean 'cluster'?"),
        (["explain", "dev", "topics.order.created.x"], "topics has no 'order.created.x'"),
        (["show", "topic", "dev", "invoice"], "there is no topic 'invoice' in dev; did you mean 'invoices'?"),
        (["show", "topic", "dev"], "give the topic's name; 'list topics' prints them"),
        (["connection", "dev", "--application", "bil"], "there is no application 'bil'; did you mean 'billing'?"),
        (["validate", "--out", "sarif"], "'sarif' is not FORMAT=FILE; formats: github, json, junit, sarif, text"),
        (["validate", "--format", "xml"], "'xml' is not one of"),
        (["nonsense"], "No such command 'nonsense'"),
        (["render", "--nonsense"], "No such option"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_wrong_usage_exits_64(cli: Cli, arguments: list[str], expected: str) -> None:
    """Wrong names and options say what would be right."""
    code, out, err = cli(*arguments)

    assert (code, out) == (64, "")
    assert expected in err


def test_no_environment_is_wrong_usage(cli: Cli) -> None:
    """An empty folder is told what it lacks."""
    code, _, err = cli("render")

    assert code == 64
    assert "no environments/*/environment.yaml under" in err


@pytest.mark.parametrize("file", ["/nonexistent/x", "/dev/full"])
@pytest.mark.usefixtures("shop")
def test_report_that_cannot_be_written_is_told(cli: Cli, file: str) -> None:
    """A report on a full disk or in no folder is an error, not a traceback."""
    code, out, _ = cli("validate", "--out", f"sarif={file}")

    assert code == 1
    assert f"{file}: error: cannot be written" in out


def test_bug_is_exit_70(project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen failure asks for a report instead of showing a traceback."""
    project.environment()

    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("generator.terminal.options.environment_names", broken)
    code, _, err = cli("validate")

    assert code == 70
    assert err.startswith("this is a bug in strimzi-gitops: RuntimeError: unforeseen\n")
    assert "Traceback" not in err


def test_schema_is_the_shipped_file(cli: Cli) -> None:
    """`schema` prints schemas/intent.schema.json."""
    assert cli("schema")[1] == (REPOSITORY / "schemas/intent.schema.json").read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_completes(cli: Cli, shell: str) -> None:
    """Each shell gets its script."""
    code, out, _ = cli("completion", shell)

    assert code == 0
    assert "_STRIMZI_GITOPS_COMPLETE" in out


@pytest.mark.usefixtures("shop")
def test_environment_names_complete(project: Project) -> None:
    """The shell completes names of environments."""
    environment = {**os.environ, "_STRIMZI_GITOPS_COMPLETE": "bash_complete",
                   "COMP_WORDS": "strimzi-gitops render p", "COMP_CWORD": "2"}  # fmt: skip
    done = subprocess.run([sys.executable, "-m", "generator"], cwd=project.root, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip

    assert done.stdout == "plain,prod\n"


@pytest.mark.parametrize("name", NAMES)
def test_help_teaches_with_examples(cli: Cli, name: str) -> None:
    """Every command's help shows how it is called."""
    code, out, _ = cli(name, "--help")

    assert code == 0
    assert re.search(r"Examples?:\n +strimzi-gitops ", out)


def test_exit_codes_are_documented(cli: Cli) -> None:
    """The help and the reference list each code with its meaning."""
    reference = (REPOSITORY / "generator/REFERENCE.md").read_text()
    _, out, _ = cli("--help")

    for code in ExitCode:
        assert re.search(rf"^ *{code.value}  {re.escape(MEANINGS[code])}$", out, re.MULTILINE)
        assert f"| {code.value} | {MEANINGS[code]} |" in reference


def test_version_needs_no_imports() -> None:
    """`--version` answers without loading click or anything of ours."""
    script = (
        "import sys; sys.argv = ['x', '--version']; from generator.__main__ import main; main();"
        "sys.exit(bool({'click', 'yaml', 'generator.cli.main'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, f"strimzi-gitops {__version__}\n")


def test_colour_only_when_asked_or_on_a_terminal(project: Project, cli: Cli) -> None:
    """Pipes get plain text; --color insists; NO_COLOR is respected by click's own rules."""
    project.environment("topics: {a: {partitons: 3}}\n")

    assert "\x1b[" not in cli("validate")[1]
    assert "\x1b[31m" in cli("--color", "validate")[1]


def test_commands_have_types_for_their_names() -> None:
    """Every environment argument completes."""
    context = click.Context(commands.main, **commands.main.context_settings)
    for name in NAMES:
        command = commands.main.get_command(context, name)
        assert command is not None
        for parameter in command.params:
            if parameter.name in ("environment", "environments"):
                assert isinstance(parameter.type, click.ParamType)
                assert parameter.type.name == "environment"
