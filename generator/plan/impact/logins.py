"""How KafkaUsers log in: who has a Secret, and what another way changes."""

from collections.abc import Iterator

from generator.documents.manifest import Manifest
from generator.plan.change import Effect, Impact
from generator.plan.impact import Pair

WITH_SECRET = ("tls", "scram-sha-512")
"""Logins for which the User Operator makes a Secret (Strimzi 1.2.0, KafkaUserModel.generateSecret)."""


def login_of(manifest: Manifest | None) -> str:
    """How a user shows who it is."""
    said = manifest.body["spec"].get("authentication") if manifest else None
    return str(said.get("type", "none")) if said else "none"


def other_login(pair: Pair) -> Iterator[Effect]:
    """Another way to show who it is: what stays valid, what goes, and as whom Kafka knows it.

    Source: Strimzi 1.2.0, KafkaUserOperator.java:380-444 (credentials, ACLs and quotas of both names; the Secret),
    KafkaUserModel.java:194 (who has a Secret), 452 (CN=).
    """
    name = pair.after.name if pair.after else ""
    old, new = login_of(pair.before), login_of(pair.after)
    was, becomes = (f"CN={name}" if each.startswith("tls") else name for each in (old, new))
    told = []
    if was != becomes:
        told.append(f"ACLs and quotas go from {was} to {becomes}, as which clients have to log in at the"
                    " same moment")  # fmt: skip
    if old == "scram-sha-512":
        told.append("the password is deleted")
    elif old == "tls":
        told.append("the certificate leaves its Secret, and is valid on")
    if new == "tls":
        told.append("a certificate is made, in its Secret")
    elif new == "scram-sha-512":
        told.append("a password comes, in its Secret")
    text = f"authentication {old} to {new}: {'; '.join(told)}"
    said = pair.before.body["spec"].get("authentication") if pair.before else None
    comes_back = old not in WITH_SECRET or "password" in (said or {})
    if was == becomes and old not in WITH_SECRET:
        yield Effect(Impact.DYNAMIC, text)
    else:
        yield Effect(Impact.CLIENT_VISIBLE, text, reversible=comes_back)
