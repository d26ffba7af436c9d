"""KafkaUser: grants, quotas, and who somebody is."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from generator.common.changes import MISSING
from generator.common.units import approximate_bytes
from generator.documents.manifest import Body, Manifest
from generator.model.backups.labels import LABEL_OF_DRILL, LABEL_OF_RESET, LABEL_OF_RESTORE
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import PAUSED, Pair, listed, parts
from generator.plan.impact.logins import WITH_SECRET, login_of, other_login
from generator.system.system import System

KIND = "KafkaUser"
_SHOWN = 4
_OF_JOBS = {LABEL_OF_RESTORE, LABEL_OF_RESET, LABEL_OF_DRILL}


def created(pair: Pair) -> Iterator[Effect]:
    """A new user.

    Source: Strimzi 1.2.0, KafkaUserModel.generateSecret.
    """
    if login_of(pair.after) in WITH_SECRET:
        yield Effect(Impact.DYNAMIC, "a new user; its Secret is made by the User Operator")
    else:
        yield Effect(
            Impact.DYNAMIC, "a new user without a Secret: how it logs in is decided elsewhere"
        )


def deleted(pair: Pair) -> Iterator[Effect]:
    """What a user had goes, but for a certificate, which nobody takes back.

    Source: Strimzi 1.2.0, KafkaUserOperator.java (delete: Secret, ACLs, SCRAM credentials, quotas).
    """
    if pair.before and _OF_JOBS & (pair.before.body["metadata"].get("labels") or {}).keys():
        yield Effect(Impact.DYNAMIC, "it goes with the Job or CronJob that alone was this user")
        return
    name = pair.before.name if pair.before else ""
    login = login_of(pair.before)
    if login.startswith("tls") and _may_all(pair):
        text = (
            f"{name}'s certificate is valid on, and no ACL binds it: whoever has it still gets in"
        )
    elif login.startswith("tls"):
        text = f"{name} may do nothing any more: ACLs and quotas go; its certificate is valid on"
    elif login == "scram-sha-512":
        text = f"{name} is locked out: credentials, ACLs and quotas go"
    else:
        text = f"{name}'s ACLs and quotas go"
    if login in WITH_SECRET:
        text += "; after a revert it gets new credentials"
    yield Effect(Impact.CLIENT_VISIBLE, text, reversible=login not in WITH_SECRET)
    yield from _left_alone(pair, _grants(_acls_of(pair.before)))


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec.

    Source: Strimzi 1.2.0, KafkaUserModel.java:350-375, UserController.java.
    """
    if pair.annotation(PAUSED, after=True) == "true":
        yield Effect(Impact.IGNORED, "nothing of it is applied while the user is paused")
        return
    match field.path:
        case ("spec", "authorization", "acls"):
            yield from _acls(pair, field.before, field.after)
        case ("spec", "authorization"):
            before = [] if field.before is MISSING else field.before.get("acls", [])
            after = [] if field.after is MISSING else field.after.get("acls", [])
            yield from _acls(pair, before, after)
        case ("spec", "authentication", "type") | ("spec", "authentication"):
            yield from other_login(pair)
        case ("spec", "authentication", "password", *_) if field.after is not MISSING:
            yield Effect(
                Impact.CLIENT_VISIBLE, "the password changes at once: clients need the new one"
            )
        case ("spec", "authentication", "password", *_):
            yield Effect(Impact.NO_EFFECT, "the password stays what it is")
        case ("spec", "authentication", "renewalDays"):
            yield Effect(Impact.DYNAMIC, "a certificate that expires by then is renewed at once")
        case ("spec", "authentication", *_):
            yield Effect(Impact.DYNAMIC, "takes effect when the certificate is made next")
        case ("spec", "quotas", *_):
            yield from _quotas(pair, field)
        case ("spec", "template", *_):
            yield Effect(Impact.DYNAMIC, "labels and annotations of its Secret only")
        case _:
            yield Effect(
                Impact.UNKNOWN, "the User Operator applies it; with what effect is not known here"
            )


def _may_all(pair: Pair) -> bool:
    """True for whom no ACL binds: without an authorizer, and for super users."""
    system = pair.new or pair.old
    if system is None:
        return False
    said = (system.spec.get("authorization") or {}).get("superUsers") or ()
    name = pair.before.name if pair.before else ""
    return not system.authorized or f"CN={name}" in said


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
        where = "" if self.host == "*" else f" from {self.host}"
        return f"{self.operation} on {self.resource} {self.name}{prefix}".strip() + where

    def covers(self, other: "_Grant") -> bool:
        """True when whoever has this has the other as well."""
        if (self.kind, self.resource) != (other.kind, other.resource):
            return False
        if self.operation not in (other.operation, "All") or self.host not in (other.host, "*"):
            return False
        if self.pattern == "prefix":
            return other.name.startswith(self.name)
        return self.name == "*" or (self.name, self.pattern) == (other.name, other.pattern)


