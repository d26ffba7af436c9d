"""Where sets are, and how people with a login of their own look at them, for the runbook.

The schema lets nothing into buckets, prefixes and endpoints that a shell would read as more than a word.
"""

from collections.abc import Mapping

from generator.model.backups.backups import Backup, Run
from generator.model.backups.storages import DATA

_AZURE = "--auth-mode login --account-name {account} --container-name {container}"


def place(backup: Backup) -> str:
    """Where the sets are, as an address."""
    said, prefix = backup.storage.settings, backup.storage.prefix
    match backup.storage.kind:
        case "s3":
            at = f" at {said['endpoint']}" if "endpoint" in said else ""
            return f"s3://{said['bucket']}/{prefix}{at}"
        case "azure":
            return f"azure://{said['account']}/{said['container']}/{prefix}"
        case "gcs":
            return f"gs://{said['bucket']}/{prefix}"
        case _:
            return f"PersistentVolumeClaim {backup.storage.claim}, folder {DATA}"


def list_command(backup: Backup, run: Run) -> str:
    """How the files of a set are listed; empty on a claim."""
    said, folder = backup.storage.settings, backup.folder(run)
    match backup.storage.kind:
        case "s3":
            return f"aws s3 ls --recursive --summarize s3://{said['bucket']}/{folder}{_at(said)}"
        case "azure":
            where = _AZURE.format_map(said)
            return f"az storage blob list {where} --prefix {folder} --output table"
        case "gcs":
            return f"gcloud storage ls --long --recursive 'gs://{said['bucket']}/{folder}*'"
        case _:
            return ""


def manifest_command(backup: Backup, run: Run) -> str:
    """How the manifest of a set comes to the screen; empty on a claim."""
    said = backup.storage.settings
    number = "" if backup.incremental else "<number>"
    file = f"{backup.folder(run)}{number}/manifest.json"
    match backup.storage.kind:
        case "s3":
            return f"aws s3 cp 's3://{said['bucket']}/{file}' -{_at(said)}"
        case "azure":
            return (
                f"az storage blob download {_AZURE.format_map(said)} --name '{file}' --no-progress"
            )
        case "gcs":
            return f"gcloud storage cat 'gs://{said['bucket']}/{file}'"
        case _:
            return ""


def _at(said: Mapping[str, object]) -> str:
    """What tells the client where the object store is."""
    endpoint = f" --endpoint-url {said['endpoint']}" if "endpoint" in said else ""
    return endpoint + (f" --region {said['region']}" if "region" in said else "")
