"""What a text that is no YAML was meant to be: the reader's words -> what people did, and how to mend it."""

import re
from typing import NamedTuple

_MARK = re.compile(r"(<{7}|[|]{7}|={7}|>{7})(?: |$)")
_TAB = re.compile(r" *\t")
_SECOND_COLON = re.compile(r"[^#'\"]*?:\s+[^'\"\[{|>&*!%@`#\s][^'\"]*?(: |:$)")
_IN_BRACKETS = re.compile(r"[\[{,][^'\"]*?:\s+[^'\"\[{,}\]]*?: ")
_CLOSED = {"{": "}", "[": "]"}
_GENERAL = "mind indentation, quotes and brackets here and on the line above; spaces, no tabs"


class Hint(NamedTuple):
    """A finding in people's words."""

    line: int
    column: int
    message: str
    fix: str


def hint(text: str, line: int, column: int, said: str, opened: tuple[int, int]) -> Hint:
    """The most likely cause of a syntax error that the reader saw at a line and column, both from 1.

    `opened` is where that began in which it is.
    """
    lines = text.splitlines()
    for number, each in enumerate(lines, 1):
        if match := _MARK.match(each):
            return Hint(number, 1, f"this is a mark of a merge that Git could not end: {match[1]}",
                        "keep one of the two sides, or both, and take out the lines <<<<<<<, ======= and >>>>>>>")  # fmt: skip
    for number in (line, line - 1):
        here = lines[number - 1] if 0 < number <= len(lines) else ""
        if match := _TAB.match(here):
            return Hint(number, match.end(), "a tab indents this line, and YAML takes only spaces",
                        "write two spaces for each level instead; editors can be told to")  # fmt: skip
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if _SECOND_COLON.match(here) or _IN_BRACKETS.search(here):
        return Hint(line, column, f"this is no YAML: {said}",
                    'a text that has a colon and a space in it wants quotes: "...: ..."')  # fmt: skip
    if "flow" in said or "quoted" in said:
        begun = lines[opened[0] - 1][opened[1] - 1 :][:1] if 0 < opened[0] <= len(lines) else ""
        if begun:
            return Hint(*opened, f"this is no YAML: what {begun} opens here is not closed",
                        f"close it: {_CLOSED.get(begun, begun)}")  # fmt: skip
    return Hint(line, column, f"this is no YAML: {said}", _GENERAL)
