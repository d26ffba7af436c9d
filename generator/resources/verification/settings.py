"""ConfigMap of what verification's checks need to know. No secret is in it."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from generator.contract.rights import kinds_beyond
from generator.contract.settings import KEY, encode
from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.model.verification.verification import check_settings
from generator.resources.verification._objects import kinds_with_ours, manifest


def render_after(environment: Environment, manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    """One ConfigMap with one key: canonical JSON, every number written out.

    It names the kinds that the Role grants because they are rendered: in the cluster nothing else
    says them.
    """
    told = check_settings(environment)
    if told is None:
        return
    settings = replace(told, kinds=tuple(kinds_beyond(kinds_with_ours(manifests))))
    yield manifest(environment, "ConfigMap", {"data": {KEY: encode(settings)}})
