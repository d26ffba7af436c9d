"""The canary and the flow on real brokers: healthy, broken, interrupted; nothing stays behind."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import ConsumerGroupListing
from live.answers import DEADLINE_S, Rejected, answer_of
from live.applier import RENDERED, User, _manifests, apply_users
from live.breaking import frozen, killed
from live.kafka import Kafka
from live.node import LOOPBACK, Node
from live.security import password_of

from generator.live_access import PREFIX
from verify.access import Access
from verify.checks import all_checks
from verify.collect_ask import Clock
from verify.collect_clients import Reader, Sender
from verify.collect_flow import flow
from verify.collect_own import REMOVAL_S, fresh_name
from verify.collect_probe import RECORDS, probe
from verify.collect_step import Transactor, places_of, read_all
from verify.desired import Desired
from verify.kafka_questions import quorum
from verify.live import Cause, Flow, Live, Probe
from verify.outcome import Status
from verify.settings import Performance, Settings
from verify.wire import Connection

pytestmark = pytest.mark.live

_ROOT = Path(__file__).parents[2]
_GENEROUS_S = 60
_SLACK_S = 5
"""What a slow machine may take beyond a deadline to notice it."""
_ORDER = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "integer"}},
}
_LEAST = (
    ("topic", PREFIX, ("Create", "Write", "Read", "Describe", "Delete")),
    ("group", PREFIX, ("Read", "Describe", "Delete")),
    ("transactionalId", PREFIX, ("Write", "Describe")),
)


@pytest.fixture(params=["dev", "staging"])
def cluster(request: pytest.FixtureRequest) -> Kafka:
    """An environment's cluster."""
    kafka: Kafka = request.getfixturevalue(request.param)
    return kafka


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test had to leave behind does not disturb the next one."""
    yield
    for name in {"dev", "staging"} & set(request.fixturenames):
        kafka: Kafka = request.getfixturevalue(name)
        for topic in _own(kafka):
            with suppress(Rejected):
                kafka.delete_topic(topic)


def test_healthy_cluster_passes_all_checks(cluster: Kafka) -> None:
    """Every broker takes all records and gives them back, in little time."""
    found = _probe(cluster)
    assert (found.problem, found.gap, found.left_behind) == ("", None, ())
    assert [each.broker for each in found.brokers] == [node.id for node in cluster.nodes]
    for each in found.brokers:
        assert (each.sent, each.acknowledged, each.received) == (RECORDS,) * 3
        assert len(each.produce_ms) == len(each.end_to_end_ms) == RECORDS
        assert (each.out_of_order, each.duplicated, each.problem) == (0, 0, "")
    assert found.committed
    assert _statuses(probe=found) == {Status.PASS}
    _gone(cluster)


def test_least_rights_are_enough(cluster: Kafka) -> None:
    """Neither probe nor flow needs more than its own prefix and Describe on the cluster."""
    acls: list[dict[str, Any]] = [{"resource": {"type": kind, "name": name, "patternType": "prefix"}, "operations": said}
            for kind, name, said in _LEAST]  # fmt: skip
    acls.append({"resource": {"type": "cluster"}, "operations": ("Describe",)})
    apply_users(cluster, [User("least", "scram-sha-512", tuple(acls), {})])
    cluster.settle()
    access = _access(cluster, "scram", "least")
    made = probe(access, _ids(cluster), time.monotonic() + _GENEROUS_S)
    done = flow(access, Settings(performance=Performance()), _desired(), _soon())
    assert _statuses(probe=made, flow=done) == {Status.PASS, Status.SKIP}
    assert made.left_behind == done.left_behind == ()
    _gone(cluster)


def test_two_at_once_do_not_disturb_each_other(dev: Kafka) -> None:
    """Neither sees, sweeps or removes what the other has made."""
    found: list[Probe] = []
    both = [threading.Thread(target=lambda: found.append(_probe(dev))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [_statuses(probe=each) for each in found] == [{Status.PASS}] * 2
    assert not any(each.swept for each in found)
    _gone(dev)


def test_leftovers_of_earlier_runs_are_swept(dev: Kafka) -> None:
    """Only those that are old, and only those that a run has made."""
    old, young = f"{PREFIX}probe-1700000000-0123abcd", fresh_name("probe")
    others = {young, f"{PREFIX}of-mine", "strimzi-verify"}
    for name in (old, *others):
        dev.create_topic(name)
    with Reader(_access(dev).librdkafka(), f"{old}-in") as reader:
        reader.assign(places_of(old, 1))
        reader.commit({(old, 0): 0}, Clock(time.monotonic() + DEADLINE_S))

    found = _probe(dev)

    assert found.swept == (old, f"{old}-in")
    assert others <= set(dev.admin.list_topics(timeout=10).topics)
    for name in others:
        dev.delete_topic(name)
    _gone(dev)


def test_wrong_password_is_a_refusal(dev: Kafka) -> None:
    """It is told at once, and is not taken for a broken cluster."""
    access = _access(dev, "scram", "verify", password="guessed")  # noqa: S106 (wrong on purpose)
    begun = time.monotonic()
    found = probe(access, [1], begun + _GENEROUS_S)
    done = flow(access, Settings(), _desired(), begun + _GENEROUS_S)
    for gap in (found.gap, done.gap):
        assert gap is not None
        assert gap.cause is Cause.REFUSED
        assert "invalid credentials" in gap.reason
    assert _statuses(probe=found, flow=done) <= {Status.UNKNOWN, Status.SKIP, Status.PASS}
    assert time.monotonic() - begun < _GENEROUS_S / 2


def test_nobody_there_is_unreachable(dev: Kafka) -> None:
    """A port on which nobody listens is no verdict on the cluster."""
    access = Access((f"{LOOPBACK}:1",), username="verify", password=password_of("verify"))
    found = probe(access, [1], time.monotonic() + 3)
    assert found.gap is not None
    assert found.gap.cause is Cause.UNREACHABLE
    assert "Connection refused" in found.gap.reason
    assert _probe(dev).gap is None


@pytest.mark.parametrize("seconds", [0, 0.3, 1, 3])
def test_deadline_is_kept(dev: Kafka, seconds: float) -> None:
    """However little time there is, it ends then, and leaves nothing behind."""
    begun = time.monotonic()
    found = _probe(dev, seconds)
    assert time.monotonic() - begun < seconds + REMOVAL_S + _SLACK_S
    assert found.left_behind == ()
    done = flow(_access(dev), Settings(), _desired(), time.monotonic() + seconds)
    assert done.left_behind == ()
    assert time.monotonic() - begun < 2 * (seconds + REMOVAL_S + _SLACK_S)
    _gone(dev)


def test_stop_ends_it_from_another_thread(dev: Kafka) -> None:
    """Whoever catches Ctrl-C tells the thread that probes, which removes what it has made."""
    stop, found = threading.Event(), list[Probe]()
    thread = threading.Thread(
        target=lambda: found.append(probe(_access(dev), [1], _soon(), 10**6, stop))
    )
    thread.start()
    dev.until(lambda: bool(_own(dev)), "have the probe's topic")
    stop.set()
    thread.join()
    assert found[0].problem == "it was stopped"
    assert found[0].left_behind == ()
    _gone(dev)


_RUNS = {
    "probe": "probe(access, [1], end, 10**6)",
    "flow": "flow(access, Settings(performance=Performance(10**7)), Desired('dev', ()), end)",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("run", _RUNS)
def test_interrupted_it_leaves_nothing_behind(
    dev: Kafka, run: str, number: signal.Signals, tmp_path: Path
) -> None:
    """Ctrl-C in the middle, or an end to the pod, and the cluster is as it was."""
    settings = dev.application("scram", "verify")
    ca = Path(settings["ssl.ca.location"]).read_text(encoding="utf-8")
    told = tmp_path / "access.json"
    told.write_text(json.dumps({
        "bootstrap": settings["bootstrap.servers"].split(","), "tls": True, "ca_pem": ca,
        "username": "verify", "password": password_of("verify"),
    }))  # fmt: skip
    apply_users(dev, [_verify("scram-sha-512")])
    dev.settle()
    code = f"""
