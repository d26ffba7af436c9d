"""The short way: when only settings of existing topics changed, only those topics are rendered.

It takes the last faultless run of the same environments as known, and gives up (None) at the
least doubt: another kind of change, any finding, any topic whose dead-letter or retry topics may
change, any section of intent that is not known to stay as it is. A test holds it against the long way in
`render.py` over random changes with every section.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, NamedTuple

from generator.common.cache import Cache, CleanRun
from generator.common.finding import Finding, FindingsError
from generator.common.paths import ENVIRONMENTS, EXTRA, SHARED
from generator.documents.manifest import Manifest
from generator.documents.rendered_files import Content
from generator.documents.source import YAML_SUFFIXES, Source, read_text
from generator.intent.layers import Project
from generator.intent.resolved import Resolved
from generator.intent.schema import check
from generator.intent.sections import (
    ApplicationConsumesSection,
    ApplicationSection,
    Intent,
    SuppressionSection,
    TopicSection,
)
from generator.model.build import build
from generator.model.overrides import apply
from generator.resources import renderers
from generator.resources import topics as kafka_topic
from generator.resources.extra import TEMPLATE_SUFFIX
from generator.rules.registry import all_rules, judge_together
from generator.rules.registry.policy import fits, verdict_of
from generator.system.build import system_of
from generator.system.capacity import NEAR, limits
from generator.system.effective_settings import TopicSettings
from generator.system.system import System, Systems, SystemTopic
from generator.validate.schemas import Schemas

_STRUCTURAL = (
    "profile", "deadLetter", "retries", "owner", "writers", "replicas", "retire",
    "maxMessageSize", "messageFormat", "backup", "config",
)  # fmt: skip
"""Topic settings that concern more than the topic itself: other topics, or users and their quotas."""
_COMPARED = ("partitions", "cleanup")
"""Topic settings that are compared between environments."""


_KNOWN = frozenset({
    "environment", "inherits", "namespace", "size", "protect", "retire", "strimzi", "kubernetes", "cluster",
    "topicDefaults", "topicLimits", "topicProfiles", "topics", "messageFormats", "applications", "users",
    "clientProfiles", "connection", "argocd", "verify", "policy", "overrides",
})  # fmt: skip
"""Sections of which nothing else changes with a topic's own settings; a new one takes the long way until
somebody has looked."""


class UnknownContentError(Exception):
    """A file of the last run is not as that run left it, so its content must be rendered again."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A manifest of the last faultless run, of which only the digest is known."""

    digest: bytes

    def content(self) -> bytes:
        """Nobody knows without rendering it.

        Raises:
            UnknownContentError: always.
        """
        raise UnknownContentError


Folders = dict[str, dict[str, Content]]
Uses = dict[str, list[list[Any]]]


class Before(NamedTuple):
    """What one file of intent said of a topic in the last run."""

    file: str
    own: TopicSection
    now: TopicSection
    """What it says now."""


def render_changed(
    root: File,
    names: Sequence[str],
    files: Mapping[str, str],
    schemas: Schemas,
    cache: Cache,
    today: str,
) -> tuple[Folders, list[Finding], Uses] | None:
    """The folders of rendered/ with every file, or None when the long way must be taken.

    `files` are the digests of all files below environments/; `names` may hold SHARED.
    """
    last = cache.last(names)
    if last is None or not last.folders or last.files.keys() != files.keys() or last.day != today:
        return None
    if any(name.endswith(TEMPLATE_SUFFIX) for name in files):
        return None  # it may tell of any topic
    changed = sorted(name for name, known in last.files.items() if files[name] != known)
    topics: dict[str, Before] = {}
    try:
        for name in changed:
            found = _changed_topics(root, name, last.files[name], cache)
            if found is None or found.keys() & topics.keys():
                return None
            topics |= found
        return _with_topics(root, names, topics, last, schemas, cache)
    except FindingsError:
        return None


def _changed_topics(root: File, name: str, known: str, cache: Cache) -> dict[str, Before] | None:
    """Topics whose settings differ in one file of intent, with the old ones; None for other changes."""
    layer, _, inside = name.partition("/")
    if not layer or inside.startswith(f"{EXTRA}/") or not name.endswith(YAML_SUFFIXES):
        return None
    path = f"{ENVIRONMENTS}/{name}"
    before = cache.data_before(path, known)
    checked = check(Source(path, read_text(root / path, path)))
    after = checked.data
    if before is None or checked.nulls or checked.findings or before.keys() != after.keys():
        return None
    if any(before[section] != after[section] for section in after if section != "topics"):
        return None
    old, new = before.get("topics", {}), after.get("topics", {})
    if old.keys() != new.keys():
        return None
    changed = {
        topic: Before(path, old[topic], own) for topic, own in new.items() if own != old[topic]
    }
    for topic in changed:
        if any(new[topic].get(key) != old[topic].get(key) for key in _STRUCTURAL):
            return None
    return changed


