"""Grants across teams: who may touch what another team answers for."""

from collections.abc import Iterator

from generator.common.finding import Path
from generator.rules.registry import Flaw, rule
from generator.rules.users.acls import DESCRIBING, beyond_describing
from generator.rules.users.grants import asked_at
from generator.system.grants import SystemAcl
from generator.system.system import OWNER_LABEL, SystemTopic, User


def _team(user: User) -> str | None:
    team = user.manifest.body["metadata"].get("labels", {}).get(OWNER_LABEL)
    return None if team is None or user.admin else str(team)


@rule("acl-prefix-crosses-team")
def prefix_crosses_team(user: User) -> Iterator[Flaw]:
    """A prefix covers topics of the user's own team only.

    Why: with the next topic that the other team makes, the user gets rights that nobody gave it.
    Fix: name the other team's topics one by one, make the prefix longer, or have the team suppress
        this rule for the user.
    Source: Kafka 4.3 documentation, "Authorization and ACLs" (prefixes match whatever comes later);
        '.' and '_' are one, as in metrics' names (org.apache.kafka.common.internals.Topic).
    """
    team = _team(user)
    if team is None:
        return
    for acl in user.acls:
        if acl.resource != "topic" or acl.pattern != "prefix" or not beyond_describing(acl):
            continue
        reach = _of_other_team(user, acl, team) or _reserved_for(user, acl.name, team)
        if reach:
            yield Flaw(_name(user, acl), f"'{acl.name}' reaches {reach}")


def _of_other_team(user: User, acl: SystemAcl, team: str) -> str:
    """A topic of another team below the prefix; what is written is another rule's matter."""
    if DESCRIBING.union({"Write"}).issuperset(acl.operations):
        return ""
    topic: SystemTopic | None = next(user.system.topic_index.of_others(acl.name, team), None)
    return f"{topic.name} of {topic.owner}" if topic else ""


def _reserved_for(user: User, prefix: str, team: str) -> str:
    """Another team's prefix above or below this one, unless the user's team has a nearer one."""
    prefixes = user.system.policy.naming.team_prefixes
    own = [_flat(each) for each in prefixes.get(team, ()) if prefix.startswith(each)]
    flat = _flat(prefix)
    for other, theirs in sorted(prefixes.items()):
        for each in theirs if other != team else ():
            foreign = _flat(each)
            meets = foreign.startswith(flat) or flat.startswith(foreign)
            if meets and not any(mine.startswith(foreign) for mine in own):
                return f"what begins with '{each}', which {other} owns"
    return ""


def _flat(name: str) -> str:
    return name.replace(".", "_")


@rule("acl-cross-team-write")
def cross_team_write(user: User) -> Iterator[Flaw]:
    """Only a topic's own team writes to it, and teams that the topic names as writers.

    Why: who answers for a topic answers for what is in it, and has to know who puts it there.
    Fix: have the owner add the team to the topic's writers.
    Source: our own convention; Kafka knows no owners.
    """
    team = _team(user)
    if team is None:
        return
    for acl in user.acls:
        if acl.resource != "topic" or not acl.allows("Write") or acl.name == "*":
            continue
        topic = next((each for each in _covered(user, acl, team)
                      if not _may_write(each, team)), None)  # fmt: skip
        if topic:
            yield Flaw(_name(user, acl), f"it writes to {topic.name}, which {topic.owner} owns",
                       f"add {team} to the writers of {topic.name}, if {topic.owner} agrees")  # fmt: skip


def _covered(user: User, acl: SystemAcl, team: str) -> Iterator[SystemTopic]:
    if acl.pattern == "prefix":
        yield from user.system.topic_index.of_others(acl.name, team)
        return
    topic = user.system.by_topic.get(acl.name)
    if topic is not None and topic.owner not in (None, team):
        yield topic


def _may_write(topic: SystemTopic, team: str) -> bool:
    """True for a writer that the topic names, and where failed records of any consumer go."""
    intent = topic.intent
    return intent is not None and bool(
        team in intent.writers or intent.dead_letter_of or intent.retry_of
    )


def _name(user: User, acl: SystemAcl) -> Path:
    place = asked_at(user, acl)
    return (*place, "resource", "name") if place == acl.path else place
