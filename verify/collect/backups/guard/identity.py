"""Whose records a set holds: the cluster and the topics by their ids, which names alone do not tell.

Kafka counts offsets anew in a topic that was deleted and made again, and in a cluster that was rebuilt: a set that went on
there would hold two histories, and none of the records below the offset that it had reached.
"""

from collections.abc import Iterator

import msgspec

from generator.contract.backup import SetIdentity, TopicIdentity
from verify.collect.backups.guard.lock import time_of
from verify.collect.backups.guard.source import Source
from verify.collect.backups.guard.writer import Writer, small
from verify.collect.backups.manifest import SetManifest

IDENTITY = "strimzi-gitops-identity.json"


def known(writer: Writer, backup_id: str) -> SetIdentity | None:
    """What is known of a set; None where nobody has written it down, or nobody can read it."""
    content = small(writer, f"{backup_id}/{IDENTITY}")
    try:
        return None if content is None else msgspec.json.decode(content, type=SetIdentity)
    except msgspec.DecodeError:
        return None


def of(source: Source) -> SetIdentity:
    """Whose records a set holds that is read from there."""
    topics = {name: TopicIdentity(each.id, each.partitions) for name, each in source.topics.items()}
    return SetIdentity(cluster_id=source.cluster_id, topics=topics)


def strangers(
    identity: SetIdentity | None, said: SetManifest | None, source: Source
) -> Iterator[str]:
    """Why the set is not of what Kafka has now; where no id is known, offsets alone can tell."""
    if identity is not None and identity.cluster_id not in ("", source.cluster_id):
        yield f"it is a set of the cluster {identity.cluster_id}, and this is {source.cluster_id}"
        return
    others = set()
    for name, topic in sorted((identity.topics if identity else {}).items()):
        now = source.topics.get(name)
        if now is not None and now.id != topic.id:
            others.add(name)
            yield (f"the topic {name} was deleted and made again since: the set holds records of the one with the id"
                   f" {topic.id}, and Kafka has one with the id {now.id}")  # fmt: skip
    for name, held in sorted(said.topics.items() if said else ()):
        if name in others or name not in source.topics:
            continue
        for number, (_, end) in sorted(source.topics[name].ends.items()):
            reached = held.partitions[number].through + 1 if number in held.partitions else 0
            if reached > end:
                yield (f"the set holds {name}[{number}] up to offset {reached - 1}, and Kafka's own ends at"
                       f" {end - 1}: it was deleted and made again, or has lost records")  # fmt: skip
                break


def written(
    writer: Writer, backup_id: str, old: SetIdentity | None, source: Source, now_s: float, sum_: str
) -> None:
    """Write down whose set it is, now that it is proved; of topics that are gone what was known stays known."""
    every = {**(old.topics if old else {}), **of(source).topics}
    found = SetIdentity(1, source.cluster_id, dict(sorted(every.items())), time_of(now_s), sum_)
    content = msgspec.json.format(msgspec.json.encode(found), indent=2)
    writer.put(f"{backup_id}/{IDENTITY}", content)
