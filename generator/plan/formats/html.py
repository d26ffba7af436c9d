"""A plan as one self-contained page: searchable, for phones too, light and dark.

Names and texts come from pull requests of strangers: the template escapes everything, what would
hide or reorder text is spelled out, and the page's policy lets only the template's script run.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.common.kafka_values import shown
from generator.plan.formats.data import ChangeData, EnvironmentData, PlanData

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = File(__file__).parent / "plan.html.j2"

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Controls, what turns the direction of text round, and what takes no room; newlines and tabs stay."""
_NAMED = 3


def as_html(data: PlanData) -> str:
    """The page for a plan's data; it loads nothing from anywhere."""
    environments = data["environments"]
    total = sum(len(each["changes"]) for each in environments)
    return str(_template().render(
        plan={**data, "environments": list(_numbered(environments))}, total=total,
        title=_title(environments, total),
    )) + "\n"  # fmt: skip


def _numbered(environments: list[EnvironmentData]) -> Iterator[dict[str, object]]:
    """The environments, with ids by which links find them and their changes."""
    numbers = count(1)
    for place, each in enumerate(environments, 1):
        changes = [
            {**change, "id": f"c{next(numbers)}", "environment": each["name"]}
            for change in each["changes"]
        ]
        yield {**each, "id": f"e{place}", "changes": changes}


def _title(environments: list[EnvironmentData], count: int) -> str:
    names = [each["name"] for each in environments]
    if not names:
        return "Nothing changes"
    where = f"{len(names)} environments"
    if len(names) <= _NAMED:
        where = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{count} change{'s' * (count != 1)} in {where}"


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, finalize=_visible)  # fmt: skip
    environment.filters |= {
        "digest": _digest, "extent": _extent, "groups": _groups,
        "meaning": _meaning, "plain": _plain, "rows": _rows,
    }  # fmt: skip
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _visible(value: object) -> object:
    """Text with everything spelled out that people would not see; markup of the template is kept."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    return value


def _digest(script: str) -> str:
    """What the page's policy calls a script that may run."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _extent(environment: EnvironmentData) -> str:
    """How much there is to look at in an environment."""
    count, blocked = len(environment["changes"]), environment["blocked"]
    return f"{count} change{'s' * (count != 1)}" + (f", {blocked} blocked" if blocked else "")


def _groups(changes: list[ChangeData]) -> list[tuple[str, list[ChangeData]]]:
    """Changes by impact, in the order in which the plan has them: worst first."""
    return [(impact, list(group)) for impact, group in groupby(changes, itemgetter("impact"))]


def _plain(value: object) -> str:
    """A value in one piece of text."""
    return value if isinstance(value, str) else _json(value)


def _meaning(value: object, field: str) -> str:
    """What a number of a setting means, such as ` (7d)`; empty where that says no more."""
    if ".config." not in field or not isinstance(value, int) or isinstance(value, bool):
        return ""
    said = shown(field, value)
    return "" if said == str(value) else f" ({said})"


def _rows(change: ChangeData) -> list[tuple[str, str]]:
    """The lines of a value that has parts, each with its tag; none for a simple value."""
    before, after = change.get("before"), change.get("after")
    if not any(isinstance(each, list | dict) or "\n" in str(each) for each in (before, after)):
        return []
    old, new = _lines(before), _lines(after)
    rows: list[tuple[str, str]] = []
    for what, start, end, new_start, new_end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if what == "equal":
            rows.append(("span", f"{end - start} unchanged"))
            continue
        rows += [("del", line) for line in old[start:end]]
        rows += [("ins", line) for line in new[new_start:new_end]]
    return rows


def _lines(value: object) -> list[str]:
    """A value with parts, one part a line."""
    if value is None:
        return []
    if isinstance(value, list):
        return [each if isinstance(each, str) else _json(each) for each in value]
    if isinstance(value, dict):
        return [f"{key}: {_json(value[key])}" for key in sorted(value)]
    return str(value).splitlines()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
