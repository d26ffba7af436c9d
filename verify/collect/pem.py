"""Certificates in PEM -> what they say, as `verify.live.Certificate`; never a key."""

import ipaddress
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from verify.live.live import Certificate

if TYPE_CHECKING:
    from cryptography import x509

_BEGIN = b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"


def certificates_of(
    pem: bytes, where: str = "", authorities: Mapping[str, str] | None = None
) -> tuple[Certificate, ...]:
    """All certificates in a PEM text in its order; whatever else stands there is passed over.

    `authorities` are PEM texts by Secret, for who signed them.

    Raises:
        ValueError: when a part that calls itself a certificate is none.
    """
    from cryptography import x509

    signers = {name: _loaded(text) for name, text in (authorities or {}).items()}
    return tuple(
        _said(x509.load_pem_x509_certificate(part), where, signers) for part in _parts(pem)
    )


@lru_cache(maxsize=8)
def _loaded(pem: str) -> "tuple[x509.Certificate, ...]":
    """Authorities are few, and are asked for each of thousands of certificates."""
    from cryptography import x509

    return tuple(x509.load_pem_x509_certificate(part) for part in _parts(pem.encode()))


def _has_signed(authority: "x509.Certificate", found: "x509.Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        found.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _parts(pem: bytes) -> Iterator[bytes]:
    for piece in pem.split(_BEGIN)[1:]:
        yield _BEGIN + piece.partition(_END)[0] + _END + b"\n"


def _said(
    found: "x509.Certificate", where: str, signers: "Mapping[str, tuple[x509.Certificate, ...]]"
) -> Certificate:
    from cryptography.hazmat.primitives.hashes import SHA256

    return Certificate(
        found.subject.rfc4514_string(),
        found.issuer.rfc4514_string(),
        tuple(_names(found.extensions)),
        found.not_valid_before_utc.timestamp(),
        found.not_valid_after_utc.timestamp(),
        found.fingerprint(SHA256()).hex(),
        where,
        tuple(
            name for name, keys in signers.items() if any(_has_signed(each, found) for each in keys)
        ),
    )


def _names(extensions: "x509.Extensions") -> Iterator[str]:
    from cryptography import x509

    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    for name in names:
        if isinstance(name.value, str | ipaddress.IPv4Address | ipaddress.IPv6Address):
            yield str(name.value)
