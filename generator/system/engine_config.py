"""The config of the backup engine as the engine itself reads it: text -> what it says.

It fills in environment variables first, and then reads YAML as Rust does (kafka-backup-core 0.25.2, config.rs).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""What stands for an environment variable."""


@lru_cache(maxsize=64)
def engine_config(text: str) -> Mapping[str, object]:
    """What a config says, a variable as its name behind a `$`; nothing where the engine would refuse it.

    Kept, because every rule asks for the same few, and one may name ten thousand topics.
    """
    import ryaml

    try:
        # Inside {} and [] a variable's own braces would be YAML's.
        said = ryaml.loads(VARIABLE.sub(r"$\1", text))
    except (ryaml.InvalidYamlError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def said_in(config: Mapping[str, object], *keys: str) -> Any:
    """What stands below some keys; None where nothing does."""
    node: Any = config
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node
