"""Quotas of a backup's user, which bound nothing: the engine must never be throttled.

It takes the empty answer to a fetch that is throttled for the end of the partition, and calls the run
a success (kafka-backup-core 0.25.2, backup/engine.rs, "no records and no progress"; measured).
"""

from generator.model.environment import Environment

UNTHROTTLED = {"consumerByteRate": 2**31 - 1, "requestPercentage": 2**31 - 1}
"""The highest rates that Strimzi takes."""


def quotas_of_backup(environment: Environment) -> dict[str, int]:
    """Rates of its own in place of those that the cluster has for users that say none.

    Quotas of type strimzi know no users, only principals that they leave out.
    """
    said = environment.cluster.settings.get("quotas", {})
    if said.get("type") == "strimzi":
        return {}
    return {key: rate for key, rate in UNTHROTTLED.items() if key in said}
