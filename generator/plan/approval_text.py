"""What a plan proposes to those who answer for its changes: lines of intent, by the folder where they work."""

import re
from collections.abc import Iterable

from generator.documents.manifest import emit
from generator.model.approvals import SECTION
from generator.plan.change import Change

_SHOWN = 20
_HEAD = f"{SECTION}:\n"
_NAME = 60
"""How long the name of a proposed approval may be; a number may follow."""


def approvals_by_folder(changes: Iterable[Change], day: str) -> dict[str, list[str]]:
    """The approvals that let these changes through, without the section's own line, each once."""
    found: dict[str, dict[str, None]] = {}
    for change in changes:
        if change.blocked and change.approvable:
            lines = approval_for(change, day).removeprefix(_HEAD)
            for folder in change.approve_in:
                found.setdefault(folder, {})[lines] = None
    return {folder: list(lines) for folder, lines in sorted(found.items())}


def help_for(changes: Iterable[Change], day: str) -> str:
    """How to approve what is blocked: the lines for every folder; empty where no approval helps."""
    parts = []
    for folder, approvals in approvals_by_folder(changes, day).items():
        lines = _HEAD + "".join(approvals[:_SHOWN])
        if len(approvals) > _SHOWN:
            lines += f"  # and {len(approvals) - _SHOWN} more; --format json has them all\n"
        parts.append(f"to approve, in a file in {folder}:\n\n{lines}")
    return "\n".join(parts)


def approval_for(change: Change, day: str) -> str:
    """The lines of intent that would approve a change until a day, or until it may be at most."""
    if change.approve_until and day[:1].isdigit():
        day = min(day, change.approve_until)
    said = binding_of(change)
    said |= {"reason": "<why it is acceptable>", "owner": "<team>", "expires": day}
    lines = "".join(f"    {emit({key: value})}" for key, value in said.items())
    return f"{SECTION}:\n  {change.approve_as or name_for(change)}:\n{lines}"


def binding_of(change: Change) -> dict[str, object]:
    """What in an approval says which change it is for."""
    said: dict[str, object] = {"object": f"{change.kind}/{change.name}", "change": change.what}
    if change.becomes is not None:
        said["to"] = change.becomes
    if change.wants_proof:
        said["backupProof"] = change.wants_proof
    return said


def name_for(change: Change) -> str:
    """What an approval of the change may be called."""
    what = change.what.removeprefix("spec.").removeprefix("config.")
    name = re.sub(r"[^a-z0-9]+", "-", f"{change.name} {what}".lower()).strip("-")
    return name[:_NAME].strip("-")
