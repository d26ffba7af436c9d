"""Times as Kubernetes writes them."""

from datetime import datetime


def seconds(time: object) -> float | None:
    """Seconds since 1970; None where there is no time."""
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return None
