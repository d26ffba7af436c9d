"""`render`: prove everything first, then make rendered/ match, or only say how it differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from generator.common.cache import Cache, CleanRun, digests_of_files
from generator.common.finding import Finding, has_errors
from generator.common.paths import ENVIRONMENTS, MANIFEST, SHARED, environment_names
from generator.common.progress import Track
from generator.pipeline.memo import Folders, UnknownContentError, render_changed
from generator.pipeline.rendered_folder import Differences, compare, other_folders, write
from generator.validate.schemas import Schemas
from generator.validate.versions import Around, around, oldest


@dataclass(slots=True)
class RenderOutcome:
    """What a render found and did."""

    findings: list[Finding]
    differences: list[Differences] = field(default_factory=list)
    checked: bool = False

    @property
    def differs(self) -> bool:
        """True when rendered/ was not what it should be."""
        return any(self.differences)

    def lines(self, verbose: bool) -> list[str]:
        """Every difference as `what  path`."""
        rows = [row for each in self.differences for row in each.rows()] if verbose else []
        return [f"{what:<8} {path}" for what, path in rows]

    def summary(self) -> str:
        """One line for people."""
        counts = {
            what: sum(len(getattr(each, what)) for each in self.differences)
            for what in ("missing", "stale", "edited", "orphan", "foreign")
        }
        unchanged = sum(each.unchanged for each in self.differences)
        if self.checked:
            said = [f"{count} {what}" for what, count in counts.items() if count]
            state = ", ".join(said) + "; run strimzi-gitops render" if said else "up to date"
            return f"rendered/: {state} ({unchanged} files match)"
        written = counts["missing"] + counts["stale"] + counts["edited"]
        text = f"rendered/: {written} written, {counts['orphan']} removed, {unchanged} unchanged"
        if counts["edited"]:
            text += f"; {counts['edited']} edited by hand and now restored"
        if counts["foreign"]:
            text += f"; {counts['foreign']} foreign left alone (see render --check)"
        return text


@dataclass(frozen=True, slots=True)
class ProvedProject:
    """Everything that is to stand in rendered/, or what is wrong with it."""

    scope: list[str]
    """The folders of rendered/ that this is about."""
    files: dict[str, str]
    """Every file below environments/ with its digest."""
    folders: Folders
    findings: list[Finding]
    uses: dict[str, list[list[Any]]]
    """What is used of every limit, by environment."""
    said: Mapping[str, Around] = field(default_factory=dict)
    """The versions of what is around Strimzi, by folder, where all was rendered."""

    @property
    def count(self) -> int:
        """How many manifests there are."""
        return sum(file.endswith(MANIFEST) for files in self.folders.values() for file in files)


def prove_all(
    root: File,
    names: Sequence[str],
    everything: bool,
    schemas: Schemas,
    cache: Cache,
    track: Track,
    *,
    today: str = "",
    anew: bool = False,
) -> ProvedProject:
    """Render in memory and prove: the short way when little changed, else (or `anew`) the long."""
    scope = [*names, SHARED] if everything else list(names)
    files = digests_of_files(root / ENVIRONMENTS)
    short = None if anew else render_changed(root, scope, files, schemas, cache, today)
    if short is not None:
        return ProvedProject(scope, files, *short)
    from generator.render import render_all

    made = render_all(root, names, schemas, everything, cache, track, today=today)
    folders = made.contents()
    uses = made.uses()
    if not made.findings:
        cache.keep_fine(scope, CleanRun(files, made.count, {}, today, uses))
    said = {each.environment.name: around(each.environment.data) for each in made.environments}
    if said:
        said[SHARED] = oldest(said.values())
    return ProvedProject(scope, files, folders, made.findings, uses, said)


def render_to_disk(
    root: File,
    names: Sequence[str],
    everything: bool,
    check: bool,
    schemas: Schemas,
    cache: Cache,
    track: Track,
    *,
    today: str = "",
) -> RenderOutcome:
    """Render the named environments; with `everything` also what they share and what is gone.

    Nothing is written when anything is wrong, or when `check` only asks.
    """
    proved = prove_all(root, names, everything, schemas, cache, track, today=today)
    if has_errors(proved.findings):
        return RenderOutcome(proved.findings)
    try:
        outcome = _settle(root, everything, check, proved, cache, track)
    except UnknownContentError:
        proved = prove_all(root, names, everything, schemas, cache, track, today=today, anew=True)
        outcome = _settle(root, everything, check, proved, cache, track)
    if not check and not proved.findings:
        digests = {
            folder: {file: content.digest for file, content in contents.items()}
            for folder, contents in proved.folders.items()
        }
        run = CleanRun(proved.files, proved.count, digests, today, proved.uses)
        cache.keep_fine(proved.scope, run)
    cache.save()
    return outcome


def _settle(
    root: File,
    everything: bool,
    check: bool,
    proved: ProvedProject,
    cache: Cache,
    track: Track,
) -> RenderOutcome:
    wanted = dict(proved.folders)
    if everything:
        known = {*environment_names(root), SHARED}
        wanted |= {name: {} for name in other_folders(root, known)}
    outcome = RenderOutcome(proved.findings, checked=check)
    for name, manifests in wanted.items():
        outcome.differences.append(compare(root, name, manifests, cache))
    if not check:
        for differences in outcome.differences:
            write(wanted[differences.folder.name], differences, cache, track)
    return outcome
