"""Users have the rules, quotas and passwords that Git says, and nobody has others."""

import pytest
from checks.kafka_answers import answers, cluster, git, kafka_user, said
from checks.kubernetes_objects import Body

from verify.live.live import Live, LiveAcl, Setting

READ: Body = {"resource": {"type": "topic", "name": "orders"}, "operations": ["Read", "Describe"]}
GROUP: Body = {
    "resource": {"type": "group", "name": "billing-", "patternType": "prefix"},
    "operations": ["Read"],
    "host": "10.0.0.1",
}
BILLING = kafka_user("billing", "tls", READ, GROUP)
RULES = [
    LiveAcl("User:CN=billing", "allow", "read", "topic", "orders", "literal"),
    LiveAcl("User:CN=billing", "allow", "describe", "topic", "orders", "literal"),
    LiveAcl("User:CN=billing", "allow", "read", "group", "billing-", "prefixed", "10.0.0.1"),
]


def test_rules_are_there() -> None:
    """A user without any is one, too."""
    desired = git(BILLING, kafka_user("quiet", "scram-sha-512"))

    assert said("acls-present", desired, answers(cluster(acls=RULES))) == [
        "pass: 3 rules of 2 users"
    ]
    assert said("acls-extra", desired, answers(cluster(acls=RULES))) == []


def test_rules_are_missing() -> None:
    """Each of them, as kafka-acls.sh has it; a rule for another host is another rule."""
    other_host = LiveAcl("User:CN=billing", "allow", "read", "group", "billing-", "prefixed")
    found = answers(cluster(acls=[RULES[0], other_host]))

    assert said("acls-present", git(BILLING), found) == [
        "fail User:CN=billing: lacks allow describe topic orders,"
        " allow read group billing-* from 10.0.0.1"
    ]


def test_rules_that_git_does_not_say() -> None:
    """Of a user that it knows, and of one that it does not."""
    by_hand = LiveAcl("User:CN=billing", "allow", "all", "cluster", "kafka-cluster", "literal")
    stranger = LiveAcl("User:*", "deny", "write", "topic", "orders", "literal")
    found = answers(cluster(acls=[*RULES, by_hand, stranger]))

    assert said("acls-extra", git(BILLING), found) == [
        "fail User:*: has deny write topic orders that Git does not say",
        "fail User:CN=billing: has allow all cluster kafka-cluster that Git does not say",
    ]


def test_rules_of_strimzi_itself() -> None:
    """Its components come with certificates of the cluster CA (Strimzi 1.2.0: O=io.strimzi)."""
    name = "User:CN=events-entity-topic-operator,O=io.strimzi"
    own = LiveAcl(name, "allow", "all", "topic", "*", "literal")

    assert said("acls-extra", git(BILLING), answers(cluster(acls=[*RULES, own]))) == []


@pytest.mark.parametrize("check", ["acls-present", "acls-extra"])
def test_without_authorization_there_are_no_rules(check: str) -> None:
    """Nor where rules are kept elsewhere."""
    for kind in ("", "custom"):
        assert said(check, git(BILLING, authorization=kind), answers()) == [
            "skip: Kafka has no simple authorization"
        ]


def test_many_wrong_rules_stay_readable() -> None:
    """Ten of a user, fifty users, and numbers."""
    users = [kafka_user(f"u{number:03}", "tls", READ) for number in range(60)]
    found = said("acls-present", git(*users), answers())
    assert (len(found), found[-1]) == (51, "fail: and 10 more like these")

    rules = [LiveAcl("User:x", "allow", "read", "topic", f"t{n:02}", "literal") for n in range(12)]
    (only,) = said("acls-extra", git(BILLING), answers(cluster(acls=rules)))
    assert only.endswith("allow read topic t09 … and 2 more that Git does not say")


def test_quotas_are_as_git_says() -> None:
    """By the name under which Kafka knows the user: a certificate's subject, or the name itself."""
    desired = git(
        kafka_user("billing", "tls", producerByteRate=1048576),
        kafka_user("orders", "scram-sha-512", requestPercentage=55),
        kafka_user("free"),
    )
    found = cluster(quotas={
        "CN=billing": {"producer_byte_rate": 1048576.0}, "orders": {"request_percentage": 55.0},
    })  # fmt: skip

    assert said("quotas", desired, answers(found)) == []
    assert said("quotas", git(), answers()) == []


