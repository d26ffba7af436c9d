"""Questions to the Kubernetes API: one GET each, in plain JSON, with a time limit; who is busy is asked again.

What goes wrong becomes an ApiError with the Gap that tells people why. Of the `kubernetes` client only
its reading of kubeconfigs and its connections are used: its models would take longer than the network.
"""

import os
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import msgspec

from generator.documents.manifest import Body
from verify.collect.kubernetes.errors import ApiError, refusal, words
from verify.live.gap import AMPLE_S
from verify.live.live import Cause

_PAGE = 500
_BUSY, _AGAIN_S, _TRIES = (429, 503), 1.0, 5
"""Answers that ask for patience, how much of it where they do not say, and how often it is had."""
_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class KubernetesTarget:
    """Which API server, as whom, and which namespace."""

    namespace: str
    kubeconfig: str = ""
    """A file; empty for what kubectl would take: $KUBECONFIG or ~/.kube/config."""
    context: str = ""
    """Empty for the current one."""
    in_cluster: bool = False
    """As the ServiceAccount of the pod that this runs in."""
    timeout_s: float = 8
    """For every single question."""
    rendered: Mapping[tuple[str, str], Any] | None = field(default=None, repr=False, compare=False)
    """What Git has, which alone is kept whole, by kind and name; None when nobody says."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be collected."""

    kinds: Collection[tuple[str, str]] = ()
    """All (apiVersion, kind) that are rendered, whether in the namespace or not."""
    cluster: str = ""
    """The Kafka object's name; empty when nobody knows it."""
    application: str = ""
    """Argo CD's Application of this environment; empty when none is rendered."""
    application_namespace: str = "argocd"
    revision: str = ""
    """The commit that Argo CD should have applied; empty when nobody says."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in RBAC's terms; no namespace means all of them."""

    verb: str
    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""

    @property
    def path(self) -> str:
        """The path of the URL."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        place = f"/namespaces/{self.namespace}" if self.namespace else ""
        name = f"/{quote(self.name)}" if self.name else ""
        return f"{root}{place}/{self.plural}{name}"

    def __str__(self) -> str:
        resource = f"{self.plural}.{self.group}" if self.group else self.plural
        name = f" {self.name}" if self.name else ""
        return f"{self.verb} {resource}{name} " + (
            f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"
        )


@dataclass
class Api:
    """A connection to one API server; safe to use from several threads."""

    place: KubernetesTarget
    deadline: float = float("inf")
    """When no more may be asked, in the time of `time.monotonic`."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Verb, group and plural of all that needed somebody's permission, in order."""
    context: str = ""
    ahead_s: float | None = None
    """How far the server's clock is ahead of ours, by its last answer."""

    def __post_init__(self) -> None:
        """Read the kubeconfig; nothing is sent yet.

        Raises:
            ApiError: when it cannot be read, or says nothing of this context.
        """
        import yaml
        from kubernetes import client, config

        settings = client.Configuration()
        try:
            if self.place.in_cluster:
                config.load_incluster_config(client_configuration=settings)
            else:
                self.context = self._load(settings)
            self._client = client.ApiClient(configuration=settings)
        except (config.ConfigException, yaml.YAMLError, OSError, ValueError, LookupError, TypeError,
                AttributeError) as error:  # fmt: skip
            raise ApiError(Cause.UNREACHABLE, self._unconfigured(error)) from error
        self.server = str(settings.host).rstrip("/")

    def _load(self, settings: object) -> str:
        from kubernetes import config

        file, context = self.place.kubeconfig or None, self.place.context or None
        config.load_kube_config(file, context, settings, persist_config=False)
        return context or str(config.list_kube_config_contexts(file)[1]["name"])

    def _unconfigured(self, error: Exception) -> str:
        said = " ".join(str(error).split()) or type(error).__name__
        if self.place.in_cluster:
            return f"this is no pod with a ServiceAccount's token: {said}"
        file = self.place.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        return (
            f"the kubeconfig {file} cannot be used: {said}"
            " (name another one with --kubeconfig and --context, or set KUBECONFIG)"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.rest_client.pool_manager.clear()

    def answer(self, question: Question, parameters: Mapping[str, str] | None = None) -> Any:
        """The answer to a question that needs permission.

        Raises:
            ApiError: when none came, or a refusal.
        """
        self.asked.append((question.verb, question.group, question.plural))
        return self.document(question.path, parameters, str(question))

    def items(self, question: Question, **parameters: str) -> Iterator[Body]:
        """Every object of a list, page after page; begun again once when a page has expired.

        Objects may then come twice.

        Raises:
            ApiError: when a page did not come.
        """
        token, again = "", True
        while True:
            page = {**parameters, "limit": str(_PAGE)} | ({"continue": token} if token else {})
            try:
                found = self.answer(question, page)
            except ApiError as error:
                if error.status != 410 or not (token and again):
                    raise
                token, again = "", False
                continue
            yield from found.get("items") or ()
            token = (found.get("metadata") or {}).get("continue") or ""
            if not token:
                return

    def version(self) -> str:
        """The server's version.

        Raises:
            ApiError: when it does not say, or is no such server.
        """
        found = self.document("/version").get("gitVersion")
        if not isinstance(found, str):
            raise self._stranger("get /version")
        return found

    def document(
        self, path: str, parameters: Mapping[str, str] | None = None, what: str = ""
    ) -> Any:
        """The JSON object at a path, within the time that is left; who is told to come again does so.

        Source: Kubernetes 1.34, API Priority and Fairness: 429 with Retry-After; 503 while a server starts.

        Raises:
            ApiError: when none came, or a refusal.
        """
        what = what or f"get {path}"
        query = f"?{urlencode(parameters)}" if parameters else ""
        for _ in range(_TRIES):
            status, body, again_s = self._get(path + query, what)
            if status not in _BUSY or time.monotonic() + again_s > self.deadline:
                break
            time.sleep(again_s)
        if status >= 300:
            raise refusal(status, body, what)
        try:
            found = msgspec.json.decode(body)
        except msgspec.DecodeError:
            found = None
        if not isinstance(found, dict):
            raise self._stranger(what)
        return found

    def _get(self, path: str, what: str) -> tuple[int, bytes, float]:
        """Status, body, and after how many seconds to ask again where the server is busy."""
        from urllib3 import Timeout, exceptions

        limit_s = min(self.place.timeout_s, self.deadline - time.monotonic())
        end = time.monotonic() + limit_s
        if limit_s <= 0:
            raise ApiError(Cause.TIMED_OUT, f"no time was left to {what}")
        settings = self._client.configuration
        headers = {"Accept": "application/json", "User-Agent": "strimzi-verify"}
        for auth in settings.auth_settings().values():
            if auth.get("in") == "header" and auth.get("value"):
                headers[auth["key"]] = auth["value"]
        try:
            response = self._client.rest_client.pool_manager.request(
                "GET",
                self.server + path,
                headers=headers,
                timeout=Timeout(connect=limit_s, read=limit_s),
                # By default urllib3 tries three times more, and the time limit counts for each.
                retries=False,
                preload_content=False,
            )
            try:
                self.ahead_s = _ahead_s(response.headers.get("Date", ""))
                after = response.headers.get("Retry-After", "")
                again_s = float(after) if after.isdecimal() else _AGAIN_S
                return response.status, self._body(response, end, what), again_s
            finally:
                response.release_conn()
        except exceptions.ReadTimeoutError as error:
            raise self._late(what) from error
        except (exceptions.HTTPError, OSError, ValueError) as error:
            if type(error) is exceptions.ConnectTimeoutError and limit_s < AMPLE_S:
                raise self._late(what) from error
            said = f"{self.server} cannot be reached: {words(error)}"
            raise ApiError(Cause.UNREACHABLE, said) from error

    def _body(self, response: Any, end: float, what: str) -> bytes:
        # A server that sends a byte now and then never meets the time limit of a single read.
        chunks = []
        while chunk := response.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            if time.monotonic() > end:
                response.close()
                raise self._late(what)
        return b"".join(chunks)

    def _stranger(self, what: str) -> ApiError:
        text = f"{self.server} does not answer like a Kubernetes API server ({what})"
        return ApiError(Cause.UNREACHABLE, text)

    def _late(self, what: str) -> ApiError:
        return ApiError(Cause.TIMED_OUT, f"{self.server} did not answer in time to {what}")


def _ahead_s(date: str) -> float | None:
    """How far a clock is ahead of ours that shows this time, in the words of RFC 9110."""
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return None
