"""Texts from clusters made safe to look at: nothing hides, reorders, colours or breaks a line."""

import re

_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff"
)
"""Controls (escapes of terminals among them), what turns text round, and what takes no room."""
_SPELLED = re.compile(f"[{_UNSEEN}]")


def spelled(text: str) -> str:
    """The text with everything spelled out that nobody would see, as JSON does; lines stay."""
    return _SPELLED.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    # Beyond 16 bits JSON wants two halves; UTF-16 is what makes them.
    raw = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{raw[at : at + 2].hex()}" for at in range(0, len(raw), 2))


def one_line(text: str, width: int = 0) -> str:
    """The text on one line, spelled out, and shortened to `width` characters where one is given."""
    line = spelled(re.sub(r"[ \t\r\n]+", " ", text).strip())
    return f"{line[: width - 1]}…" if width and len(line) > width else line
