"""KafkaUser: grants, quotas, and who somebody is."""

import json
from collections.abc import Iterator
from typing import Any

from generator.change import MISSING, Effect, FieldChange, Impact
from generator.impact import Pair
from generator.units import approximate_bytes

KIND = "KafkaUser"
_SHOWN = 4


def created(pair: Pair) -> Iterator[Effect]:
    """A new user."""
    del pair
    yield Effect(Impact.DYNAMIC, "a new user; its Secret is made by the User Operator")


def deleted(pair: Pair) -> Iterator[Effect]:
    """Whoever uses the user is locked out, and its credentials are gone."""
    name = pair.before.name if pair.before else ""
    yield Effect(Impact.CLIENT_VISIBLE, f"{name} is locked out: credentials, ACLs and quotas go; after a"
                 " revert it gets new credentials", reversible=False)  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    del pair
    match field.path:
        case ("spec", "authorization", "acls"):
            yield from _acls(field.before, field.after)
        case ("spec", "authorization"):
            before = [] if field.before is MISSING else field.before.get("acls", [])
            after = [] if field.after is MISSING else field.after.get("acls", [])
            yield from _acls(before, after)
        case ("spec", "authentication", "type") | ("spec", "authentication"):
            old = _type_of(field.before)
            new = _type_of(field.after)
            yield Effect(Impact.CLIENT_VISIBLE, f"authentication {old} to {new}: clients need the new"
                         " credentials at the same moment; the old ones are deleted",
                         reversible=False)  # fmt: skip
        case ("spec", "authentication", *_):
            yield Effect(
                Impact.DYNAMIC, "takes effect when the certificate or password is made next"
            )
        case ("spec", "quotas", *_):
            yield from _quotas(field)
        case _:
            yield Effect(Impact.DYNAMIC, "the User Operator applies it")


def _type_of(value: Any) -> str:
    if value is MISSING:
        return "none"
    return str(value.get("type")) if isinstance(value, dict) else str(value)


def _acls(before: Any, after: Any) -> Iterator[Effect]:
    old = _grants([] if before is MISSING else before)
    new = _grants([] if after is MISSING else after)
    lost = [text for key, text in old.items() if key not in new]
    won = [text for key, text in new.items() if key not in old]
    if lost:
        yield Effect(
            Impact.CLIENT_VISIBLE, f"loses {_listed(lost)}; a client that uses it is refused"
        )
    if won:
        yield Effect(Impact.DYNAMIC, f"gains {_listed(won)}")
    if not (lost or won):
        yield Effect(Impact.NO_EFFECT, "the same grants, said otherwise")


def _grants(acls: list[Any]) -> dict[str, str]:
    """Every single grant as a key and as text."""
    found = {}
    for acl in acls:
        resource = acl["resource"]
        name = resource.get("name", "")
        prefix = "*" if resource.get("patternType") == "prefix" else ""
        kind = acl.get("type", "allow")
        for operation in acl.get("operations", ()):
            key = json.dumps([kind, resource, operation, acl.get("host", "*")], sort_keys=True)
            deny = "a denial of " if kind == "deny" else ""
            found[key] = f"{deny}{operation} on {resource['type']} {name}{prefix}".strip()
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def _quotas(field: FieldChange) -> Iterator[Effect]:
    if len(field.path) == 2:
        if field.after is MISSING:
            yield Effect(Impact.DYNAMIC, "its quotas go: nothing slows it down any more")
        else:
            yield Effect(Impact.CLIENT_VISIBLE, "it gets quotas: above them it is slowed down")
        return
    key = str(field.path[2])
    text = f"{key} {_amount(key, field.before)} to {_amount(key, field.after)}"
    tightened = field.before is MISSING or (
        field.after is not MISSING and field.after < field.before
    )
    if tightened:
        yield Effect(Impact.CLIENT_VISIBLE, f"{text}: above it the client is slowed down")
    else:
        yield Effect(Impact.DYNAMIC, text)


def _amount(key: str, value: Any) -> str:
    if value is MISSING:
        return "unlimited"
    return f"{approximate_bytes(value)}/s" if key.endswith("ByteRate") else str(value)