import json, signal, sys, time
from verify.access import Access
from verify.collect_flow import flow
from verify.collect_probe import probe
from verify.desired import Desired
from verify.settings import Performance, Settings
def end(*_): raise SystemExit(143)
signal.signal(signal.SIGTERM, end)
access, end = Access(**json.load(open(sys.argv[1]))), time.monotonic() + {_GENEROUS_S}
{_RUNS[run]}
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(told)], cwd=_ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        dev.until(lambda: _in_the_middle(dev, run), "have what the run makes")
        process.send_signal(number)
        begun = time.monotonic()
        _, said = process.communicate(timeout=DEADLINE_S)
    assert time.monotonic() - begun < REMOVAL_S + _SLACK_S
    assert process.returncode == (143 if number is signal.SIGTERM else -signal.SIGINT), said
    assert "left behind" not in said
    _gone(dev)


def test_open_transaction_is_aborted_when_interrupted(dev: Kafka) -> None:
    """Nobody waits for a transaction that nobody will end."""
    topic, clock = fresh_name("flow"), Clock(time.monotonic() + DEADLINE_S)
    _access(dev)
    dev.create_topic(topic)
    settings = _access(dev).librdkafka()

    def interrupted() -> None:
        with Transactor(settings, topic, clock) as transactor:
            transactor.begin()
            transactor.send((topic, 0), b"never")
            transactor.flush(clock)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with Sender(settings) as sender:
        sender.send((topic, 0), b"after it")
        sender.flush(clock)
    with Reader(settings, topic) as reader:
        # Behind an open transaction nothing committed could be read.
        assert [each.value for each in read_all(reader, places_of(topic, 1), 1, clock)] == [
            b"after it"
        ]
    dev.delete_topic(topic)


