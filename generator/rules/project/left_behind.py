"""Words in manifests that were not meant to come so far: passwords, and what somebody should have replaced."""

import re
from collections.abc import Iterator
from typing import Any

from generator.common.finding import Path
from generator.documents.manifest import Body, Manifest
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_PROVED = ("KafkaTopic", "KafkaUser")
"""Kinds of which there are many, and whose every word another rule or their definition judges."""
_SECRET = re.compile(
    r"(?:.*[._-])?(?:password|passphrase|(?:secret|account|storage)[._-](?:access[._-])?key"
    r"|(?:client|encoder)[._-]secret|sas[._-]token)",
    re.IGNORECASE,
)
_JAAS = re.compile(r"\b(?:password|clientSecret)\s*=\s*\"?(?!\"?\$\{)[^\s\";]", re.IGNORECASE)
_REFERENCE = re.compile(r"\$[({].*[)}]")
_MARK = re.compile(r"__[A-Z][A-Z0-9_]*__|(?i:\b(?:replace|change)[_-]?me\b|<your[-_ ][^>]*>)")
_VARIABLE = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_PLAIN = {"bootstrapHost", "bootstrapServers", "cluster", "host", "image", "name", "namespace",
          "repository", "storageClass", "topicName"}  # fmt: skip
"""Words whose values nobody fills in: neither a shell nor a config provider reads them."""


@rule("password-in-git")
def password(system: System) -> Iterator[Flaw]:
    """No password stands in Git.

    Why: whoever may read the repository, or the object, logs in with it; it stays in the history when it is
        taken out.
    Fix: keep it in a Secret, and read it with a config provider (${secrets:NAMESPACE/NAME:KEY}), or
        secretKeyRef in a variable; take a new password, for this one is known.
    Source: Strimzi 1.2.0 documentation, "Enabling configuration providers"; Kubernetes 1.34 documentation,
        "Good practices for Kubernetes Secrets".
    """
    for manifest in _judged(system):
        for path, value, around in _texts(manifest.body):
            word = (
                str(around.get("name")) if path[-1] == "value" and "env" in path else str(path[-1])
            )
            if not {"config", "env"} & {*path[:-1]}:
                continue
            jaas = word.endswith("sasl.jaas.config")
            plain = value and not _REFERENCE.search(value) and _SECRET.fullmatch(word)
            if _JAAS.search(value) if jaas else plain:
                yield Flaw(path, f"the value of {word} can be read here", on=manifest)


@rule("placeholder-left")
def placeholder(system: System) -> Iterator[Flaw]:
    """Every word that stands for another has been replaced.

    Why: nobody does it later: Argo CD applies what is rendered as it is, and an image or an address of that
        name is nowhere.
    Fix: write what is meant; what differs between environments belongs into their own files.
    Source: Argo CD v3.5.1 documentation, "Build Environment" (variables are filled in for Helm, Kustomize and
        plugins, not for plain manifests).
    """
    for manifest in _judged(system):
        for path, value, _ in _texts(manifest.body):
            found = "\n" not in value and _MARK.search(value)
            if not found and path[-1] in _PLAIN:
                found = _VARIABLE.search(value)
            if found:
                yield Flaw(path, f"'{found[0]}' is still to be replaced", on=manifest)


def _judged(system: System) -> Iterator[Manifest]:
    for kind in sorted(system.others.keys() - set(_PROVED)):
        yield from system.others[kind]


def _texts(node: Body | list[Any], path: Path = ()) -> Iterator[tuple[Path, str, Body]]:
    """Every text of a manifest: its place, what it says, and the mapping that it stands in."""
    around = node if isinstance(node, dict) else {}
    for key, each in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(each, str):
            yield (*path, key), each, around
        elif isinstance(each, (dict, list)):
            yield from _texts(each, (*path, key))
