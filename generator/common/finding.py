"""What was found wrong, where a person has to edit, and how to mend it.

Code that judges yields `Problem`s, which name a key path; `Resolved.locate` turns them into
`Finding`s, which name a file, a line and a column. A leaf: imports nothing of ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

_LONGEST = 2000
"""Of a text for people, whatever values it shows; the middle of a longer one is left out."""

Path = tuple[str | int, ...]
"""A route of mapping keys and list indexes, from the document's root."""


class Severity(StrEnum):
    """How bad it is, worst first: an error fails the command, a warning and an info do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a key path of one environment's resolved intent."""

    path: Path
    message: str
    rule: str
    fix: str = ""
    severity: Severity = Severity.ERROR
    on_key: bool = False
    """Point at the key itself, not at its value."""
    subject: tuple[str, str] | None = None
    """Kind and name of the rendered object that is wrong, when one is."""
    inner: Path = ()
    """Where in that object; list items by their name where they have one."""
    of_size: bool = False
    """Point at the size where nobody but what is built in says it: another size has brought it."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong at one place of one file; sorts by file, line, column, rule.

    Lines and columns count from 1; 0 means that the whole file is meant.
    """

    file: str
    line: int
    column: int
    rule: str
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR
    environments: tuple[str, ...] = ()
    """Whose finding it is, sorted; empty for what is wrong whatever the environment."""

    def __post_init__(self) -> None:
        for name in ("message", "fix"):
            text: str = getattr(self, name)
            if len(text) > _LONGEST:
                kept = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"
                object.__setattr__(self, name, kept)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The findings sorted, equal ones as one: of the worst severity, with all their environments."""
    alike: dict[tuple[str | int, ...], list[Finding]] = {}
    for each in findings:
        key = (each.file, each.line, each.column, each.rule, each.message, each.fix)
        alike.setdefault(key, []).append(each)
    return [_as_one(alike[key]) for key in sorted(alike)]


def _as_one(findings: list[Finding]) -> Finding:
    worst = min((each.severity for each in findings), key=_WORST_FIRST.index)
    names = {name for each in findings for name in each.environments}
    return replace(findings[0], severity=worst, environments=tuple(sorted(names)))


_WORST_FIRST = list(Severity)


def found_in(environment: str, findings: Iterable[Finding]) -> list[Finding]:
    """The findings as those of an environment."""
    return [replace(each, environments=(environment,)) for each in findings]


class FindingsError(Exception):
    """The work cannot go on: `findings` says why, all of it at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = merged(findings)
        super().__init__(f"{len(self.findings)} findings")

    def __reduce__(self) -> tuple[type["FindingsError"], tuple[list[Finding]]]:
        return FindingsError, (self.findings,)


def has_errors(findings: Iterable[Finding]) -> bool:
    """True when one of the findings fails the command."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a hint, or the list of them when it is short, or nothing."""
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if names and len(names) <= 12:
        return f"known here: {', '.join(names)}"
    return ""


def dotted(path: Iterable[str | int]) -> str:
    """A key path as people write it: `topics."a.b".config`; keys with dots are quoted."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += ("." if text else "") + (f'"{key}"' if "." in key or not key else key)
    return text
