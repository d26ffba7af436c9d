"""A plan as one self-contained page: searchable, for phones too, light and dark."""

import json
from functools import cache
from pathlib import Path as File
from typing import Any

TEMPLATE = File(__file__).parent / "plan.html.j2"


def as_html(data: dict[str, Any]) -> str:
    """The page for a plan's data; it loads nothing from anywhere."""
    return str(_template().render(plan=data, title=_title(data)))


def _title(data: dict[str, Any]) -> str:
    names = ", ".join(each["name"] for each in data["environments"])
    return f"Plan: {names}" if names else "Plan: nothing changes"


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)  # fmt: skip
    environment.filters["shown"] = _shown
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _shown(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
