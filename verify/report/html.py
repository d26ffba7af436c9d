"""A report as one self-contained page: verdict, checks to search, charts; for phones, paper and the dark.

Names and messages come from a cluster in which strangers may name things: the template escapes
everything, what would hide or reorder text is spelled out, and only the page's own script runs.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path as File
from typing import TYPE_CHECKING, TypedDict

from generator import __version__
from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line, spelled
from generator.contract.report import Outcome, Result, Status
from verify.checks._words import listed
from verify.checks.registry import CheckDoc, all_checks
from verify.report.causes import Cause, split
from verify.report.charts import charts_of
from verify.report.report import Report, closing, folded_under, following, said, short, telling

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

FOLDER = File(__file__).parent / "templates"
_MAX_OUTCOMES = 50
"""How many outcomes of a check the page tells while there is room, and without."""
_FEW_OUTCOMES = 5
_MAX_CHARACTERS = 300_000
"""How much room there is for outcomes."""
_MAX_TEXT = 500
_MAX_SHORT = 200
_TOOLS = r"kubectl|strimzi-(?:gitops|verify)|argocd|kafka-[a-z-]+\.sh|redis-cli|openssl"
_PROSE = "again|and|before|by|for|from|in|is|names|of|on|or|says|shows|tells|then|to|until|when|where|which|with"
_COMMAND = re.compile(
    rf"`([^`]+)`|(?<![\w-])((?:{_TOOLS})(?: (?!(?:{_PROSE})\b)[^ ;`]*[^ ;,:.`])+?)"
    rf"(?=[;,]|: |[.]?$|[.] [A-Z]| (?:{_PROSE})\b)"
)
"""A command within a remedy: quoted, or a known tool's name with what follows until prose goes on."""


class _Check(TypedDict):
    """One check as the template wants it."""

    id: str
    name: str
    group: str
    status: Status
    title: str
    short: str
    outcomes: list[dict[str, object]]
    left: int
    remedy: list[tuple[bool, str]]
    compares: str
    why: str


def as_html(report: Report) -> str:
    """The page of a report; it loads nothing from anywhere, and stays below a megabyte."""
    checks = list(_checks(report))
    ranked = sorted(checks, key=lambda each: -each["status"].badness)
    counts = [(status, report.summary[status]) for status in reversed(Status)]
    folded = report.folded
    ids = {each["name"]: each["id"] for each in checks}
    return str(_template().render(
        title=f"{one_line(report.environment)}: {report.verdict}",
        closing=closing(report).partition(": ")[2],
        tone=_tone(report),
        facts=_facts(report),
        counts=[each for each in counts if each[1]],
        causes=[_cause(each, ids) for each in split(report.causes)[0]],
        blind=[_cause(each, ids) for each in split(report.causes)[1]],
        consequences=[one_line(str(each), _MAX_TEXT) for each in report.consequences],
        wrong=[each for each in ranked
               if each["status"].badness >= Status.WARN.badness and each["name"] not in folded],
        preparation=report.preparation,
        unseen=[(each.reason, listed(each.what)) for each in report.unseen],
        checks=checks,
        groups=[(name, list(some)) for name, some in groupby(checks, lambda each: each["group"])],
        charts=charts_of(report.live),
        program=f"strimzi-verify {__version__}",
        style=_asset("report.css"),
        script=_asset("report.js"),
    )) + "\n"  # fmt: skip


def _cause(cause: Cause, ids: Mapping[str, str]) -> dict[str, object]:
    """A cause with links to the check that tells it and to those that only follow from it."""
    return {
        "headline": one_line(cause.headline, _MAX_TEXT),
        "check": (cause.check, ids[cause.check]) if cause.tells_more else None,
        "told": following(cause).partition(": ")[0],
        "follows": [(each, ids[each]) for each in folded_under(cause)],
    }


def _tone(report: Report) -> str:
    if report.exit_code is ExitCode.FINE:
        return "soft" if report.summary[Status.WARN] else ""
    return "bad"


def _facts(report: Report) -> list[tuple[str, str]]:
    facts = {
        "cluster": report.cluster,
        "namespace": report.namespace,
        "cluster id": report.cluster_id,
        "context": report.context,
        "server": report.server,
        "taken": report.taken_at,
        "took": f"{report.took_s:.1f} s",
        "rounds": str(report.rounds) if report.rounds > 1 else "",
    }
    return [(name, value) for name, value in facts.items() if value]


def _checks(report: Report) -> Iterator[_Check]:
    """Checks as the template wants them, their outcomes bounded: the worst have the first claim."""
    told: dict[int, list[dict[str, object]]] = {}
    room = _MAX_CHARACTERS
    ranked = sorted(enumerate(report.results), key=lambda item: -item[1].status.badness)
    for place, result in ranked:
        told[place] = []
        for outcome in _all_of(result)[:_MAX_OUTCOMES]:
            if room <= 0 and len(told[place]) >= _FEW_OUTCOMES:
                break
            subject, message = (one_line(t, _MAX_TEXT) for t in (outcome.subject, outcome.message))
            told[place].append({"status": outcome.status, "subject": subject, "message": message})
            room -= len(subject) + len(message)
    for place, result in enumerate(report.results):
        doc = _doc(result.check)
        yield {
            "id": f"c{place + 1}", "name": result.check, "group": result.group,
            "status": result.status, "title": result.title, "short": _short(result),
            "outcomes": told[place], "left": len(_all_of(result)) - len(told[place]),
            "remedy": commands(result.remedy), "compares": doc.compares if doc else "",
            "why": doc.why if doc else "",
        }  # fmt: skip


def _short(result: Result) -> str:
    """A check's end in a line that says something of many outcomes, too."""
    found = telling(result)
    line = short(result)
    bad = len(found) > 1 and result.status.badness >= Status.WARN.badness
    return one_line(f"{line}, first {said(found[0])}", _MAX_SHORT) if bad else line


def _all_of(result: Result) -> list[Outcome]:
    """All outcomes, those first that explain the status."""
    fine = [each for each in result.outcomes if each.status.badness < Status.WARN.badness]
    return fine if len(fine) == len(result.outcomes) else [*telling(result), *fine]


def _doc(name: str) -> CheckDoc | None:
    check = all_checks().get(name)
    return check.doc if check else None


def commands(remedy: str) -> list[tuple[bool, str]]:
    """A remedy in pieces, each either a command to run or prose."""
    pieces: list[tuple[bool, str]] = []
    end = 0
    for found in _COMMAND.finditer(one_line(remedy)):
        pieces += [(False, found.string[end : found.start()]), (True, found[1] or found[2])]
        end = found.end()
    pieces.append((False, one_line(remedy)[end:]))
    tidied = [
        (is_command, text.strip(" ") if is_command else text.lstrip(" ,;.:").rstrip(" ,;."))
        for is_command, text in pieces
    ]
    return [piece for piece in tidied if piece[1]]


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, finalize=_visible)  # fmt: skip
    environment.filters["digest"] = _digest
    return environment.from_string((FOLDER / "report.html.j2").read_text(encoding="utf-8"))


@cache
def _asset(name: str) -> "Markup":
    """A part of the page that is ours, so that nothing in it is escaped."""
    from markupsafe import Markup

    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704


def _visible(value: object) -> object:
    """Text with everything spelled out that people would not see; markup of the template is kept."""
    return spelled(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _digest(part: str) -> str:
    """What the page's policy calls a style or script that may work."""
    digest = hashlib.sha256(part.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
