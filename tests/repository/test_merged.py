"""What two people changed at once was put together by hand, and not left as Git found it."""

import re
import subprocess

import pytest
from support import REPOSITORY

_MARK = re.compile(rb"^(<{7}|>{7}|[|]{7})( |$)", re.MULTILINE)


def test_no_mark_of_a_merge_is_left() -> None:
    """In no file that is kept, whatever its kind."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True
    )
    files = [REPOSITORY / name for name in listed.stdout.decode().split("\0") if name]

    assert [str(file) for file in files if file.is_file() and _MARK.search(file.read_bytes())] == []
