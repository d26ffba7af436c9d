"""`render`: prove everything first, then make rendered/ match, or only say how it differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from generator.cache import Cache, digest_of_files
from generator.finding import Finding, has_errors
from generator.inherit import environment_names
from generator.progress import Track
from generator.render import render_all
from generator.resolved import ENVIRONMENTS, SHARED
from generator.schema import Schemas
from generator.write import Differences, compare, other_folders, write


@dataclass(slots=True)
class Outcome:
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


def render_to_disk(
    root: File,
    names: Sequence[str],
    schemas: Schemas,
    everything: bool,
    check: bool,
    cache: Cache,
    track: Track[Any],
) -> Outcome:
    """Render the named environments; with `everything` also what they share and what is gone.

    Nothing is written when anything is wrong, or when `check` only asks.
    """
    intent = digest_of_files(root / ENVIRONMENTS)
    made = render_all(root, names, schemas, everything, cache, track)
    if not made.findings:
        scope = [*names, SHARED] if everything else names
        cache.keep_fine(scope, intent, made.count)
    if has_errors(made.findings):
        return Outcome(made.findings)
    wanted = made.folders()
    if everything:
        known = {*environment_names(root), SHARED}
        wanted |= {name: {} for name in other_folders(root, known)}
    outcome = Outcome(made.findings, checked=check)
    for name, manifests in wanted.items():
        outcome.differences.append(compare(root, name, manifests, cache))
    if not check:
        for differences in outcome.differences:
            write(wanted[differences.folder.name], differences, cache, track)
    cache.save()
    return outcome
