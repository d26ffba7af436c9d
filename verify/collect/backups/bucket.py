"""Backup sets in an object store: S3, Azure or Google, through obstore.

obstore is Rust's object_store, which the engine uses, too: credentials, path style and prefixes mean
the same. It finds credentials in the environment, or where a cloud gives a pod its identity.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from generator.contract.settings import BackupStorage
from verify.collect.backups.manifest import FaultError
from verify.collect.backups.store import CHUNK_BYTES, GONE, Stored, bounded, in_time, no_larger
from verify.live.backups import Room
from verify.live.gap import Cause, NoAnswerError

_PATIENCE_S = 30
"""A manifest of a hundred thousand segments takes longer than a single question may."""

_METADATA = "169.254.169.254"
"""Whom obstore asks for an identity when it has found no credentials."""
_VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (aws configure export-credentials --format env)",
    "azure": "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, or AZURE_USE_AZURE_CLI=true",
    "gcs": "GOOGLE_APPLICATION_CREDENTIALS (gcloud auth application-default login)",
}


class Bucket:
    """A place in an object store; of its bucket only what is below the prefix is ever asked for."""

    def __init__(
        self,
        asked: BackupStorage,
        timeout_s: float,
        deadline: float,
        credentials: Mapping[str, str],
    ) -> None:
        """`credentials` are by the names of obstore's options; without them it looks for some itself.

        Raises:
            NoAnswerError: when obstore is not installed, or takes no such settings.
        """
        self._deadline, self._backend = deadline, asked.backend
        self._prefix = f"{asked.prefix}/" if asked.prefix else ""
        where = asked.bucket or f"{asked.account}/{asked.container}"
        self.place = f"{asked.backend}://{where}/{self._prefix}".rstrip("/")
        try:
            import obstore
        except ImportError as error:
            reason = "obstore is not installed: pip install 'strimzi-gitops[backup]'"
            raise NoAnswerError(Cause.UNREACHABLE, reason) from error
        self._obstore = obstore
        left_s = max(1.0, deadline - time.monotonic())
        client = {
            "timeout": timedelta(seconds=min(max(timeout_s, _PATIENCE_S), left_s)),
            "connect_timeout": timedelta(seconds=min(timeout_s, left_s)),
            "allow_http": asked.endpoint.startswith("http://"),
        }
        retry = {"max_retries": 2, "retry_timeout": timedelta(seconds=min(2 * timeout_s, left_s))}
        options = {"client_options": client, "retry_config": retry, **credentials}
        try:
            self._store = _opened(asked, options)
        except (obstore.exceptions.BaseError, ValueError, OSError) as error:
            # Its own words may hold a part of a key.
            reason = f"{self.place}: settings or credentials are none that it takes"
            raise NoAnswerError(Cause.REFUSED, reason) from error

    def folders(self) -> list[str]:
        """As a Store."""
        with self._answering():
            found = self._obstore.list_with_delimiter(self._store, prefix=self._prefix or None)
            return sorted(each.rpartition("/")[2] for each in found["common_prefixes"])

    def files(self, folder: str) -> dict[str, Stored]:
        """As a Store."""
        found = {}
        with self._answering():
            for page in self._obstore.list(self._store, prefix=f"{self._prefix}{folder}/"):
                for each in page:
                    key = each["path"].removeprefix(self._prefix)
                    found[key] = Stored(each["size"], each["last_modified"].timestamp())
                bounded(found, self._deadline)
        return found

    def whole(self, key: str, most_bytes: int) -> bytes:
        """As a Store."""
        with self._answering():
            try:
                answer = self._obstore.get(self._store, self._prefix + key)
            except (self._obstore.exceptions.NotFoundError, FileNotFoundError) as error:
                # It has an error of its own for this, and raises Python's (obstore 0.12).
                raise FaultError(GONE) from error
            # What is too large is not even fetched.
            size = answer.meta["size"]
            return no_larger(bytes(answer.bytes()) if size <= most_bytes else b"", most_bytes, size)

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """As a Store."""
        for start in range(0, size, CHUNK_BYTES):
            in_time(self._deadline)
            end = min(start + CHUNK_BYTES, size)
            with self._answering():
                yield bytes(
                    self._obstore.get_range(self._store, self._prefix + key, start=start, end=end)
                )

    def room(self) -> Room | None:
        """As a Store: there is no end to it."""
        return None

    @contextmanager
    def _answering(self) -> Iterator[None]:
        errors = self._obstore.exceptions
        try:
            yield
        except (errors.PermissionDeniedError, errors.UnauthenticatedError) as error:
            raise NoAnswerError(Cause.REFUSED, f"{self.place}: {_words(error)}") from error
        except (errors.BaseError, ValueError, OSError) as error:
            said = _words(error)
            if _METADATA in said:
                said = f"no credentials are known here: set {_VARIABLES[self._backend]}"
            cause = Cause.UNREACHABLE
            if time.monotonic() >= self._deadline or "timed out" in said.lower():
                cause = Cause.TIMED_OUT
            elif _REFUSED.search(said):
                # What goes wrong while it lists has no kind of its own (obstore 0.12).
                cause = Cause.REFUSED
            raise NoAnswerError(cause, f"{self.place}: {said}") from error
        except BaseException as error:
            # The library panics at keys that no HTTP header can hold.
            if type(error).__name__ != "PanicException":
                raise
            reason = f"{self.place}: settings or credentials are none that it takes"
            raise NoAnswerError(Cause.REFUSED, reason) from error


def _opened(asked: BackupStorage, options: dict[str, Any]) -> Any:
    from obstore import store

    said: dict[str, Any] = {"endpoint": asked.endpoint} if asked.endpoint else {}
    if asked.backend == "s3":
        if asked.region:
            said["region"] = asked.region
        # As the engine does it: an endpoint of one's own means the bucket in the path.
        if asked.path_style or asked.endpoint:
            said["virtual_hosted_style_request"] = False
        return store.S3Store(asked.bucket, **said, **options)
    if asked.backend == "azure":
        return store.AzureStore(asked.container, account_name=asked.account, **said, **options)
    return store.GCSStore(asked.bucket, **options)


_ADDRESS = re.compile(r"\?[^\s)\"']*")
_TIMES = re.compile(r" in [0-9.]+[mnµ]?s\b(, after [^-]*-)?")
_REFUSED = re.compile(r"status code: 40[13]\b")


def _words(error: Exception) -> str:
    """What went wrong in one line, the same each time.

    No part of an address that may be a key is in it, and nothing that a server wrote.
    """
    said = str(error).partition("Debug source")[0].partition("<")[0]
    line = " ".join(_TIMES.sub("", _ADDRESS.sub("", said)).split()).rstrip(" :")
    return line[:200] or type(error).__name__
