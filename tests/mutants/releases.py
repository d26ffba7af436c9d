"""Mutants of Strimzi's kinds in the versions of the API that a release of it serves."""

from collections.abc import Iterator

from mutants.documents import Mutant, copy_of, mutants, originals

from generator.common.strimzi.releases import release, releases

RELEASES = [each.version for each in releases()]
_GROUPS = ("kafka.strimzi.io/", "core.strimzi.io/")


def apis(version: str) -> tuple[str, ...]:
    """The versions of the API that all kinds of a release are served in."""
    return release(version).apis


def of_release(api: str, seed: int, count: int) -> Iterator[Mutant]:
    """The real documents of Strimzi's kinds as if written in a version of the API, and so many mutants."""
    for documents in (each for kind, each in originals().items() if kind.startswith(_GROUPS)):
        for document in documents:
            yield _in(api, Mutant(copy_of(document), "as it is"))
    for mutant in mutants(seed, count, lambda kind: kind.startswith(_GROUPS)):
        if _is_strimzi(mutant):
            yield _in(api, mutant)


def _is_strimzi(mutant: Mutant) -> bool:
    head = f"{mutant.document.get('apiVersion')} {mutant.document.get('kind')}"
    return head in originals() and head.startswith(_GROUPS)


def _in(api: str, mutant: Mutant) -> Mutant:
    group = str(mutant.document["apiVersion"]).partition("/")[0]
    return Mutant(mutant.document | {"apiVersion": f"{group}/{api}"}, f"{api}: {mutant.what}")
