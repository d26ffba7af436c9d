"""Certificates in PEM -> what they say, as `verify.live.Certificate`; never a key."""

import ipaddress
from collections.abc import Iterator

from verify.live.live import Certificate

_BEGIN = b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"


def certificates_of(pem: bytes, where: str = "") -> tuple[Certificate, ...]:
    """All certificates in a PEM text in its order; whatever else stands there is passed over.

    Raises:
        ValueError: when a part that calls itself a certificate is none.
    """
    from cryptography import x509

    return tuple(_said(x509.load_pem_x509_certificate(part), where) for part in _parts(pem))


def _parts(pem: bytes) -> Iterator[bytes]:
    for piece in pem.split(_BEGIN)[1:]:
        yield _BEGIN + piece.partition(_END)[0] + _END + b"\n"


def _said(found: object, where: str) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    assert isinstance(found, x509.Certificate)  # noqa: S101 (keeps the slow import out of the module)
    return Certificate(
        found.subject.rfc4514_string(),
        found.issuer.rfc4514_string(),
        tuple(_names(found.extensions)),
        found.not_valid_before_utc.timestamp(),
        found.not_valid_after_utc.timestamp(),
        found.fingerprint(SHA256()).hex(),
        where,
    )


def _names(extensions: object) -> Iterator[str]:
    from cryptography import x509

    assert isinstance(extensions, x509.Extensions)  # noqa: S101 (the same)
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    for name in names:
        if isinstance(name.value, str | ipaddress.IPv4Address | ipaddress.IPv6Address):
            yield str(name.value)
