"""`spec.kafka.quotas`: whom the cluster slows down."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, listed, parts
from generator.plan.impact.cluster.restarts import readers_of_unknown, restarts
from generator.plan.impact.users import amount, tightens
from generator.system.system import System

_OF_STRIMZI = "strimzi"


def of_quotas(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One quota, or all of them.

    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder.java:811 (withQuotas),
    DefaultKafkaQuotasManager.java; quotas-plugin, StaticQuotaCallback.java:129.
    """
    found = list(_of_quotas(pair, field))
    yield from found or (Effect(Impact.NO_EFFECT, "no quota is said with it"),)


def _of_quotas(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What is to be told of them.

    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder.java:811 (withQuotas); 0.48.0, KafkaReconciler.java:680
    (controllers restart for settings of theirs only); quotas-plugin, StaticQuotaCallback.java:129.
    """
    old, new = (plugin(side) for side in (pair.old, pair.new))
    if _OF_STRIMZI in (old, new):
        why = "Strimzi's quotas are read at the start: "
        yield from restarts(pair, why, readers_of_unknown(pair))
    if old != new and new == _OF_STRIMZI:
        limited = [user.name for user in pair.new.users if user.quotas] if pair.new else []
        whose = f": {listed(limited)}" if limited else ""
        yield Effect(Impact.CLIENT_VISIBLE, f"the quotas of KafkaUsers no longer act{whose}")
    whole = len(field.path) == 3
    for part in parts(field) if whole else (field,):
        key = str(part.path[3])
        if key != "type":
            yield from _quota(pair, key, part, new if part.after is not MISSING else old)
        elif not whole and old != new:
            yield Effect(Impact.CLIENT_VISIBLE, "clients are slowed down by other rules")


def _quota(pair: Pair, key: str, field: FieldChange, kind: str) -> Iterator[Effect]:
    """One of them.

    Source: Strimzi 1.2.0, DefaultKafkaQuotasManager.java (defaults for users without a quota of their own),
    documentation, "Setting limits on brokers using the Kafka Static Quota plugin".
    """
    if key.startswith("minAvailable"):
        said = "" if field.after is MISSING else f" than {field.after}"
        text = f"producers are stopped while a volume has less room{said}"
        done = "nothing stops producers any more when volumes fill up"
        yield (
            Effect(Impact.PROTECTION_LOSS, done)
            if field.after is MISSING
            else Effect(Impact.CLIENT_VISIBLE, text)
        )
        return
    if key == "excludedPrincipals":
        yield Effect(Impact.CLIENT_VISIBLE, "who is not slowed down changes")
        return
    text = f"{key} {amount(key, field.before)} to {amount(key, field.after)}"
    if kind == _OF_STRIMZI:
        whom = "for all clients of a broker together"
    else:
        names = [user.name for user in pair.new.users if key not in user.quotas] if pair.new else []
        whom = "for each user without one of its own: " + (listed(names) or "none is declared")
    impact = Impact.CLIENT_VISIBLE if tightens(field) else Impact.DYNAMIC
    yield Effect(impact, f"{text} {whom}")


def plugin(system: System | None) -> str:
    """The type of the cluster's quotas; empty without any."""
    said: Any = system.spec.get("quotas") if system else None
    return str(said.get("type", "")) if said else ""
