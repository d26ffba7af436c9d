"""Strimzi's CustomResourceDefinitions that store v1, for who prepares for Strimzi 1.0.

Those of the charts of 0.49 to 0.51 store v1beta2. Whoever changes that in the cluster has it changed back by
Argo CD (strimzi-kafka-operator#12225), so Git has to say it: as a second source of the operator's own
Application, where the last source that has an object wins. It stays one Application, so nothing is pruned.
Source: Argo CD 3.5, docs/user-guide/multiple_sources.md; Strimzi 0.51.0, con-api-conversion-v1.adoc.
"""

from collections.abc import Iterator

from generator.common.paths import schemas_folder
from generator.common.strimzi.releases import since
from generator.documents.manifest import Body, Manifest
from generator.documents.source import Source, read_text
from generator.model.environment import Environment

AREA = "strimzi-crds-"
"""What the name of their folder begins with."""


def area_of(environment: Environment) -> str:
    """The folder below rendered/argocd/ for a release; empty where the chart's own will do."""
    if environment.strimzi_stored == environment.release.stored:
        return ""
    return f"{AREA}{environment.release.version}"


def strimzi_crds(environment: Environment) -> Iterator[Manifest]:
    """Every CustomResourceDefinition of the environment's release, storing what the intent asks for."""
    area = area_of(environment)
    if not area:
        return
    files = {
        file.name: file
        for release in reversed(since(environment.release.version))
        for file in (schemas_folder() / "strimzi" / release.version / "crds").glob("*.yaml")
    }
    for name, file in sorted(files.items()):
        body: Body = Source(name, read_text(file, name)).data
        versions = body["spec"]["versions"]
        if any(each["name"] == environment.strimzi_stored for each in versions):
            for each in versions:
                each["storage"] = each["name"] == environment.strimzi_stored
            yield Manifest(area, body, ("strimzi", "storedVersion"))
