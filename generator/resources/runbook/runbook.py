"""The runbook of an environment: what is backed up, how it is restored, what a rebuild takes.

Environment and manifests -> rendered/ENV/backup/RUNBOOK.md, a text for people. What a short render takes
for unchanged is not told here: of topics it has names and files, and no settings (see pipeline/memo.py).
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.common.kinds import kind_of, names_of
from generator.common.paths import EXTRA
from generator.common.units import format_duration_ms
from generator.documents.manifest import Manifest, page, scalar
from generator.intent.sections import ArgocdSection
from generator.model.backups.backup_topics import EXCLUDED
from generator.model.backups.backups import Backup, Run, backups, by_topic
from generator.model.backups.restores import KIND, PREFIX
from generator.model.environment import Environment
from generator.resources.backups._objects import AREA
from generator.resources.runbook.by_hand import (
    NAME,
    SUFFIX,
    UNTIL_MS,
    example_run,
    example_topic,
    look_inside,
    objects,
)
from generator.resources.runbook.storages import list_command, manifest_command, place

if TYPE_CHECKING:
    from jinja2 import Template

FILE = f"{AREA}/RUNBOOK.md"
TEMPLATE = File(__file__).parent / "runbook.md.j2"
MAX_LISTED = 300
"""Of so many names a list is still read; of more, the folder and the count say more."""

_KINDS = tuple(sorted(names_of("rebuild"), key=lambda name: kind_of(name).rebuild))
"""What a cluster is made of, in the order of a rebuild."""
_WITH_SECRET = ("tls", "scram-sha-512")
"""How KafkaUsers log in to whom the User Operator gives a Secret (Strimzi 1.2.0, KafkaUserModel)."""


@dataclass(frozen=True)
class Runbook:
    """The file; written only when somebody asks for its content."""

    environment: Environment
    manifests: Sequence[Manifest]

    @cached_property
    def digest(self) -> bytes:
        """A short name of what it holds."""
        return sha256(self.content()).hexdigest()[:16].encode()

    @cached_property
    def _page(self) -> bytes:
        return page(str(_template().render(_facts(self.environment, self.manifests))))

    def content(self) -> bytes:
        """The whole file, with a header that says whose it is."""
        return self._page


def runbooks(environment: Environment, manifests: Sequence[Manifest]) -> dict[str, Runbook]:
    """The runbook by its file below rendered/ENV; none where nothing is backed up."""
    return {FILE: Runbook(environment, manifests)} if backups(environment) else {}


@cache
def _template() -> "Template":
    from jinja2 import Environment as Jinja
    from jinja2 import StrictUndefined

    jinja = Jinja(autoescape=False, undefined=StrictUndefined, trim_blocks=True,  # noqa: S701 (Markdown)
                  keep_trailing_newline=True)  # fmt: skip
    jinja.filters |= {"code": code, "scalar": scalar, "sh": shlex.quote, "time": _time}
    return jinja.from_string(TEMPLATE.read_text(encoding="utf-8"))


def code(value: object) -> str:
    """A value in code, in which nothing is Markdown or HTML, on one line and in one cell of a table."""
    seen = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return "`" + " ".join(seen.replace("`", "'").replace("|", "\N{BROKEN BAR}").split()) + "`"


def _time(seconds: int) -> str:
    return format_duration_ms(seconds * 1000)


def _facts(environment: Environment, manifests: Sequence[Manifest]) -> dict[str, object]:
    """Everything that the template names."""
    found = backups(environment)
    held = by_topic(found)
    left = [topic for topic in environment.topics.values() if topic.name not in held]
    argocd = environment.data.get("argocd", {})
    cluster = environment.cluster.name
    return {
        "environment": environment.name,
        "namespace": environment.namespace,
        "cluster": cluster,
        "folder": f"rendered/{environment.name}",
        "backups": [_backup(environment, each) for each in found],
        "held": len(held),
        "excluded": _listed(topic.name for topic in left if topic.backup == EXCLUDED),
        "unheld": _listed(topic.name for topic in left if topic.backup != EXCLUDED),
        "argocd": _argocd(environment, argocd),
        "extra": any(each.area == EXTRA for each in manifests),
        "verified": "image" in environment.data.get("verify", {}),
        "by_hand": {"name": NAME, "suffix": SUFFIX, "until_ms": UNTIL_MS},
        "ca_secrets": [f"{cluster}-{ca}-ca{part}"
                       for ca in ("cluster", "clients") for part in ("", "-cert")],
        "user_secrets": sorted(_user_secrets(manifests)),
        "storage_secrets": sorted({name for each in found for name in _storage_secrets(each)}),
        "resources": list(_resources(environment, manifests)),
    }  # fmt: skip


def _listed(names: Iterable[str]) -> dict[str, object]:
    """Names as far as they are read, and how many there are."""
    found = sorted(names)
    return {"names": found[:MAX_LISTED], "count": len(found)}


def _argocd(environment: Environment, section: ArgocdSection) -> dict[str, object] | None:
    if "repoURL" not in section:
        return None
    automated = section.get("automated", {})
    enabled = automated.get("enabled", True)
    return {
        "namespace": section["namespace"],
        "application": f"kafka-{environment.name}",
        "heals": enabled and automated.get("selfHeal", True),
    }


def _backup(environment: Environment, backup: Backup) -> dict[str, object]:
    first = example_run(backup)
    settings = backup.settings
    kept = settings.get("retention", {})
    return {
        "name": backup.name,
        "settings": settings,
        "kind": backup.storage.kind,
        "claim": backup.storage.claim,
        "place": place(backup),
        "user": backup.user,
        "incremental": backup.incremental,
        "objective_s": backup.objective_s,
        "deadline_s": backup.deadline_s,
        "retention": ", ".join(f"{word} {kept[word]}" for word in ("age", "size") if word in kept),
        "topics": len(backup.topics),
        "runs": [
            {"name": run.name, "shown": _starter(backup, run), "stop": _switch(backup, run, "true"),
             "start": _switch(backup, run, "false"), "folder": backup.folder(run),
             "topics": _listed(run.topics), "patterns": [p for p in run.include if p not in run.topics],
             "list": list_command(backup, run), "manifest": manifest_command(backup, run)}
            for run in backup.runs
        ],
        "order": backup.engine.order(KIND, PREFIX, "after-incident"),
        "order_kind": backup.engine.kubectl(KIND) if backup.engine.group else "",
        "example": example_topic(first),
        "example_file": _file_of(environment, first),
        "objects": objects(environment, backup, first),
        "pod": look_inside(environment, backup),
    }  # fmt: skip


def _starter(backup: Backup, run: Run) -> str:
    """What begins its runs."""
    return " ".join(backup.engine.starter(backup.name, run.object_name))


def _switch(backup: Backup, run: Run, suspend: str) -> str:
    """What kubectl is told to stop or to start them: a CronJob of an operator is not ours to change."""
    engine, said = backup.engine, suspend
    for key in reversed(("spec", *engine.suspend_path)):
        said = f'{{"{key}":{said}}}'
    kind, name = engine.starter(backup.name, run.object_name)
    how = " --type merge" if engine.group else ""  # kubectl's usual way knows no other kinds
    return f"patch {engine.kubectl(kind)} {name}{how} -p '{said}'"


def _file_of(environment: Environment, run: Run) -> str:
    from generator.resources._metadata import dns_name

    name = dns_name(example_topic(run))
    return f"rendered/{environment.name}/topics/kafkatopic-{name}.yaml"


def _user_secrets(manifests: Iterable[Manifest]) -> Iterator[str]:
    """The Secrets that the User Operator makes, each called as its user."""
    for manifest in manifests:
        if manifest.kind == "KafkaUser":
            spec = manifest.body.get("spec") or {}
            if (spec.get("authentication") or {}).get("type") in _WITH_SECRET:
                yield manifest.name


def _storage_secrets(backup: Backup) -> Iterator[str]:
    """The Secrets with which a backup comes to its storage; nobody but people has made them."""
    yield from (name for name, _ in backup.storage.variables.values())
    if backup.storage.secret_file:
        yield backup.storage.secret_file[0]


def _resources(
    environment: Environment, manifests: Sequence[Manifest]
) -> Iterator[dict[str, object]]:
    """What the cluster is made of: by kind, with every object and its file, or the folder alone."""
    for kind in _KINDS:
        mine = [each for each in manifests if each.kind == kind]
        if mine:
            folders = sorted({f"rendered/{environment.name}/{each.area}/" for each in mine})
            yield {
                "kind": kind,
                "count": len(mine),
                "folders": folders,
                "objects": [
                    {"name": each.name, "topic": each.body.get("spec", {}).get("topicName", ""),
                     "file": f"rendered/{environment.name}/{each.file}"}
                    for each in mine
                ] if len(mine) <= MAX_LISTED else [],
            }  # fmt: skip
