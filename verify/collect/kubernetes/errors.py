"""Questions to the Kubernetes API without an answer, and why, in words for people."""

import msgspec

from verify.live.live import Cause, Gap


class ApiError(Exception):
    """A question without an answer; `status` is HTTP's, 0 where none came."""

    def __init__(self, cause: Cause, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.gap = Gap(cause, reason)
        self.status = status


def refusal(status: int, body: bytes, what: str) -> ApiError:
    """What an answer means that is none."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        said = None
    message = str(said.get("message") or "") if isinstance(said, dict) else ""
    told = f" ({message})" if message else ""
    if status == 401:
        text = "the API server does not know who we are: log in again, or renew the token" + told
        return ApiError(Cause.REFUSED, text, status)
    if status == 403:
        text = f"nobody allowed us to {what}: a Role or ClusterRole must grant it{told}"
        return ApiError(Cause.REFUSED, text, status)
    return ApiError(Cause.UNREACHABLE, f"HTTP status {status} to {what}{told}", status)


def words(error: BaseException) -> str:
    """What the system said, without the addresses of Python's objects."""
    cause = error.__cause__ or error.__context__ or error
    said = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return " ".join(str(said).split())