def test_killed_broker_spoils_no_other(staging: Kafka) -> None:
    """Its partition's leader moves, which is told of it; the others take all records."""
    node = staging.nodes[2]
    access = _access(staging)
    with killed(staging, node):
        begun = time.monotonic()
        found = probe(access, _ids(staging), begun + _GENEROUS_S)
        assert time.monotonic() - begun < _GENEROUS_S + REMOVAL_S + _SLACK_S
        _others_are_fine(found, node)
        assert found.left_behind == ()
        _gone(staging)
    assert _statuses(probe=_probe(staging)) == {Status.PASS}


def test_frozen_broker_spoils_no_other(staging: Kafka) -> None:
    """It takes connections and answers nothing, which nobody else waits for."""
    access = _access(staging)
    leader = _leader(staging, access)
    node = next(each for each in staging.nodes if each.id != leader)
    with frozen(staging, node):
        found = probe(access, _ids(staging), time.monotonic() + _GENEROUS_S)
        _others_are_fine(found, node)
        assert found.left_behind == ()
        _gone(staging)


def test_frozen_controller_holds_nothing_up(staging: Kafka) -> None:
    """Brokers wait for it half a minute; whoever has less time says so, and what is left behind."""
    access = _access(staging)
    leader = _leader(staging, access)
    node = next(each for each in staging.nodes if each.id == leader)
    with frozen(staging, node):
        begun = time.monotonic()
        found = probe(access, _ids(staging), begun + 6)
        assert time.monotonic() - begun < 6 + REMOVAL_S + _SLACK_S
        assert found.gap or any(each.problem for each in found.brokers)
        assert found.gap is None or found.gap.cause in (Cause.TIMED_OUT, Cause.UNREACHABLE)
    assert _statuses(probe=_probe(staging)) == {Status.PASS}


