"""Objects of Strimzi's that say nothing: an API server may take them, and nobody can do anything with them."""

from collections.abc import Iterator

from generator.common.finding import Problem
from generator.common.kinds import STRIMZI_GROUP
from generator.documents.manifest import Manifest
from generator.validate.schemas import at_origin


def check(manifest: Manifest) -> Iterator[Problem]:
    """That the spec is missing, which v1 alone demands.

    Source: Strimzi, CustomResourceDefinitions at 0.45.0 to 0.51.0 (v1beta2) and 1.0.1; AbstractOperator at 0.51.0
    ("Spec cannot be null").
    """
    if manifest.identity[0] == STRIMZI_GROUP and "spec" not in manifest.body:
        problem = Problem((), "'spec' is missing", "manifest-schema", "write spec:", on_key=True)
        yield at_origin(manifest, problem, problem.rule)
