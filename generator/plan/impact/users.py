"""KafkaUser: grants, quotas, and who somebody is."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.common.changes import MISSING
from generator.common.units import approximate_bytes
from generator.documents.manifest import Body
from generator.model.backups.labels import LABEL_OF_DRILL, LABEL_OF_RESET, LABEL_OF_RESTORE
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "KafkaUser"
_SHOWN = 4
_OF_JOBS = {LABEL_OF_RESTORE, LABEL_OF_RESET, LABEL_OF_DRILL}


def created(pair: Pair) -> Iterator[Effect]:
    """A new user."""
    del pair
    yield Effect(Impact.DYNAMIC, "a new user; its Secret is made by the User Operator")


def deleted(pair: Pair) -> Iterator[Effect]:
    """Whoever uses the user is locked out, and its credentials are gone."""
    if pair.before and _OF_JOBS & (pair.before.body["metadata"].get("labels") or {}).keys():
        yield Effect(Impact.DYNAMIC, "it goes with the Job or CronJob that alone was this user")
        return
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


def _type_of(value: object) -> str:
    if value is MISSING:
        return "none"
    return str(value.get("type")) if isinstance(value, dict) else str(value)


class _Grant(NamedTuple):
    """One operation that a rule allows or denies."""

    kind: str
    resource: str
    name: str
    pattern: str
    operation: str
    host: str

    @property
    def text(self) -> str:
        """As people say it: `Write on topic orders`."""
        prefix = "*" if self.pattern == "prefix" else ""
        return f"{self.operation} on {self.resource} {self.name}{prefix}".strip()

    def covers(self, other: "_Grant") -> bool:
        """True when whoever has this has the other as well."""
        if (self.kind, self.resource) != (other.kind, other.resource):
            return False
        if self.operation not in (other.operation, "All") or self.host not in (other.host, "*"):
            return False
        if self.pattern == "prefix":
            return other.name.startswith(self.name)
        return self.name == "*" or (self.name, self.pattern) == (other.name, other.pattern)


def _acls(before: Any, after: Any) -> Iterator[Effect]:
    old = _grants([] if before is MISSING else before)
    new = _grants([] if after is MISSING else after)
    gone = sorted(old - new, key=lambda grant: grant.text)
    come = sorted(new - old, key=lambda grant: grant.text)
    lost = [g.text for g in gone if g.kind != "deny" and not any(n.covers(g) for n in new)]
    won = [g.text for g in come if g.kind != "deny"]
    denied = [g.text for g in come if g.kind == "deny"]
    freed = [g.text for g in gone if g.kind == "deny"]
    if lost:
        text = f"loses {_listed(lost)}; a client that uses it is refused"
        yield Effect(Impact.CLIENT_VISIBLE, text)
    if denied:
        yield Effect(Impact.CLIENT_VISIBLE, f"is denied {_listed(denied)}, whatever else allows it")
    if won:
        yield Effect(Impact.DYNAMIC, f"gains {_listed(won)}")
    if freed:
        yield Effect(Impact.DYNAMIC, f"is no longer denied {_listed(freed)}")
    if not (lost or won or denied or freed):
        yield Effect(Impact.NO_EFFECT, "the same grants, said otherwise")


def _grants(acls: list[Body]) -> set[_Grant]:
    """Every single grant and denial."""
    return {
        _Grant(
            acl.get("type", "allow"), acl["resource"]["type"], acl["resource"].get("name", ""),
            acl["resource"].get("patternType", "literal"), operation, acl.get("host", "*"),
        )
        for acl in acls
        for operation in acl.get("operations", ())
    }  # fmt: skip


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
