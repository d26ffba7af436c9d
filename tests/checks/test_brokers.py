"""Brokers are all there, answer by themselves, agree, and have room."""

import pytest
from checks.kafka_answers import answers, broker, cluster, git, said

from generator.contract.settings import Disk
from verify.desired import Desired
from verify.live.live import Cause, Gap, Kafka, LiveBroker, LogDir, Setting

GIB = 2**30
AWAY = Gap(Cause.TIMED_OUT, "no answer within 8 s")


def test_brokers_are_all_there() -> None:
    """Where no node pool is known, those that are there are the ones."""
    assert said("brokers-present", git(), answers()) == ["pass: 3 brokers"]
    assert said("brokers-present", git(nodes=0), answers(cluster(broker(7)))) == ["pass: 1 broker"]


def test_brokers_are_missing_or_too_many() -> None:
    """By their numbers."""
    two = cluster(broker(0), broker(2))

    assert said("brokers-present", git(), answers(two)) == [
        "fail: 2 brokers serve, Git says 3: brokers 0, 2 work"
    ]
    assert said("brokers-present", git(nodes=2), answers()) == [
        "fail: 3 brokers serve, Git says 2: brokers 0, 1, 2 work"
    ]
    none = cluster(brokers={}, topics={})
    assert said("brokers-present", git(), answers(none)) == [
        "fail: 0 brokers serve, Git says 3: nobody is known"
    ]


def test_fenced_brokers_do_not_count() -> None:
    """They are registered, and lead nothing; a fourth one that is fenced is told as well."""
    fenced = broker(2, fenced=True)

    assert said("brokers-present", git(), answers(cluster(broker(0), broker(1), fenced))) == [
        "fail: 2 brokers serve, Git says 3: broker 2 is fenced (the controller hears nothing of it), brokers 0, 1 work"
    ]
    spare = cluster(broker(0), broker(1), broker(2), broker(3, fenced=True))
    assert said("brokers-present", git(), answers(spare)) == [
        "fail: 3 brokers serve, Git says 3: broker 3 is fenced (the controller hears nothing of it),"
        " brokers 0, 1, 2 work"
    ]


def test_every_broker_answers_by_itself() -> None:
    """A fenced one as well, since nobody else would tell that it was not looked at."""
    assert said("brokers-answer", git(), answers()) == []
    fenced = cluster(broker(0), broker(1, fenced=True, problem=AWAY))
    assert said("brokers-answer", git(), answers(fenced)) == [
        "fail broker 1: no answer within 8 s; the cluster has given up on it (fenced)"
    ]


def test_brokers_that_advertise_one_address() -> None:
    """The second one is the one to look at, whether or not the first answers."""
    twice = cluster(broker(0), LiveBroker(1, "b0", 9092), broker(2))
    assert said("brokers-answer", git(), answers(twice)) == [
        "fail broker 1: advertises the same address as broker 0: b0:9092"
    ]


def test_silent_brokers_are_named() -> None:
    """With what became of the connection to each."""
    refused = Gap(Cause.UNREACHABLE, "connection refused")
    found = cluster(broker(0, problem=AWAY), broker(1), broker(2, problem=refused))

    assert said("brokers-answer", git(), answers(found)) == [
        "fail broker 0: no answer within 8 s",
        "fail broker 2: connection refused",
    ]


def test_who_was_not_given_time_is_not_accused() -> None:
    """It may only be slow."""
    hurried = Gap(Cause.TIMED_OUT, "no answer in time (there were 0.5 s)", hurried=True)
    found = answers(cluster(broker(0, problem=hurried), broker(1), broker(2)))
    assert said("brokers-answer", git(), found) == [
        "unknown broker 0: no answer in time (there were 0.5 s)"
    ]


def test_brokers_agree() -> None:
    """One that did not answer tells no other story."""
    assert said("brokers-agree", git(), answers()) == []
    silent = cluster(broker(0), broker(1), broker(2, told=()))
    assert said("brokers-agree", git(), answers(silent)) == []


