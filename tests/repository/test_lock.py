"""The lock: what is installed, to the byte, wherever somebody follows a page of ours."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
FILES = {
    "requirements.txt": {"build"},
    "requirements-verify.txt": {"verify", "backup"},
    "requirements-dev.txt": {"verify", "backup", "dev"},
}
"""The lock's files, and the extras and groups of pyproject.toml that they bring."""


@dataclass(frozen=True)
class Locked:
    """One package of a lock."""

    version: str
    marker: str
    hashes: frozenset[str]


def _lock(file: str) -> dict[str, Locked]:
    text = (REPOSITORY / file).read_text().replace("\\\n", " ")
    packages: dict[str, Locked] = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            said, *hashes = line.split(" --hash=")
            requirement = Requirement(said.strip())
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            assert requirement.name not in packages
            packages[requirement.name] = Locked(
                pin.version, str(requirement.marker), frozenset(map(str.strip, hashes))
            )
    return packages


def _ranges(names: set[str]) -> Iterator[Requirement]:
    """What pyproject.toml asks for, with these extras and groups."""
    extras, groups = PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]
    said = [*PROJECT["project"]["dependencies"]]
    for name in names:
        for each in extras.get(name) or groups[name]:
            if isinstance(each, dict):
                yield from _ranges({each["include-group"]})
            else:
                said.append(each)
    yield from (each for each in map(Requirement, said) if each.name != PROJECT["project"]["name"])


@pytest.mark.parametrize("file", FILES)
def test_everything_has_hashes(file: str) -> None:
    """Of several files each: a wheel per system, or a wheel and the source."""
    for name, locked in _lock(file).items():
        assert locked.hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in locked.hashes), name


@pytest.mark.parametrize("file", FILES)
def test_no_place_is_named(file: str) -> None:
    """Where packages come from is the business of who installs."""
    text = (REPOSITORY / file).read_text()

    assert not re.search(r"://|^-|^ +--(?!hash=)", text, re.MULTILINE)


@pytest.mark.parametrize("file", FILES)
def test_ranges_are_kept(file: str) -> None:
    """Whoever changes pyproject.toml makes the lock anew."""
    locked = _lock(file)
    for each in _ranges(FILES[file]):
        version = locked[canonicalize_name(each.name)].version
        assert version in each.specifier, f"{each}, but {version} in {file}: .ci/lock"


@pytest.mark.parametrize("file", FILES)
def test_what_is_installed_is_what_was_tested(file: str) -> None:
    """Tests run with what requirements-dev.txt says, of which the others are parts."""
    everything = _lock("requirements-dev.txt")
    for name, locked in _lock(file).items():
        tested = everything[name]
        assert (locked.version, locked.hashes) == (tested.version, tested.hashes), name


def test_oldest_python_is_the_one_supported() -> None:
    """The lock is made for it and all that came after."""
    (version,) = re.findall(r"--python-version (\S+)", (REPOSITORY / ".ci/lock").read_text())

    assert PROJECT["project"]["requires-python"] == f">={version}"


@pytest.mark.parametrize(
    "file", ["README.md", ".ci/run", "Dockerfile", ".github/workflows/release.yml"]
)
def test_nothing_else_is_installed(file: str) -> None:
    """Every installation is one from the lock, or of the project alone beside it."""
    text = (REPOSITORY / file).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    installs = re.findall(r"""bin/pip"? +(?:install|wheel) +([^&\n]*)""", "\n".join(lines))

    assert len(installs) >= 3
    for each in installs:
        locked = re.search(r"-r (\S+)", each)
        assert (locked and locked[1] in FILES) or "--no-deps" in each, each
