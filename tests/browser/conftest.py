"""What tests of pages share."""

from collections.abc import Iterator

import pytest
from browser.chrome import Chrome, find_chrome


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A Chromium for all tests here; they are skipped where there is none."""
    program = find_chrome()
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with Chrome(program, tmp_path_factory.mktemp("chromium")) as started:
        yield started