def test_brokers_tell_different_stories() -> None:
    """Who says what."""
    found = cluster(broker(0, told=(0, 1)), broker(1, told=(0, 1)), broker(2))

    assert said("brokers-agree", git(), answers(found)) == [
        "warn broker 2: knows of brokers 0, 1, 2, while brokers 0, 1 know of brokers 0, 1"
    ]


def disk(
    number: int, used_percent: float = 10, total: int = 100 * GIB, problem: str = ""
) -> LogDir:
    """A log directory."""
    usable = round(total * (1 - used_percent / 100))
    return LogDir(number, f"/data-{number}", total, usable, total - usable, problem)


def disks(*found: LogDir) -> Kafka:
    """A cluster with these."""
    return cluster(log_dirs=list(found))


def test_directories_are_online() -> None:
    """Nothing is said of them then."""
    assert said("log-dirs-online", git(), answers(disks(disk(0), disk(1)))) == []


def test_directory_is_offline() -> None:
    """Another broker that said nothing is unknown, not fine."""
    gaps = {"kafka.log_dirs.1": Gap(Cause.TIMED_OUT, "broker 1 did not answer: no answer")}
    found = disks(disk(0, problem="KAFKA_STORAGE_ERROR"))

    assert said("log-dirs-online", git(), answers(found, gaps=gaps)) == [
        "fail broker 0: /data-0: KAFKA_STORAGE_ERROR",
        "unknown: broker 1 did not answer: no answer",
    ]


@pytest.mark.parametrize(
    ("percent", "said_"),
    [
        (74.9, ["pass: at most 75 % used"]),
        (75, ["warn broker 1: /data-1: 75 % used, limit 85 %", "pass: at most 75 % used"]),
        (85, ["fail broker 1: /data-1: 85 % used, limit 85 % [resources]", "pass: at most 85 % used"]),
        (100, ["fail broker 1: /data-1 is full (100.0 GiB): nothing can be written any more [resources]",
               "pass: at most 100 % used"]),
    ],
)  # fmt: skip
def test_disks_fill_up(percent: float, said_: list[str]) -> None:
    """First a warning, then a want of resources."""
    found = answers(disks(disk(0), disk(1, percent)))

    assert said("disk-fill", git(), found) == said_


def test_limits_of_disks_are_the_intents() -> None:
    """verify.disk."""
    found = answers(disks(disk(0, 50)))

    assert said("disk-fill", git(disk=Disk(20, 40)), found) == [
        "fail broker 0: /data-0: 50 % used, limit 40 % [resources]",
        "pass: at most 50 % used",
    ]


def test_sizes_that_are_not_told_are_no_room() -> None:
    """Of one directory, and of all directories of a silent broker."""
    quiet = LogDir(1, "/data-1", -1, -1, 5)
    gaps = {"kafka.log_dirs.2": Gap(Cause.TIMED_OUT, "broker 2 did not answer: no answer")}

    statuses = {
        each.split(" ")[0].strip(":")
        for each in said("disk-fill", git(), answers(disks(disk(0), quiet), gaps=gaps))
    }
    assert statuses == {"pass", "unknown"}
    assert "pass: at most 0 % used" not in said("disk-fill", git(), answers(disks(quiet)))


def test_disks_of_a_broker_are_added_up() -> None:
    """Two halves are as much as one whole."""
    found = disks(disk(0, 60), disk(0, 60), disk(1, 20), disk(2, 20))

    assert said("disk-skew", git(), answers(found)) == [
        "warn: broker 0 uses 60 % (120.0 GiB), broker 1 20 % (20.0 GiB)"
    ]


def test_larger_disks_hold_more() -> None:
    """What is as full as the others is no skew, whatever its size."""
    found = disks(disk(0, 50), disk(1, 50, total=1000 * GIB))

    assert said("disk-skew", git(), answers(found)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [(40, 20), (19, 1), (0, 0), (30, 30)],
)
def test_disks_are_alike_or_nearly_empty(one: float, other: float) -> None:
    """Twice as much is allowed; what is below a fifth hurts nobody."""
    assert said("disk-skew", git(), answers(disks(disk(0, one), disk(1, other)))) == []


