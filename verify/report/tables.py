"""Topics, groups and access rules as a cluster has them beside what Git says; rows for tables."""

from generator.common.sanitize import one_line
from verify.checks.groups import stuck, total_lag, uncommitted
from verify.checks.topics import config_differences
from verify.desired import Desired, WantedTopic
from verify.live.live import Group, Kafka, Live, LiveAcl, LiveTopic

Rows = list[dict[str, object]]

TOPIC_COLUMNS = ("topic", "state", "partitions", "replicas", "under_replicated", "config")
GROUP_COLUMNS = ("group", "verdict", "state", "members", "lag", "limit")
ACL_COLUMNS = ("principal", "permission", "operation", "resource", "host", "desired", "live")


def topics(desired: Desired, live: Live) -> Rows:
    """Every topic of either side: what Git says stands beside where it differs."""
    kafka = _kafka(live)
    names = sorted({*desired.topics, *(n for n, each in kafka.topics.items() if not each.internal)})
    return [
        _topic(name, desired.topics.get(name), kafka.topics.get(name), kafka.configs.get(name, {}))
        for name in names
    ]


def _kafka(live: Live) -> Kafka:
    return live.kafka or Kafka("", "")


def _topic(
    name: str, wanted: WantedTopic | None, found: LiveTopic | None, config: dict[str, str]
) -> dict[str, object]:
    partitions = found.partitions if found else ()
    factors = sorted({len(each.replicas) for each in partitions})
    config_differs = (
        [one_line(each, 120) for each in config_differences(wanted, config)]
        if wanted and found
        else []
    )
    count, says = _beside([len(partitions)] if found else [], wanted.partitions if wanted else None)
    factor, says_too = _beside(factors, wanted.replicas if wanted else None)
    state = _state(wanted, found, bool(config_differs) or says or says_too)
    return {
        "topic": one_line(name),
        "state": state,
        "partitions": count,
        "replicas": factor,
        "under_replicated": sum(len(each.isr) < len(each.replicas) for each in partitions),
        "config": config_differs if state == "differs" else [],
    }


def _state(wanted: WantedTopic | None, found: LiveTopic | None, differs: bool) -> str:
    if wanted is None:
        return "not in Git"
    if not wanted.managed:
        return "unmanaged"
    if found is None:
        return "missing"
    return "differs" if differs else "as in Git"


def _beside(found: list[int], wanted: int | None) -> tuple[str, bool]:
    """What is there, with what Git says where that differs; and whether it does."""
    text = ", ".join(map(str, found)) or "-"
    differs = wanted is not None and found != [wanted]
    return (f"{text} (Git: {wanted})" if differs else text), differs


def groups(desired: Desired, live: Live) -> Rows:
    """Every consumer group of the cluster, and those that Git expects and that are not there."""
    kafka = _kafka(live)
    limits = desired.settings.groups
    names = sorted({*kafka.groups, *desired.settings.consumes, *limits})
    return [
        _group(name, kafka.groups.get(name), limits[name].max_lag if name in limits else None)
        for name in names
    ]


def _group(name: str, group: Group | None, limit: int | None) -> dict[str, object]:
    row: dict[str, object] = {"group": one_line(name), "verdict": "not seen", "limit": limit}
    if group is None:
        return {**row, "state": "", "members": None, "lag": ""}
    return {
        **row,
        "verdict": _verdict(group, limit),
        "state": one_line(group.state),
        "members": None if group.members < 0 else group.members,
        "lag": f"{total_lag(group, 'first')} → {total_lag(group)}" if group.last else "",
    }


def _verdict(group: Group, limit: int | None) -> str:
    first, last = total_lag(group, "first"), total_lag(group)
    if group.problem:
        return "unknown"
    if not group.last:
        return "no offsets"
    if limit is not None and last > limit:
        return "over its limit"
    if any(each.is_beyond for each in group.last.values()):
        return "beyond the end"
    if any(each.lost for each in group.last.values()):
        return "has lost records"
    if not last:
        return "caught up"
    if not group.members:
        return "stopped"
    if group.window_s and stuck(group):
        return "stuck"
    if uncommitted(group):
        return "never committed"
    return "falls behind" if last > first else "catches up" if last < first else "keeps up"


def acls(desired: Desired, live: Live) -> Rows:
    """Every access rule of either side; who has no rules in Git is left to himself."""
    wanted = {acl for user in desired.users.values() for acl in user.acls or ()}
    found = set(_kafka(live).acls)
    return [_acl(acl, acl in wanted, acl in found) for acl in sorted(wanted | found)]


def _acl(acl: LiveAcl, wanted: bool, found: bool) -> dict[str, object]:
    name = f"{acl.name}*" if acl.pattern == "prefixed" else acl.name
    return {
        "principal": one_line(acl.principal),
        "permission": acl.permission,
        "operation": acl.operation,
        "resource": one_line(f"{acl.resource} {name}"),
        "host": one_line(acl.host),
        "desired": wanted,
        "live": found,
    }
