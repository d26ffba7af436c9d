"""What waits until somebody answers for it: which approval lets a Job run, or gives an operator its order.

A Job is rendered with `suspend: true` until `approvals:` names it and its word. An order to an operator
knows no waiting, so that it is not rendered at all. Rendering knows no day: whether an approval has
expired is for the guard to say, when the plan shows that the Job begins, or that the order is given.
"""

from typing import Final

from generator.model.environment import Environment

SECTION: Final = "approvals"

APPROVAL = "strimzi-gitops/approval"
"""The annotation of a Job that waits: the word that an approval must say to let it run."""

RUN, PURGE = "run", "purge"
"""The words: that it may run, and that it may delete what is there before it does."""

ORDERS = ("KafkaRestore", "KafkaOffsetReset", "KafkaOffsetRollback")
"""Kinds that an operator carries out as soon as they are there, and again after every change of their spec."""

EFFECT = "strimzi-gitops/effect"
"""The annotation that tells what such a Job does."""


def approved(environment: Environment, waiting: str, word: str) -> bool:
    """True when an approval names exactly this object, such as Job/restore-x, with exactly this word."""
    return any(
        each["object"] == waiting and each["change"] == word
        for each in environment.data.get(SECTION, {}).values()
    )
