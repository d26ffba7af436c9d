"""Each fault of the catalogue is told by its check, in its words, and what is printed as its remedy mends it.

pytest -m operators tests/live/faults                 all of them
pytest -m operators tests/live/faults --share 8       every eighth, by the lot of the day
"""

import time
from collections.abc import Iterable, Iterator

import pytest
from live.faults.catalogue import Fault, catalogue
from live.faults.site import DEADLINE_S, Site
from live.faults.told import Told
from operators.site import Strimzi

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]


EVERYTHING = ("*",)


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    """Environments with nothing wrong, as far as somebody has asked for them; one at a time."""
    sites: dict[str, Site] = {}
    yield sites
    for each in sites.values():
        each.remove()


@pytest.fixture
def site(
    sites: dict[str, Site], fault: Fault, strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """The environment of a fault."""
    if fault.where not in sites:
        for name in list(sites):
            sites.pop(name).remove()
        sites[fault.where] = Site(strimzi, tmp_path_factory.mktemp(fault.where), fault.where)
    return sites[fault.where]


@pytest.mark.parametrize("fault", catalogue(), ids=lambda each: each.fault.replace(" ", "-"))
def test_fault(site: Site, fault: Fault) -> None:
    """Made, told, mended by what is printed, and well again."""
    with site.whole_again(fault.undo):
        for line in fault.make:
            site.carry_out(line)
        found = until_told(site, fault)

        if fault.also != EVERYTHING:
            others = found.wrong.keys() - {fault.check, *fault.also}
            assert others == set(), found.text
        assert fault.says in found.says(fault.check), found.text
        assert found.code == fault.code
        assert fault.headline in found.headline, found.text
        remedy = found.remedy(fault.check)
        assert fault.sentence in remedy
        lines = fault.lines or found.commands(fault.check)
        for line in lines:
            site.carry_out(line)
        until_fine(site, fault, lines if _EARLY in remedy else ())


def until_told(site: Site, fault: Fault) -> Told:
    """What is told once the check has noticed."""
    end = time.monotonic() + DEADLINE_S
    while True:
        found = site.verify(*fault.ask)
        if found.wrong.get(fault.check) == fault.status or time.monotonic() > end:
            assert found.wrong.get(fault.check) == fault.status, found.text
            return found


_EARLY = "at the earliest"
"""What stands in a remedy that may have to be done again."""


def until_fine(site: Site, fault: Fault, again: Iterable[str]) -> None:
    """Fail unless the check is fine before long, with some lines of the remedy again and again."""
    end = time.monotonic() + DEADLINE_S
    while (found := site.verify(*fault.ask)).wrong.get(fault.check) and time.monotonic() < end:
        for line in again:
            site.carry_out(line)
    assert fault.check not in found.wrong, found.text