def _acls(pair: Pair, before: Any, after: Any) -> Iterator[Effect]:
    """What somebody may do now, and before.

    Source: Strimzi 1.2.0, SimpleAclOperator.java; Kafka 4.3, StandardAuthorizerData (deny wins).
    """
    old = _grants([] if before is MISSING else before)
    new = _grants([] if after is MISSING else after)
    gone = sorted(old - new, key=lambda grant: grant.text)
    come = sorted(new - old, key=lambda grant: grant.text)
    away = [g for g in gone if g.kind != "deny" and not any(n.covers(g) for n in new)]
    won = [g.text for g in come if g.kind != "deny"]
    denied = [g.text for g in come if g.kind == "deny"]
    freed = [g.text for g in gone if g.kind == "deny"]
    if away:
        text = f"loses {listed([g.text for g in away], _SHOWN)}; a client that uses it is refused"
        yield Effect(Impact.CLIENT_VISIBLE, text)
        yield from _left_alone(pair, away)
        yield from _other_group(away, come)
    if denied:
        yield Effect(
            Impact.CLIENT_VISIBLE, f"is denied {listed(denied, _SHOWN)}, whatever else allows it"
        )
    if won:
        yield Effect(Impact.DYNAMIC, f"gains {listed(won, _SHOWN)}")
    if freed:
        yield Effect(Impact.DYNAMIC, f"is no longer denied {listed(freed, _SHOWN)}")
    if not (away or won or denied or freed):
        yield Effect(Impact.NO_EFFECT, "the same grants, said otherwise")


def _other_group(away: list[_Grant], come: list[_Grant]) -> Iterator[Effect]:
    """A group that takes the place of another one, which alone has committed offsets.

    Source: Kafka 4.3, "auto.offset.reset": what a consumer without a committed offset does.
    """
    old, new = (
        {g.name for g in grants if g.resource == "group" and g.kind != "deny"}
        for grants in (away, come)
    )
    left, taken = sorted(old - new), sorted(new - old)
    if left and taken:
        yield Effect(Impact.CLIENT_VISIBLE, f"group {listed(left)} becomes {listed(taken)}, which has no"
                     " committed offsets: by its auto.offset.reset it skips what is there or reads all again")  # fmt: skip


def _left_alone(pair: Pair, lost: Iterable[_Grant]) -> Iterator[Effect]:
    """Topics that this user was the last one to read or to write.

    Source: generator/system/grants.py: who may read and write by the ACLs of both sides.
    """
    if pair.old is None or pair.new is None or not pair.new.authorized:
        return
    names = {name for grant in lost for name in _covered(grant, pair.new)}
    old, new = pair.old.grants, pair.new.grants
    unread = [each for each in sorted(names) if old.is_read(each) and not new.is_read(each)]
    unwritten = [
        each for each in sorted(names) if old.is_written(each) and not new.is_written(each)
    ]
    if unread:
        yield Effect(Impact.CLIENT_VISIBLE, f"nobody reads {listed(unread)} any more")
    if unwritten:
        yield Effect(Impact.CLIENT_VISIBLE, f"nobody writes {listed(unwritten)} any more")


def _covered(grant: _Grant, system: System) -> Iterator[str]:
    """The topics that a grant is about, as far as they are declared."""
    if grant.resource != "topic" or grant.kind == "deny":
        return
    if grant.pattern == "prefix" or grant.name == "*":
        prefix = "" if grant.name == "*" else grant.name
        yield from (topic.name for topic in system.topic_index.under(prefix))
    elif grant.name in system.by_topic:
        yield grant.name


def _acls_of(manifest: Manifest | None) -> list[Body]:
    """The ACLs of a user as its object says them."""
    said = (manifest.body["spec"].get("authorization") or {}) if manifest else {}
    acls: list[Body] = said.get("acls") or []
    return acls


def _grants(acls: list[Body]) -> set[_Grant]:
    """Every single grant and denial."""
    return {
        _Grant(
            acl.get("type", "allow"), acl["resource"]["type"], acl["resource"].get("name", ""),
            acl["resource"].get("patternType", "literal"), operation, acl.get("host", "*"),
        )
        for acl in acls
        for operation in _operations(acl)
    }  # fmt: skip


def _operations(acl: Body) -> list[str]:
    """What a rule is about; v1beta2 may say a single operation instead.

    Strimzi 0.51.0, AclRule.java.
    """
    single = [acl["operation"]] if acl.get("operation") else []
    return acl.get("operations") or single


def _quotas(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """How fast somebody may be.

    Source: Strimzi 1.2.0, DefaultKafkaQuotasManager.java (the cluster's defaults for users without a quota of
    their own); quotas-plugin, StaticQuotaCallback.java:129 (Strimzi's plugin knows no users).
    """
    cluster: Any = (pair.new.spec.get("quotas") if pair.new else None) or {}
    if cluster.get("type") == "strimzi":
        yield Effect(Impact.NO_EFFECT, "the cluster's quotas are of type strimzi, under which no quota of a"
                     " user acts")  # fmt: skip
        return
    for part in parts(field) if len(field.path) == 2 else (field,):
        key = str(part.path[2])
        usual = cluster.get(key, MISSING) if cluster.get("type") == "kafka" else MISSING
        before, after = (usual if side is MISSING else side for side in (part.before, part.after))
        text = f"{key} {amount(key, before)} to {amount(key, after)}"
        if usual is not MISSING and part.after is MISSING:
            text += ", the cluster's default"
        if before == after:
            yield Effect(
                Impact.NO_EFFECT, f"{key} stays {amount(key, after)}, the cluster's default"
            )
        elif tightens(FieldChange(part.path, before, after)):
            yield Effect(Impact.CLIENT_VISIBLE, f"{text}: above it the client is slowed down")
        else:
            yield Effect(Impact.DYNAMIC, text)


def tightens(field: FieldChange) -> bool:
    """True when a quota allows less than before."""
    return field.before is MISSING or (field.after is not MISSING and field.after < field.before)


def amount(key: str, value: Any) -> str:
    """A quota as people say it: `2Mi/s`."""
    if value is MISSING:
        return "unlimited"
    return f"{approximate_bytes(value)}/s" if key.endswith("ByteRate") else str(value)