def test_one_broker_has_nothing_to_be_compared_with() -> None:
    """Nor have two of which one does not say its sizes."""
    assert said("disk-skew", git(), answers(disks(disk(0, 90)))) == []
    quiet = LogDir(1, "/data-1", -1, -1, 5)
    assert said("disk-skew", git(), answers(disks(disk(0, 90), quiet))) == []


def configs(*brokers: dict[str, Setting]) -> Kafka:
    """A cluster whose brokers have these settings."""
    return cluster(broker_configs=dict(enumerate(brokers)))


@pytest.mark.parametrize(
    "setting",
    [
        Setting("2", "static"),
        Setting("2", "default"),
        Setting("2.0", "broker", "1"),
    ],
)
def test_a_setting_is_as_git_says(setting: Setting) -> None:
    """Wherever a broker has it from."""
    wanted = git(config={"min.insync.replicas": 2})
    found = configs({"min.insync.replicas": setting}, {"min.insync.replicas": setting})

    assert said("brokers-config", wanted, answers(found)) == ["pass: 2 brokers"]


def test_a_setting_that_was_changed_while_brokers_ran() -> None:
    """Once for all brokers that have it so, with where it was set."""
    changed = {"unclean.leader.election.enable": Setting("true", "default", "false")}
    own = {"unclean.leader.election.enable": Setting("true", "broker", "false")}
    wanted = git(config={"unclean.leader.election.enable": False})

    assert said("brokers-config", wanted, answers(configs(changed, changed, own))) == [
        "fail broker 2: unclean.leader.election.enable is true (set on it alone while it ran), desired false",
        "fail brokers 0, 1: unclean.leader.election.enable is true (set on all brokers while they ran), desired false",
    ]
    assert said("brokers-config", git(), answers(configs(changed))) == [
        "fail broker 0: unclean.leader.election.enable is true (set on all brokers while they ran), Git"
        " says nothing of it; Kafka's default is false"
    ]


def test_settings_of_a_file_that_is_another_one() -> None:
    """What Git does not say, and what it says and the file does not have."""
    found = configs(
        {
            "auto.create.topics.enable": Setting("true", "static", "true"),
            "log.retention.hours": Setting("1", "static", "168"),
            "num.io.threads": Setting("8", "kafka", "8"),
        }
    )

    assert said("brokers-config", git(config={"num.io.threads": 16}), answers(found)) == [
        "fail broker 0: log.retention.hours is 1 (in its file), Git says nothing of it; Kafka's default is 168",
        "fail broker 0: num.io.threads is 8 (Kafka's default), desired 16",
    ]


def test_what_strimzi_writes_is_no_difference() -> None:
    """Nor what a plugin has, of which brokers tell nothing, nor throttles, which another check tells."""
    found = configs(
        {
            "listeners": Setting("TLS-9093://0.0.0.0:9093"),
            "listener.security.protocol.map": Setting("TLS-9093:SSL"),
            "leader.replication.throttled.rate": Setting("1000", "broker"),
            # Of authorizers that Strimzi had until 1.0.
            "opa.authorizer.url": Setting("http://opa"),
            "strimzi.authorization.client.id": Setting("kafka"),
        }
    )

    assert said("brokers-config", git(config={"rsm.config.a": "b"}), answers(found)) == [
        "pass: 1 broker"
    ]


def test_brokers_that_do_not_tell_their_settings() -> None:
    """Are not called fine."""
    gaps = {"kafka.broker_configs.2": Gap(Cause.TIMED_OUT, "broker 2 did not answer")}

    assert said("brokers-config", git(), answers(configs({}, {}), gaps=gaps)) == [
        "unknown: broker 2 did not answer",
        "pass: 2 brokers",
    ]


def test_settings_of_which_git_says_nothing_at_all() -> None:
    """Where no Kafka object was found, nobody knows what should be."""
    nothing = Desired("dev", ())
    found = configs({"log.retention.hours": Setting("1", "static", "168")})

    for check in ("brokers-config", "authorizer"):
        assert said(check, nothing, answers(found)) == [
            "skip: no Kafka object is known that says how it should be"
        ]