def test_flow_goes_through(cluster: Kafka) -> None:
    """Exactly once, dead letters and a load; what nobody asked for is left out."""
    done = flow(_access(cluster), Settings(), _desired(), _soon())
    assert _statuses(flow=done) == {Status.PASS, Status.SKIP}
    assert done.performance is None
    done = flow(_access(cluster), Settings(performance=Performance(2000)), _desired(), _soon())
    assert done.transaction is not None
    assert done.dead_letter is not None
    assert done.performance is not None
    assert done.transaction.ok, done.transaction.message
    assert done.dead_letter.ok, done.dead_letter.message
    assert done.dead_letter.message == "3 poisoned records became dead letters, 9 were handled"
    assert done.performance.ok, done.performance.message
    assert done.performance.numbers["records"] == 2000
    assert done.performance.numbers["produce_records_per_s"] > 0
    assert done.left_behind == ()
    _gone(cluster)


def test_load_is_bounded_by_time(dev: Kafka) -> None:
    """More records than there is time for are as many as there was time for."""
    asked = Settings(performance=Performance(10**8, 10_000))
    begun = time.monotonic()
    done = flow(_access(dev), asked, _desired(), begun + 25)
    assert time.monotonic() - begun < 25 + REMOVAL_S + _SLACK_S
    assert done.performance is not None
    assert done.performance.ok, done.performance.message
    assert "as many as there was time for" in done.performance.message
    _gone(dev)


def test_formats_right_and_wrong(staging: Kafka) -> None:
    """Places and rules are told, and not a word of what the records say."""
    access, topic = _access(staging), "orders.order.created"
    asked = Settings(formats={topic: _ORDER})
    assert _formats(access, asked) == {topic: (0, (), "")}

    for number in range(30):
        staging.produce(topic, str(number), json.dumps({"amount": number}))
    read, wrong, problem = _formats(access, asked)[topic]
    assert 0 < read <= 20
    assert (wrong, problem) == ((), "")

    for key in range(40):
        staging.produce(topic, str(key), '{"amount": "4111-1111", "secret": "hush"}')
        staging.produce(topic, str(key), "hush, no JSON")
        staging.produce(topic, str(key), "{}")
    read, wrong, problem = _formats(access, asked)[topic]
    assert problem == ""
    assert len(wrong) == 5
    rules = {each.partition(": ")[2] for each in wrong}
    assert rules <= {"breaks /properties/amount/type", "it is no JSON", "breaks /required"}
    assert all(each.startswith("partition ") for each in wrong)


def test_formats_that_cannot_be_judged(staging: Kafka) -> None:
    """Topics that are not there or not ours to read, and formats that are none, are told so."""
    staging.produce("llm-events", None, '{"amount": 1}')
    asked = {"gone": _ORDER, "wanted": _ORDER, "llm-events": _ORDER,
             "llm-traces": {"$ref": "http://127.0.0.1:1/x"}}  # fmt: skip
    wanted = Desired("staging", ({"kind": "KafkaTopic", "metadata": {"name": "wanted"},
                                  "spec": {"partitions": 1}},))  # fmt: skip
    found = _formats(_access(staging), Settings(formats=asked), wanted)
    assert set(found) == {"wanted", "llm-events", "llm-traces"}
    assert found["wanted"][2] == "there is no such topic, or we may not see it"
    assert "TOPIC_AUTHORIZATION_FAILED" in found["llm-events"][2]
    assert found["llm-traces"][2] == "its format is no JSON Schema"


def _formats(
    access: Access, settings: Settings, wanted: Desired | None = None
) -> dict[str, tuple[int, tuple[str, ...], str]]:
    done = flow(access, settings, wanted or _desired(), _soon())
    return {each.topic: (each.read, each.wrong, each.problem) for each in done.formats}


