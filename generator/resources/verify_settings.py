"""ConfigMap of what verification's checks need to know. No secret is in it."""

import json
from collections.abc import Iterator

from generator.intent import Environment
from generator.manifest import Manifest
from generator.resources._verify import manifest
from generator.verification import SETTINGS_KEY, check_settings, verification


def render(environment: Environment) -> Iterator[Manifest]:
    """One ConfigMap with one key: canonical JSON, every number written out."""
    asked = verification(environment)
    if asked is None:
        return
    settings = check_settings(environment, asked)
    text = json.dumps(settings, indent=2, sort_keys=True) + "\n"
    yield manifest(environment, "ConfigMap", {"data": {SETTINGS_KEY: text}})
