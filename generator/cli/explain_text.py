"""An explanation as text and as data."""

from generator.common.finding import dotted
from generator.documents.manifest import emit, scalar
from generator.intent.explain import Explanation
from generator.intent.resolved import Writing


def as_text(explanation: Explanation) -> str:
    """The value, then one line for every layer that says it, lowest first."""
    value = explanation.value
    lines = [f"{dotted(explanation.path)}{_shown(value)}"]
    rows = [(_title(w), _place(w), _brief(w.value)) for w in explanation.writings]
    widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
    for index, row in enumerate(rows):
        wins = index == len(rows) - 1
        mark = "  <- wins" if wins and len(rows) > 1 and not isinstance(value, dict) else ""
        lines.append(f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}{mark}")
    if explanation.bound:
        bound = explanation.bound
        lines.append(
            f"  bounded to {bound.value} by topicLimits: {bound.layer.title}  {_place(bound)}"
        )
    return "\n".join(lines) + "\n"


def as_data(explanation: Explanation) -> dict[str, object]:
    """The same as plain data."""
    data: dict[str, object] = {
        "path": dotted(explanation.path),
        "value": explanation.value,
        "writings": [
            {"layer": _title(w), "place": _place(w), "value": w.value} for w in explanation.writings
        ],
    }
    if explanation.bound:
        data["bound"] = {"place": _place(explanation.bound), "value": explanation.bound.value}
    return data


def _title(writing: Writing) -> str:
    """The layer, or the topic profile that a layer holds."""
    if writing.path[0] == "topicProfiles":
        return f"profile {writing.path[1]}"
    return writing.layer.title


def _place(writing: Writing) -> str:
    line, column = writing.source.strict.place(writing.path)
    return f"{writing.source.name}:{line}:{column}"


def _shown(value: object) -> str:
    if isinstance(value, dict) and value:
        return ":\n" + "".join(f"  {line}\n" for line in emit(value).splitlines()).rstrip("\n")
    return f" = {_brief(value)}"


def _brief(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(value)}}}" if len(value) <= 6 else f"{{{len(value)} keys}}"
    if isinstance(value, list):
        return f"[{', '.join(str(item) for item in value)}]"
    return scalar(value)