def _others_are_fine(found: Probe, node: Node) -> None:
    for each in found.brokers:
        if each.broker == node.id:
            assert each.problem
        else:
            assert (each.acknowledged, each.received, each.problem) == (RECORDS, RECORDS, ""), each
    live = Live("staging", 0, probe=found)
    result = all_checks()["probe-produces"].ask(_desired(), live)
    assert [each.subject for each in result.outcomes] == [f"broker {node.id}"]


def _leader(kafka: Kafka, access: Access) -> int:
    """The node that leads the quorum."""
    port = next(node.ports["tls"] for node in kafka.nodes if node.responds)
    with Connection(LOOPBACK, port, access, _soon()) as connection:
        return quorum(connection).leader


def _verify(authentication: str) -> User:
    """The user as whom verification comes in, with the rights that are rendered for it."""
    ((name, spec),) = _manifests(RENDERED / "staging/verify", "KafkaUser")
    return User(name, authentication, tuple(spec["authorization"]["acls"]), {})


_known: set[tuple[int, str]] = set()


def _access(
    kafka: Kafka, listener: str = "tls", user: str = "verify", password: str = ""
) -> Access:
    """How a user comes in; `verify` is created where it is not there."""
    assert kafka.security is not None
    authentication = "tls" if listener == "tls" else "scram-sha-512"
    if user == "verify" and (id(kafka), listener) not in _known:
        apply_users(kafka, [_verify(authentication)])
        kafka.settle()
        _known.add((id(kafka), listener))
    said = kafka.application(listener, user)

    def pem(key: str) -> str:
        return Path(said[key]).read_text(encoding="utf-8") if key in said else ""

    return Access(
        tuple(said["bootstrap.servers"].split(",")),
        tls=True,
        ca_pem=pem("ssl.ca.location"),
        certificate_pem=pem("ssl.certificate.location"),
        key_pem=pem("ssl.key.location"),
        username="" if listener == "tls" else user,
        password=password or said.get("sasl.password", ""),
    )


def _probe(kafka: Kafka, seconds: float = _GENEROUS_S) -> Probe:
    access = _access(kafka)
    return probe(access, _ids(kafka), time.monotonic() + seconds)


def _ids(kafka: Kafka) -> list[int]:
    return [node.id for node in kafka.nodes]


def _soon() -> float:
    return time.monotonic() + _GENEROUS_S


def _desired() -> Desired:
    return Desired("dev", ())


def _statuses(probe: Probe | None = None, flow: Flow | None = None) -> set[Status]:
    """How the checks of what was made end."""
    live = Live("dev", 0, probe=probe, flow=flow)
    asked = {name for name, part in (("probe", probe), ("flow", flow)) if part is not None}
    checks = [each for each in all_checks().values() if each.group in asked]
    assert checks
    return {each.ask(_desired(), live).status for each in checks}


def _own(kafka: Kafka) -> set[str]:
    """The topics that there are of any run, as one that answers knows them."""
    return _with_prefix(list(_metadata(kafka)))


def _metadata(kafka: Kafka) -> list[str]:
    node = next(node for node in kafka.nodes if node.responds)
    known = kafka.own_metadata(node, 10)
    return [] if known is None else list(known.topics)


def _groups(kafka: Kafka) -> set[str]:
    found: list[ConsumerGroupListing] = answer_of(kafka.admin.list_consumer_groups()).valid
    return _with_prefix([each.group_id for each in found])


def _with_prefix(names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(PREFIX)}


def _in_the_middle(kafka: Kafka, run: str) -> bool:
    """Whether the probe has made its topic, or the flow has committed offsets to a group."""
    return bool(_own(kafka)) if run == "probe" else bool(_groups(kafka))


def _gone(kafka: Kafka) -> None:
    """Wait until every broker has heard that nothing of any run is there."""
    asked: tuple[Callable[[Kafka], set[str]], ...] = (_own, _groups)
    for names in asked:
        kafka.until(lambda names=names: not names(kafka), "be as it was")  # type: ignore[misc]
