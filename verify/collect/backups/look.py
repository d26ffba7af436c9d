"""How backups are read: what a user says of it, and the credentials that lie in files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File

from verify.live.backups import Mark

SAMPLE = 16
"""How many segments of each set are read when nobody says."""
ALL = -1

FILES = {
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AZURE_STORAGE_KEY": "account_key",
    "AZURE_STORAGE_SAS_TOKEN": "sas_key",
    "SERVICE_ACCOUNT_JSON": "service_account_key",
}
"""What a mounted Secret may hold, and what obstore calls it."""


@dataclass(frozen=True)
class Look:
    """What the user said about reading backups."""

    paths: Mapping[str, File] = field(default_factory=dict)
    """Folders to read instead of the storage, by run; each holds the folder of the set."""
    sample: int | None = None
    """How many segments are read of each set; ALL for all, None for a few small ones."""
    mounted: File | None = None
    """In the cluster: where Secrets and claims of backups are mounted, by backup."""
    credentials: Mapping[str, str] | None = None
    """What the storage is to be opened with, by the names of obstore's options; None to look there."""
    timeout_s: float = 8
    proved: dict[tuple[str, str], Mark] = field(default_factory=dict)
    """By place and checksum, segments that were right: who waits for a verdict reads them once."""


def credentials(said: Mapping[str, str]) -> dict[str, str]:
    """Options of obstore from what the engine's own variables say; empty ones are left out."""
    return {word: said[name].removeprefix("?") for name, word in FILES.items() if said.get(name)}


def mounted_credentials(key: File, variables: Mapping[str, str]) -> dict[str, str]:
    """What a rendered pod has: a key of a Google account as a file of this folder, all others as variables."""
    files = sorted(each for each in key.glob("*") if each.is_file())
    if files:
        return credentials({"SERVICE_ACCOUNT_JSON": files[0].read_text(encoding="utf-8")})
    return credentials(variables)
