"""What changes of topics and users do that others notice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, drop, edited, make, nothing, put

TEXT = CLUSTER + (
    "topics: {orders: {}}\n"
    "applications: {app: {consumes: [orders]}, scram: {produces: [orders], authentication: scram-sha-512}}\n"
)
USER, SCRAM, TOPIC = "KafkaUser/app", "KafkaUser/scram", "KafkaTopic/orders"
SUPER = put("Kafka/events", "spec kafka authorization superUsers", ["CN=app"])
DEFAULTS = put("Kafka/events", "spec kafka quotas", {"type": "kafka", "producerByteRate": 1048576})
OF_STRIMZI = put("Kafka/events", "spec kafka quotas", {"type": "strimzi"})
PASSWORD = {"valueFrom": {"secretKeyRef": {"name": "mine", "key": "p"}}}

PREFIXED = [
    {"resource": {"type": "topic", "name": "ord", "patternType": "prefix"}, "operations": ["All"]}
]


def _acls(*resources: tuple[str, str]) -> Callable[..., Any]:
    acls = [
        {"resource": {"type": kind, "name": name}, "operations": ["Read"]}
        for kind, name in resources
    ]
    return put(USER, "spec authorization acls", acls)


def _grant(operation: str = "Read", name: str = "orders", kind: str = "topic", **said: Any) -> Any:
    resource = {"type": kind, "name": name} | said.pop("resource", {})
    return {"resource": resource, "operations": [operation], **said}


def _grants(*grants: Any) -> Callable[..., Any]:
    return put(USER, "spec authorization acls", [*grants])


def _quotas(**said: int) -> Callable[..., Any]:
    return put(USER, "spec quotas", said)


DENIED: Any = {"type": "deny"}
PREFIX: Any = {"resource": {"patternType": "prefix"}}
OPEN = put("Kafka/events", "spec kafka authorization", None)


def _super(name: str) -> Callable[..., Any]:
    return put("Kafka/events", "spec kafka authorization superUsers", [name])


def _quota(rate: int) -> Callable[..., Any]:
    return put(USER, "spec quotas", {"producerByteRate": rate})


def _cleanup(policy: str | None) -> Callable[..., Any]:
    return put(TOPIC, "spec config cleanup.policy", policy)


def _elsewhere(edit: Callable[..., Any]) -> Callable[..., Any]:
    return all_of(put(TOPIC, "metadata labels strimzi.io/cluster", "other"), edit)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # groups, and the last reader
        (_grants(_grant(name="a", kind="group")), _grants(_grant(name="a", kind="group", host="192.0.2.1")),
         ["client-visible: loses Read on group a; a client that uses it is refused",
          "dynamic: gains Read on group a from 192.0.2.1"]),
        (_acls(("topic", "orders"), ("group", "a")), _acls(("topic", "orders"), ("group", "b")),
         ["client-visible: loses Read on group a; a client that uses it is refused",
          "client-visible: group a becomes b, which has no committed offsets: by its"
           " auto.offset.reset it skips what is there or reads all again",
          "dynamic: gains Read on group b"]),
        (nothing, _acls(("group", "a")),
         ["client-visible: loses Read on group app, Read on topic orders; a client that uses it"
           " is refused",
          "client-visible: nobody reads orders any more",
          "client-visible: group app becomes a, which has no committed offsets: by its"
           " auto.offset.reset it skips what is there or reads all again",
          "dynamic: gains Read on group a"]),
        (nothing, drop(USER),
         ["client-visible: app may do nothing any more: ACLs and quotas go; its certificate is"
           " valid on; after a revert it gets new credentials",
          "client-visible: nobody reads orders any more"]),
        (put(USER, "spec authorization acls", PREFIXED), drop(USER),
         ["client-visible: app may do nothing any more: ACLs and quotas go; its certificate is"
           " valid on; after a revert it gets new credentials",
          "client-visible: nobody reads orders any more"]),
        (nothing, drop(SCRAM),
         ["client-visible: scram is locked out: credentials, ACLs and quotas go; after a revert"
           " it gets new credentials",
          "client-visible: nobody writes orders any more"]),
        (SUPER, all_of(SUPER, drop(USER)),
         ["client-visible: app's certificate is valid on, and no ACL binds it: whoever has it"
           " still gets in; after a revert it gets new credentials",
          "client-visible: nobody reads orders any more"]),
        # logins
        (nothing,
         add("KafkaUser", {"authentication": {"type": "tls"}}, labels={"strimzi.io/cluster": "events"}),
         ["dynamic: a new user; its Secret is made by the User Operator"]),
        (nothing,
         add("KafkaUser", {"authentication": {"type": "tls-external"}}, labels={"strimzi.io/cluster": "events"}),
         ["dynamic: a new user without a Secret: how it logs in is decided elsewhere"]),
        (nothing, put(SCRAM, "spec authentication password", PASSWORD),
         ["client-visible: the password changes at once: clients need the new one"]),
        (put(SCRAM, "spec authentication password", PASSWORD), nothing,
         ["no-effect: the password stays what it is"]),
        (nothing, put(USER, "spec authentication renewalDays", 60),
         ["dynamic: a certificate that expires by then is renewed at once"]),
        # quotas
        (all_of(DEFAULTS, _quota(2097152)), DEFAULTS,
         ["client-visible: producerByteRate 2Mi/s to 1Mi/s, the cluster's default: above it the"
           " client is slowed down"]),
        (DEFAULTS, all_of(DEFAULTS, _quota(2097152)),
         ["dynamic: producerByteRate 1Mi/s to 2Mi/s"]),
        (DEFAULTS, all_of(DEFAULTS, _quota(1048576)),
         ["no-effect: producerByteRate stays 1Mi/s, the cluster's default"]),
        (_quota(2097152), nothing,
         ["dynamic: producerByteRate 2Mi/s to unlimited"]),
        (OF_STRIMZI, all_of(OF_STRIMZI, _quota(2097152)),
         ["no-effect: the cluster's quotas are of type strimzi, under which no quota of a user"
           " acts"]),
        (put(USER, "metadata annotations", {"strimzi.io/pause-reconciliation": "true"}),
         all_of(put(USER, "metadata annotations", {"strimzi.io/pause-reconciliation": "true"}), _quota(1)),
         ["ignored: nothing of it is applied while the user is paused"]),
        # topics
        (put(TOPIC, "spec config min.insync.replicas", 2),
         put(TOPIC, "spec config min.insync.replicas", 1),
         ["protection-loss: min.insync.replicas 2 to 1: acknowledged records may be on 1 of 3"
           " brokers only, and lost with them"]),
        (nothing, put(TOPIC, "metadata name", "other"),
         ["data-loss: Kafka cannot rename: orders is deleted with its data, other starts empty;"
           " read by app; written by scram"]),
        (_elsewhere(_cleanup("compact,delete")), _elsewhere(_cleanup("delete")),
         ["dynamic: cleanup.policy compact,delete to delete: more is kept"]),
        (_elsewhere(_cleanup(None)), _elsewhere(_cleanup("compact")),
         ["data-loss: cleanup.policy delete to compact: all but the latest record of every key"
           " of the topic are deleted",
          "client-visible: writers of records without a key are refused"]),
    ],
)  # fmt: skip
def test_who_notices(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """What somebody loses, and who is left alone."""
    assert edited(tmp_path, TEXT, after, before) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # who goes
        (put(USER, "metadata labels strimzi-gitops/restore", "x"), drop(USER),
         ["dynamic: it goes with the Job or CronJob that alone was this user"]),
        (put(USER, "spec authentication", None), drop(USER),
         ["client-visible: app's ACLs and quotas go",
          "client-visible: nobody reads orders any more"]),
        (put(USER, "spec authentication", {"type": "tls-external"}), drop(USER),
         ["client-visible: app may do nothing any more: ACLs and quotas go; its certificate"
           " is valid on",
          "client-visible: nobody reads orders any more"]),
        (_super("CN=scram"), all_of(_super("CN=scram"), drop(SCRAM)),
         ["client-visible: scram is locked out: credentials, ACLs and quotas go; after a"
           " revert it gets new credentials",
          "client-visible: nobody writes orders any more"]),
        (_super("CN=x"), all_of(_super("CN=x"), drop(USER)),
         ["client-visible: app may do nothing any more: ACLs and quotas go; its certificate"
           " is valid on; after a revert it gets new credentials",
          "client-visible: nobody reads orders any more"]),
        (OPEN, all_of(OPEN, drop(USER)),
         ["client-visible: app's certificate is valid on, and no ACL binds it: whoever has"
           " it still gets in; after a revert it gets new credentials"]),
        # denials
        (_grants(_grant()), _grants(_grant(), _grant("Write", **DENIED)),
         ["client-visible: is denied Write on topic orders, whatever else allows it"]),
        (_grants(_grant(), _grant("Write", **DENIED)), _grants(_grant()),
         ["dynamic: is no longer denied Write on topic orders"]),
        (_grants(_grant(kind="group", name="a", **DENIED)),
         _grants(_grant(kind="group", name="b")),
         ["dynamic: gains Read on group b",
          "dynamic: is no longer denied Read on group a"]),
        # what still covers what goes
        (_grants(_grant()), _grants(_grant(resource={"patternType": "literal"})),
         ["no-effect: the same grants, said otherwise"]),
        (_grants(_grant()), _grants(_grant("All")),
         ["dynamic: gains All on topic orders"]),
        (_grants(_grant("All")), _grants(_grant()),
         ["client-visible: loses All on topic orders; a client that uses it is refused",
          "dynamic: gains Read on topic orders"]),
        (_grants(_grant()), _grants(_grant(name="ord", **PREFIX)),
         ["dynamic: gains Read on topic ord*"]),
        (_grants(_grant()), _grants(_grant(name="x", **PREFIX)),
         ["client-visible: loses Read on topic orders; a client that uses it is refused",
          "client-visible: nobody reads orders any more",
          "dynamic: gains Read on topic x*"]),
        (_grants(_grant()), _grants(_grant(name="*")),
         ["dynamic: gains Read on topic *"]),
        (_grants(_grant(host="1.2.3.4")), _grants(_grant()),
         ["dynamic: gains Read on topic orders"]),
        (_grants(_grant()), _grants(_grant(host="1.2.3.4")),
         ["client-visible: loses Read on topic orders; a client that uses it is refused",
          "dynamic: gains Read on topic orders from 1.2.3.4"]),
        (_grants(_grant()), _grants(_grant(kind="group")),
         ["client-visible: loses Read on topic orders; a client that uses it is refused",
          "client-visible: nobody reads orders any more",
          "dynamic: gains Read on group orders"]),
        (_grants(_grant(name="ord", **PREFIX)), _grants(_grant(name="ord")),
         ["client-visible: loses Read on topic ord*; a client that uses it is refused",
          "client-visible: nobody reads orders any more",
          "dynamic: gains Read on topic ord"]),
        # topics that a grant is about
        (_grants(_grant(name="*")), _grants(_grant(name="other")),
         ["client-visible: loses Read on topic *; a client that uses it is refused",
          "client-visible: nobody reads orders any more",
          "dynamic: gains Read on topic other"]),
        (_grants(_grant(name="other", **PREFIX)), _grants(_grant()),
         ["client-visible: loses Read on topic other*; a client that uses it is refused",
          "dynamic: gains Read on topic orders"]),
        (nothing, put(SCRAM, "spec authorization acls", [_grant("Describe")]),
         ["client-visible: loses Write on topic orders; a client that uses it is refused",
          "client-visible: nobody writes orders any more",
          "dynamic: gains Describe on topic orders"]),
        (OPEN, all_of(OPEN, _grants(_grant("Write"))),
         ["client-visible: loses Read on group app, Read on topic orders; a client that"
           " uses it is refused",
          "dynamic: gains Write on topic orders"]),
        (nothing, put(USER, "spec authorization", None),
         ["client-visible: loses Read on group app, Read on topic orders; a client that"
           " uses it is refused",
          "client-visible: nobody reads orders any more"]),
        (put(USER, "spec authorization", None), nothing,
         ["dynamic: gains Read on group app, Read on topic orders"]),
        # logins
        (nothing, put(USER, "spec authentication type", "scram-sha-512"),
         ["client-visible: authentication tls to scram-sha-512: ACLs and quotas go from CN=app to app, as"
           " which clients have to log in at the same moment; the certificate leaves its Secret, and is"
           " valid on; a password comes, in its Secret"]),
        (nothing, put(SCRAM, "spec authentication type", "tls"),
         ["client-visible: authentication scram-sha-512 to tls: ACLs and quotas go from scram to CN=scram,"
           " as which clients have to log in at the same moment; the password is deleted; a certificate is"
           " made, in its Secret"]),
        (put(USER, "spec authentication", None), nothing,
         ["client-visible: authentication none to tls: ACLs and quotas go from app to CN=app, as which"
           " clients have to log in at the same moment; a certificate is made, in its Secret"]),
        (put(SCRAM, "spec authentication", None), nothing,
         ["dynamic: authentication none to scram-sha-512: a password comes, in its Secret"]),
        (nothing, put(SCRAM, "spec authentication", None),
         ["client-visible: authentication scram-sha-512 to none: the password is deleted"]),
        (nothing, put(USER, "spec authentication type", "tls-external"),
         ["client-visible: authentication tls to tls-external: the certificate leaves its Secret, and is"
           " valid on"]),
        (put(USER, "spec authentication type", "tls-external"), nothing,
         ["dynamic: authentication tls-external to tls: a certificate is made, in its Secret"]),
        (nothing, put(USER, "spec authentication validityDays", 10),
         ["dynamic: takes effect when the certificate is made next"]),
        (nothing, put(USER, "spec template", {"secret": {"metadata": {"labels": {"a": "b"}}}}),
         ["dynamic: labels and annotations of its Secret only"]),
        (nothing, put(USER, "spec unheard", 1),
         ["unknown: the User Operator applies it; with what effect is not known here"]),
        # quotas
        (_quotas(producerByteRate=2048), _quotas(producerByteRate=1024),
         ["client-visible: producerByteRate 2Ki/s to 1Ki/s: above it the client is slowed"
           " down"]),
        (_quotas(producerByteRate=1024), _quotas(producerByteRate=2048),
         ["dynamic: producerByteRate 1Ki/s to 2Ki/s"]),
        (nothing, _quotas(producerByteRate=1024, requestPercentage=50),
         ["client-visible: producerByteRate unlimited to 1Ki/s: above it the client is"
           " slowed down",
          "client-visible: requestPercentage unlimited to 50: above it the client is slowed"
           " down"]),
        (_quotas(producerByteRate=1024, requestPercentage=50), _quotas(requestPercentage=50),
         ["dynamic: producerByteRate 1Ki/s to unlimited"]),
        (_quotas(requestPercentage=50), _quotas(producerByteRate=1024, requestPercentage=50),
         ["client-visible: producerByteRate unlimited to 1Ki/s: above it the client is"
           " slowed down"]),
        (all_of(DEFAULTS, _quotas(consumerByteRate=1024)), DEFAULTS,
         ["dynamic: consumerByteRate 1Ki/s to unlimited"]),
        (all_of(DEFAULTS, _quotas(producerByteRate=1024)), DEFAULTS,
         ["dynamic: producerByteRate 1Ki/s to 1Mi/s, the cluster's default"]),
    ],
)  # fmt: skip
def test_grants_and_logins(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """What somebody may do now and before, how fast, and how they show who they are."""
    assert edited(tmp_path, TEXT, after, before) == expected


def test_formats_of_messages_that_ask_for_more(tmp_path: Path) -> None:
    """What the checks hold records against is what readers rely on."""
    text = (
        f"{CLUSTER}messageFormats: {{o: {{type: object, properties: {{a: {{required: [b%s]}}}}}}}}\n"
        "topics: {orders: {messageFormat: o}}\nverify: {image: 'r/v:1'}\n"
    )

    def between(before: str, after: str) -> list[str]:
        root = tmp_path / f"{len(before)}-{len(after)}"
        changes = make(root, text % before, text % after).changes
        return [f"{each.impact}: {each.text}" for change in changes for each in change.effects]

    assert between("", ", at") == [
        "client-visible: messages of orders must have at from now on: writers that leave it out,"
        " or readers of what is there, break"
    ]
    assert between(", at", "") == [
        "no-effect: only how the cluster is verified; no effect on Kafka"
    ]
