"""The runbook of an environment: what is backed up, how it is restored, what a rebuild takes.

Environment and manifests -> rendered/ENV/backup/RUNBOOK.md, a text for people. What a short render takes
for unchanged is not told here: of topics it has names and files, and no settings (see pipeline/memo.py, which goes the
long way wherever there is a backup, so that what one is expected to hold may be told).
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.common.kinds import kind_of, names_of
from generator.common.paths import EXTRA
from generator.common.units import format_duration_ms
from generator.contract.recovery import Expected, told
from generator.contract.secrets import needed_secrets
from generator.documents.manifest import Manifest, page, scalar
from generator.intent.sections import ArgocdSection
from generator.model.backups.backup_topics import EXCLUDED
from generator.model.backups.backups import Backup, Run, backups, by_topic
from generator.model.backups.drills import drill
from generator.model.backups.restores import KIND, PREFIX
from generator.model.environment import Environment
from generator.resources.backups._objects import AREA
from generator.resources.runbook.examples import (
    SUFFIX,
    UNTIL_MS,
    example_run,
    example_topic,
    look_inside,
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
_LEFT_OUT = ("KafkaTopic",)
"""Whose bodies a short render does not make."""


@dataclass(frozen=True)
class Runbook:
    """The file; written only when somebody asks for its content."""

    environment: Environment
    manifests: Sequence[Manifest]
    sizes: Mapping[str, Expected]
    """What each backup is expected to hold."""

    @cached_property
    def digest(self) -> bytes:
        """A short name of what it holds."""
        return sha256(self.content()).hexdigest()[:16].encode()

    @cached_property
    def _page(self) -> bytes:
        facts = _facts(self.environment, self.manifests, self.sizes)
        return page(str(_template().render(facts)))

    def content(self) -> bytes:
        """The whole file, with a header that says whose it is."""
        return self._page


def runbooks(
    environment: Environment, manifests: Sequence[Manifest], sizes: Mapping[str, Expected]
) -> dict[str, Runbook]:
    """The runbook by its file below rendered/ENV; none where nothing is backed up."""
    return {FILE: Runbook(environment, manifests, sizes)} if backups(environment) else {}


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


def _facts(
    environment: Environment, manifests: Sequence[Manifest], sizes: Mapping[str, Expected]
) -> dict[str, object]:
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
        "backups": [_backup(environment, each, sizes.get(each.name, Expected(unsaid=each.topics))) for each in found],
        "held": len(held),
        "excluded": _listed(topic.name for topic in left if topic.backup == EXCLUDED),
        "unheld": _listed(topic.name for topic in left if topic.backup != EXCLUDED),
        "argocd": _argocd(environment, argocd),
        "extra": any(each.area == EXTRA for each in manifests),
        "verified": "image" in environment.data.get("verify", {}),
        "by_hand": {"suffix": SUFFIX, "until_ms": UNTIL_MS},
        "identities": ", ".join(code(each.name) for each in found
                                if "workloadIdentity" in each.storage.settings),
        "claims": sorted({each.storage.claim for each in found if each.storage.claim}),
        "pools": sorted(each.name for each in environment.cluster.node_pools),
        "strimzi": environment.data["strimzi"],
        "fulls": [run.name for each in found if not each.incremental for run in each.runs],
        "secrets": needed_secrets(cluster, (each.body for each in manifests
                                            if each.kind not in _LEFT_OUT)),
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


def _backup(environment: Environment, backup: Backup, holds: Expected) -> dict[str, object]:
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
        "recovery_s": backup.recovery_s,
        "back": told(holds.size_bytes, backup.rate) if holds.size_bytes or not holds.unsaid else "",
        "beside": holds.beside(),
        "deadline_s": backup.deadline_s,
        "drill": drill(environment, backup),
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
