"""What Argo CD would wait for in vain, so that nothing may come after it.

Argo CD 3.5 takes a KafkaTopic that the Topic Operator has let go of for unfinished; so a claim whose volume
is made for its first pod, and a Job that is suspended, or that takes as long as a restore does.
"""

from generator.model.backups import backups, offset_resets, restores
from generator.model.environment import Environment


def has_unfinished(environment: Environment) -> bool:
    """True when something of the environment never becomes healthy by itself, or not before long."""
    claims = any(
        "size" in section.get("storage", {}).get("pvc", {})
        for section in environment.section(backups.SECTION).values()
    )
    unmanaged = any(topic.retire == "keep" for topic in environment.topics.values())
    # An order to an operator is done at once, but for those who have given Argo CD a health check of it.
    waits = any(
        each.operator is None or each.approved
        for found in (restores.restores(environment), offset_resets.offset_resets(environment))
        for each in found
    )
    return claims or unmanaged or waits
