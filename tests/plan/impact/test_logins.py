"""What a revert brings back of how a user logged in."""

from typing import Any

import pytest

from generator.documents.manifest import Manifest
from generator.plan.impact import Pair
from generator.plan.impact.logins import other_login

TLS, EXTERNAL, SCRAM = ({"type": name} for name in ("tls", "tls-external", "scram-sha-512"))
OWN = SCRAM | {"password": {"valueFrom": {"secretKeyRef": {"name": "mine", "key": "password"}}}}


def _user(authentication: Any) -> Manifest:
    spec = {"authentication": authentication} if authentication else {}
    return Manifest("users", {"kind": "KafkaUser", "metadata": {"name": "a"}, "spec": spec}, ())


@pytest.mark.parametrize(
    ("before", "after", "reversible"),
    [
        (TLS, SCRAM, False),
        (SCRAM, TLS, False),
        (SCRAM, None, False),
        (OWN, TLS, True),
        (None, TLS, True),
        (EXTERNAL, SCRAM, True),
    ],
)
def test_credentials_that_are_made_do_not_come_back(
    before: Any, after: Any, reversible: bool
) -> None:
    """A password of one's own does, and where there was nothing, nothing is lost."""
    (effect,) = other_login(Pair(_user(before), _user(after), None, None))

    assert effect.reversible is reversible
