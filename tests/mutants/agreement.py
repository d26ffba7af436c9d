"""Do we, kubeconform and the API server say the same of mutants of real documents?"""

import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from live.kubernetes_server import KubernetesServer, Refused
from mutants.documents import Document, Mutant, mutants
from mutants.left_out import LEFT_OUT, LeftOut
from support import find_tool

from generator.documents.manifest import Manifest
from generator.validate.newer import file_name
from generator.validate.schemas import Schemas, schema_folders

_STRICT = "?fieldManager=argocd-controller&dryRun=All&fieldValidation=Strict"
_APPLY = "application/apply-patch+yaml"
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_SCHEMAS = Schemas(schema_folders())


def our_refusals(document: Document, schemas: Schemas = _SCHEMAS) -> list[str]:
    """What `validate` says against a document."""
    return [each.message for each in schemas.check(Manifest("extra", document, ("extra", "x")))]


class Server:
    """What a real API server says to a dry run, with strict validation of fields."""

    def __init__(self, kubernetes: KubernetesServer, schemas: Schemas = _SCHEMAS) -> None:
        """`kubernetes` has the definitions of custom resources of which we have the `schemas`."""
        self._kubernetes = kubernetes
        self._schemas = schemas
        self._namespaces: set[str] = set()

    def knows(self, kind: str) -> bool:
        """Whether the server has a kind, given as `apiVersion kind`, and we have its schema."""
        version, _, name = kind.partition(" ")
        try:
            self._kubernetes.template(name, version)
        except KeyError:
            return False
        return any((each / file_name(version, name)).is_file() for each in self._schemas.folders)

    def refusal(self, document: Document) -> str:
        """What it says against a document; nothing when it takes it.

        Manifests come to a server in two ways: they are created, or applied on the server as
        rendered. What one of them refuses is refused. A namespace that is not there is made.
        """
        path = self._path(document)
        if path is None:
            return "no client can send it"
        namespace = document["metadata"].get("namespace")
        if isinstance(namespace, str):
            self._make(namespace)
        ask = self._kubernetes.admin.request
        rendered = self._schemas.settled(Manifest("extra", document, ())).body
        is_there = False
        try:
            ask("POST", path.rpartition("/")[0] + _STRICT, document)
        except Refused as refused:
            is_there = refused.status == HTTPStatus.CONFLICT  # a namespace: it is fine as a new one
            if not is_there:
                return str(refused)
        try:
            ask("PATCH", f"{path}{_STRICT}&force=true", rendered, _APPLY)
        except Refused as refused:
            if not is_there or refused.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                return str(refused)
        return ""

    def _make(self, namespace: str) -> None:
        if namespace not in self._namespaces:
            self._namespaces.add(namespace)
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            with suppress(Refused):
                self._kubernetes.admin.request("POST", "/api/v1/namespaces", body)

    def _path(self, document: Document) -> str | None:
        """Where a client sends a document."""
        metadata = document.get("metadata")
        head = (document.get("apiVersion"), document.get("kind"))
        if not isinstance(metadata, dict) or not all(isinstance(each, str) for each in head):
            return None
        name, namespace = metadata.get("name"), metadata.get("namespace") or "default"
        if (
            not head[0]
            or not isinstance(name, str)
            or name in ("", ".", "..")
            or not isinstance(namespace, str)
        ):
            return None
        try:
            template = self._kubernetes.template(str(head[1]), str(head[0]))
        except KeyError:
            return None
        return template.format(namespace=quote(namespace, safe=""), name=quote(name, safe=""))


def kubeconform_refusals(
    documents: Sequence[Document], schemas: Schemas = _SCHEMAS
) -> list[str] | None:
    """What kubeconform says against each document; None where it is not installed."""
    program = find_tool("kubeconform")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for number, document in enumerate(documents):
            (Path(folder) / f"{number}.json").write_text(json.dumps(document))
        places = [
            f"-schema-location={each}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
            for each in schemas.folders
        ]
        command = [program, "-strict", "-output", "json", *places, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    refused = {
        int(Path(each["filename"]).stem): str(each["msg"])
        for each in json.loads(done.stdout).get("resources") or ()
    }
    return [refused.get(number, "") for number in range(len(documents))]


@dataclass
class Agreement:
    """What came out of asking all of them."""

    asked: int = 0
    refused: int = 0
    disagreements: list[str] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    kubeconform: str = "kubeconform is not installed"

    def add(self, mutant: Mutant, ours: list[str], server: str) -> None:
        """Count what both say of one mutant."""
        self.asked += 1
        self.refused += bool(server)
        if bool(ours) == bool(server):
            return
        said = [("missed", server)] if server else [("refused wrongly", each) for each in ours]
        excuses = [[each for each in LEFT_OUT if each.covers(*one)] for one in said]
        if all(excuses):
            self.left_out.update(each for found in excuses for each in found)
            return
        kind = mutant.document.get("kind")
        self.disagreements.append(f"{said[0][0]}: {kind}: {mutant.what}\n    {said[0][1][:300]}")

    def unused(self) -> list[LeftOut]:
        """What is left out although nothing needs it."""
        return [each for each in LEFT_OUT if each not in self.left_out]


def agreement(server: Server, seed: int, count: int) -> Agreement:
    """Ask all three about mutants, and first about the examples of what is left out."""
    found = Agreement()
    chosen = [*(each.mutant() for each in LEFT_OUT), *mutants(seed, count, server.knows)]
    verdicts = [(our_refusals(each.document), server.refusal(each.document)) for each in chosen]
    for mutant, (ours, theirs) in zip(chosen, verdicts, strict=True):
        found.add(mutant, ours, theirs)
    third = kubeconform_refusals([each.document for each in chosen])
    if third is not None:
        found.kubeconform = _beside_kubeconform(verdicts, third)
    return found


def _beside_kubeconform(verdicts: Iterable[tuple[list[str], str]], third: list[str]) -> str:
    """Kubeconform knows the same schemas, but not what takes two fields to judge."""
    told: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for each, (_, theirs) in zip(third, verdicts, strict=True):
        if bool(each) != bool(theirs):
            told[bool(theirs)][_QUOTED.sub("…", each or theirs)[-100:]] += 1
    lines = [
        f"kubeconform {what}: {told[key].total()}\n"
        + "".join(f"    {times} {message}\n" for message, times in told[key].most_common(5))
        for key, what in ((True, "misses"), (False, "refuses wrongly"))
    ]
    return "".join(lines).rstrip()