def _with_topics(
    root: File,
    names: Sequence[str],
    topics: Mapping[str, Before],
    last: CleanRun,
    schemas: Schemas,
    cache: Cache,
) -> tuple[Folders, list[Finding], Uses] | None:
    """The known folders with these topics rendered and judged anew; `topics` as they were."""
    project = Project(root, cache)
    folders: Folders = {
        folder: {file: Unchanged(digest) for file, digest in files.items()}
        for folder, files in last.folders.items()
    }
    systems: dict[str, System] = {}
    uses: Uses = {}
    for name in names:
        if name == SHARED:
            continue
        resolved = project.resolve(name)
        mine = _of_this(resolved, topics)
        if mine is None or name not in last.uses:
            return None
        if mine and {name for name, said in resolved.data.items() if said} - _KNOWN:
            return None
        uses[name] = last.uses[name]
        if not mine:
            continue
        before, after = _part(_as_before(resolved, mine), mine), _part(resolved, mine)
        if before is None or after is None:
            return None
        system = after.system
        for manifest in after.manifests:
            if manifest.kind != kafka_topic.KIND:
                continue
            if manifest.file not in folders[name] or any(schemas.check(manifest)):
                return None
            folders[name][manifest.file] = manifest
        if verdict_of(system, resolved.locate, last.day).findings:
            return None
        systems[name] = system
        changed_uses = _changed_uses(last.uses[name], before.system, system)
        if changed_uses is None:
            return None
        uses[name] = changed_uses
    if any(judge_together(Systems(systems))):
        return None
    return folders, [], uses


def _of_this(resolved: Resolved, topics: Mapping[str, Before]) -> dict[str, Before] | None:
    """The changed topics that are this environment's; None when several layers speak of one."""
    mine: dict[str, Before] = {}
    for topic, before in topics.items():
        files = [writing.source.name for writing in resolved.writings(("topics", topic))]
        if before.file in files:
            if len(files) > 1:
                return None
            mine[topic] = before
        elif files and _differ(before, _COMPARED):
            return None
    return mine


def _differ(before: Before, keys: Sequence[str]) -> bool:
    return any(before.own.get(key) != before.now.get(key) for key in keys)


def _as_before(resolved: Resolved, topics: Mapping[str, Before]) -> Resolved:
    """The environment with these topics as they were."""
    earlier = {topic: before.own for topic, before in topics.items()}
    return resolved.with_data({**resolved.data, "topics": {**resolved.data["topics"], **earlier}})


class _Part(NamedTuple):
    """Some topics of an environment, and the system of them and all that they have to do with."""

    manifests: list[Manifest]
    system: System


def _part(resolved: Resolved, topics: Collection[str]) -> _Part | None:
    data = resolved.intent
    mine = {topic: data["topics"][topic] for topic in topics}
    suppressed = data.get("policy", {}).get("suppressions", {}).values()
    if any(_may_change(each, mine) for each in suppressed):
        return None
    alone = {**data, "topics": mine, "applications": _users_of(mine, data), "users": {}}
    environment, problems = build(resolved.with_data(alone))
    if problems or resolved.problems:
        return None
    made = [manifest for render in renderers() for manifest in render(environment)]
    manifests, _ = apply(environment, made)
    system = system_of(manifests, environment.policy, environment)
    return None if system is None else _Part(manifests, system)


def _may_change(suppression: SuppressionSection, topics: Collection[str]) -> bool:
    """True for a suppression that may be needed, or no longer needed, once these topics change."""
    known = all_rules().get(suppression["rule"])
    if known is None or known.judges not in (TopicSettings, SystemTopic):
        return True
    return any(fits(pattern, kafka_topic.KIND, topics) for pattern in suppression["objects"])


def _users_of(topics: Collection[str], data: Intent) -> dict[str, ApplicationSection]:
    """The applications that name one of the topics, without the other topics that they name."""
    found: dict[str, ApplicationSection] = {}
    for name, own in data.get("applications", {}).items():
        consumes = own.get("consumes", {})
        reads: list[str] | dict[str, ApplicationConsumesSection]
        if isinstance(consumes, list):
            reads = [topic for topic in consumes if topic in topics]
        else:
            reads = {topic: said for topic, said in consumes.items() if topic in topics}
        writes = [topic for topic in own.get("produces", ()) if topic in topics]
        if reads or writes:
            found[name] = {**own, "consumes": reads, "produces": writes}
            found[name].pop("streams", None)
    return found


def _changed_uses(known: list[list[Any]], before: System, after: System) -> list[list[Any]] | None:
    """What is used of every limit now; None when that may be news to a rule."""
    old, new = (
        {(team, what): used for team, what, used, _ in limits(system)} for system in (before, after)
    )
    found = []
    for team, what, used, limit in known:
        now = used + new.get((team, what), 0) - old.get((team, what), 0)
        if limit is not None and now > (limit if team else NEAR * limit):
            return None
        found.append([team, what, now, limit])
    return found
