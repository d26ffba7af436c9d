"""What a certificate says. A leaf."""

from typing import Annotated

import msgspec

Moment = Annotated[float, msgspec.Meta(ge=-62_135_596_800, le=253_402_300_799)]
"""A time that has a date: between the years 1 and 9999."""


class Certificate(msgspec.Struct, frozen=True):
    """What a certificate says; never its key."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """DNS names and IP addresses it is good for."""
    not_before_s: Moment
    not_after_s: Moment
    fingerprint: str
    """SHA-256 in hexadecimal."""
    where: str = ""
    """The key of a Secret that holds it."""
    signed_by: tuple[str, ...] = ()
    """The Secrets of the cluster's two authorities of which a key signed it."""
