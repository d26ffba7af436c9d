"""The versions that an environment says: what is to be said of them, and whose schemas judge what."""

from collections.abc import Iterable

from generator.common.finding import Problem
from generator.common.strimzi.releases import newest
from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.validate.kubernetes import too_old
from generator.validate.schemas import Schemas
from generator.validate.strimzi import unknown_release
from generator.validate.versions import around, oldest, unknown_versions

Identity = tuple[str, str, str, str]


def release_problems(environment: Environment, schemas: Schemas) -> list[Problem]:
    """What is to be said of its Strimzi, and of the versions of what is around it."""
    said = around(environment.data)
    unknown = unknown_release(environment.strimzi, added=schemas.adds(environment.strimzi))
    found = (unknown, too_old(environment.release, said.kubernetes), *unknown_versions(said))
    return [problem for problem in found if problem is not None]


def schemas_of(environment: Environment, schemas: Schemas) -> Schemas:
    """Those by which its manifests are judged."""
    return schemas.of(environment.strimzi, around(environment.data))


def schemas_together(
    shared: Iterable[tuple[tuple[str, ...], Manifest]],
    environments: Iterable[Environment],
    schemas: Schemas,
) -> dict[Identity, Schemas]:
    """Of each manifest that environments share those of the oldest versions that one of them says."""
    said = {each.name: around(each.data) for each in environments}
    return {
        manifest.identity: schemas.of(newest().version, oldest(said[name] for name in names))
        for names, manifest in shared
    }
