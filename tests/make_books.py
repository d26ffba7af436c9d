"""Make the books that are made from the product itself: `python tests/make_books.py`.

What they tell comes from docstrings, from the intent's schema and from the commands, so that nobody has to
keep it up by hand; a test says which are stale.
"""

import sys

from books.commands import of_generator, of_verify
from books.intent import of_intent
from support import REPOSITORY

from generator.rules.registry import docs as rules
from verify.checks.registry import docs as checks

COMMAND = "python tests/make_books.py"
_MADE = f"Made by `{COMMAND}`; edits here are lost."


def books() -> dict[str, str]:
    """Every generated book with its text, by its path in the repository."""
    return {
        "environments/REFERENCE.md": of_intent(_MADE),
        "generator/REFERENCE.md": of_generator(_MADE),
        "verify/REFERENCE.md": of_verify(_MADE),
        **{f"generator/rules/{name}": text for name, text in rules.pages().items()},
        **{f"verify/checks/{name}": text for name, text in checks.pages().items()},
    }


def old() -> set[str]:
    """Pages of rules and checks that are there."""
    folders = (REPOSITORY / "generator/rules", REPOSITORY / "verify/checks")
    return {
        path.relative_to(REPOSITORY).as_posix() for each in folders for path in each.glob("*.md")
    }


def main() -> None:
    """Write what has changed, and remove pages of subjects that are gone."""
    made = books()
    for name in sorted(old() - made.keys()):
        (REPOSITORY / name).unlink()
        sys.stdout.write(f"removed {name}\n")
    for name, text in made.items():
        path = REPOSITORY / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            sys.stdout.write(f"written {name}\n")


if __name__ == "__main__":
    main()
