"""What a version of Argo CD does not know, or takes otherwise, of what manifests ask of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from generator.common.finding import Path, Problem
from generator.common.strimzi.releases import numbers
from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.validate.schemas import at_origin
from generator.validate.versions import ARGO_CD, around

_PREFIX = "argocd.argoproj.io/"
_RULE = "argocd-version"
_UPGRADE = "upgrade Argo CD first"

_WORDS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("sync-options", "Prune=confirm"): ("2.14", "removes the object without asking"),
    ("sync-options", "Delete=confirm"): ("2.14", "removes the object without asking"),
    ("hook", "PreDelete"): ("3.3", "never runs it"),
}
"""By annotation and word: the first version that knows it, and what an older one does."""

_OPTIONS: Final = {
    "Prune": ("3.4", "prunes without asking"),
    "Delete": ("3.4", "deletes without asking"),
}
"""Sync options that an Application as a whole has only later."""


def problems(environment: Environment, manifests: Iterable[Manifest]) -> Iterator[Problem]:
    """What the said version does not know: once of what is rendered, at each place of an extra manifest.

    Source: Argo CD, docs/user-guide/sync-options.md and sync-waves.md at 2.14.21, 3.2.0, 3.3.0 and 3.4.0 (PreDelete
    since 3.3, Prune and Delete of a whole Application since 3.4); its tags (confirm since 2.14.0).
    """
    said = around(environment.data).argocd
    if not said:
        return
    told: set[str] = set()
    for manifest in manifests:
        for path, word, since, effect in _asked(manifest):
            if numbers(said) >= numbers(since):
                continue
            message = f"Argo CD {said} {effect}: {since} is the first that knows {word}"
            problem = Problem(path, message, _RULE, _UPGRADE)
            if manifest.origin[:1] == ("extra",):
                yield at_origin(manifest, problem, _RULE)
            elif message not in told:
                told.add(message)
                yield Problem(ARGO_CD.path, message, _RULE, _UPGRADE)


def _asked(manifest: Manifest) -> Iterator[tuple[Path, str, str, str]]:
    """Words that not every version knows: where, the word, the first version, and what an older one does."""
    annotations = manifest.body.get("metadata", {}).get("annotations") or {}
    for (key, word), (since, effect) in _WORDS.items():
        value = annotations.get(_PREFIX + key)
        if isinstance(value, str) and word in [each.strip() for each in value.split(",")]:
            yield ("metadata", "annotations", _PREFIX + key), word, since, effect
    if manifest.kind != "Application":
        return
    policy = (manifest.body.get("spec") or {}).get("syncPolicy") or {}
    for index, option in enumerate(policy.get("syncOptions") or ()):
        name, _, value = str(option).partition("=")
        if name in _OPTIONS and value in ("confirm", "false"):
            path = ("spec", "syncPolicy", "syncOptions", index)
            yield path, f"{option} of an Application", *_OPTIONS[name]
