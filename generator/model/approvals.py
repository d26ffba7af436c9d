"""What waits until somebody answers for it: which approval lets a Job run, or gives an operator its order.

A Job is rendered with `suspend: true` until `approvals:` names it and its word. An order to an operator
knows no waiting, so that it is not rendered at all. Rendering knows no day: whether an approval has
expired is for the guard to say, when the plan shows that the Job begins, or that the order is given.
"""

from generator.model.environment import Environment

SECTION = "approvals"


def approved(environment: Environment, waiting: str, word: str) -> bool:
    """True when an approval names exactly this object, such as Job/restore-x, with exactly this word."""
    return any(
        each["object"] == waiting and each["change"] == word
        for each in environment.section(SECTION).values()
    )