def test_quotas_differ() -> None:
    """What is not so, not there, and not asked for."""
    desired = git(
        kafka_user("billing", "tls", producerByteRate=1048576, consumerByteRate=5),
        kafka_user("free", "scram-sha-512"),
    )
    found = cluster(quotas={
        "CN=billing": {"producer_byte_rate": 2097152.0}, "free": {"request_percentage": 12.5},
    })  # fmt: skip

    assert said("quotas", desired, answers(found)) == [
        "fail User:CN=billing: consumer_byte_rate is not set, desired 5;"
        " producer_byte_rate is 2097152, desired 1048576",
        "fail User:free: request_percentage is 12.5, desired not set",
    ]


def test_quotas_of_unknown_users() -> None:
    """Set by hand, so a warning; those for one client id of a user, too; what stops everybody is a failure."""
    found = cluster(quotas={
        "stranger": {"producer_byte_rate": 1.0}, "<default>": {"producer_byte_rate": 1.0},
        "billing/client-a": {"producer_byte_rate": 1.0}, "/client-b": {"producer_byte_rate": 1.0},
        "ip 192.0.2.1": {"connection_creation_rate": 5.0},
    })  # fmt: skip

    rest = ": has a quota that Git does not know: producer_byte_rate 1"
    mine = kafka_user("limited", "tls", producerByteRate=5)
    found.quotas["CN=limited"] = {"producer_byte_rate": 5.0}
    assert said("quotas", git(BILLING, mine), answers(found)) == [
        f"fail everybody{rest}; it stops billing",
        f"warn User:billing with client id client-a{rest}",
        f"warn User:stranger{rest}",
        f"warn client id client-b{rest}",
        "warn ip 192.0.2.1: has a quota that Git does not know: connection_creation_rate 5",
    ]


@pytest.mark.parametrize(
    ("rule", "blocked"),
    [
        (("User:CN=billing", "deny", "read", "topic", "orders", "literal"),
         "billing can no longer read topic orders"),
        (("User:*", "deny", "all", "topic", "ord", "prefixed"),
         "billing can no longer describe topic orders, billing can no longer read topic orders"),
        (("User:CN=billing", "deny", "read", "group", "billing-a", "literal", "10.0.0.1"),
         "billing can no longer read group billing-"),
        (("User:*", "deny", "describe", "topic", "*", "literal"),
         "billing can no longer describe topic orders"),
        (("User:CN=billing", "deny", "write", "topic", "orders", "literal"), ""),
        (("User:CN=other", "deny", "read", "topic", "orders", "literal"), ""),
        (("User:CN=billing", "allow", "read", "topic", "orders", "prefixed"), ""),
    ],
)  # fmt: skip
def test_rules_that_deny_tell_who_is_stopped(rule: tuple[str, ...], blocked: str) -> None:
    """What Git allows counts no more."""
    found = answers(cluster(acls=[*RULES, LiveAcl(*rule)]))
    (only,) = said("acls-extra", git(BILLING), found)
    assert only.partition(" that Git does not say")[2] == (f": {blocked}" if blocked else "")


def test_passwords_are_known() -> None:
    """Who comes with a certificate has none."""
    desired = git(kafka_user("orders", "scram-sha-512"), BILLING)

    assert said("scram-users", desired, answers(cluster(scram={"orders": ["SCRAM-SHA-512"]}))) == []


def test_passwords_are_unknown_or_too_many() -> None:
    """One of another mechanism is none: Strimzi makes SCRAM-SHA-512 only."""
    desired = git(kafka_user("orders", "scram-sha-512"), kafka_user("carts", "scram-sha-512"))
    found = cluster(scram={"carts": ["SCRAM-SHA-256"], "left": ["SCRAM-SHA-512"]})

    assert said("scram-users", desired, answers(found)) == [
        "fail carts: brokers do not know this user",
        "fail orders: brokers do not know this user",
        "warn left: Git does not know this user, who may log in",
    ]


STANDARD = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


def ruled(authorizer: str = STANDARD) -> Live:
    """What brokers say of whether rules count."""
    settings = {"authorizer.class.name": Setting(authorizer)}
    return answers(cluster(broker_configs={0: settings, 1: settings}))


def test_rules_count() -> None:
    """Where Git says so, and only there."""
    assert said("authorizer", git(), ruled()) == ["pass: 2 brokers"]
    assert said("authorizer", git(authorization=""), ruled("")) == ["pass: 2 brokers"]


def test_another_authorizer() -> None:
    """Without one everybody may do everything."""
    assert said("authorizer", git(), ruled("")) == [
        f"fail brokers 0, 1: the authorizer is missing, desired {STANDARD}"
    ]
    assert said("authorizer", git(authorization=""), ruled()) == [
        f"fail brokers 0, 1: the authorizer is {STANDARD}, desired none"
    ]
    assert said("authorizer", git(authorization="custom"), ruled()) == [
        "skip: Kafka has authorization custom, whose class Git does not say"
    ]
