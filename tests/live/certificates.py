"""Certificate authorities of tests, and certificates that are good or wrong in a chosen way."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Lifetime(NamedTuple):
    """From when to when a certificate counts, as distances from now."""

    begin: timedelta
    end: timedelta


VALID = Lifetime(timedelta(hours=-1), timedelta(days=365))
EXPIRED = Lifetime(timedelta(days=-31), timedelta(days=-1))
NOT_YET = Lifetime(timedelta(days=1), timedelta(days=31))


def ending(days: float) -> Lifetime:
    """Good now, and for so many more days."""
    return Lifetime(timedelta(days=-1), timedelta(days=days))


class Identity(NamedTuple):
    """A certificate with its key, in PEM files."""

    certificate: Path
    key: Path
    store: Path
    """Both in one file, as a broker wants them."""


_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Authority:
    """Someone who signs certificates, and whose own certificate others trust or do not."""

    def __init__(self, folder: Path, name: str, lifetime: Lifetime = VALID) -> None:
        """`name` is its common name, as Strimzi's `cluster-ca v0`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._numbers = count(1)
        self._key: _Key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "io.strimzi"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self._own = (
            _builder(subject, self._key.public_key(), lifetime)
            .issuer_name(subject)
            .add_extension(x509.BasicConstraints(True, None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, SHA256())
        )
        self.certificate = folder / "ca.crt"
        """What someone trusts who trusts this authority."""
        self.certificate.write_bytes(self._own.public_bytes(Encoding.PEM))

    @classmethod
    def of(cls, folder: Path, certificate: bytes, key: bytes) -> "Authority":
        """Somebody who signs already, with certificate and key in PEM."""
        authority = cls(folder, "nobody")
        loaded = load_pem_private_key(key, None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        authority._key, authority._own = loaded, x509.load_pem_x509_certificate(certificate)
        return authority

    def issue(self, name: str, sans: Iterable[str] = (), lifetime: Lifetime = VALID) -> Identity:
        """Sign a certificate with the subject `CN=name`; what was issued before stays as it is."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        issuer = self._key.public_key()
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            _builder(subject, key.public_key(), lifetime)
            .issuer_name(self._own.subject)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), False)
        )
        names = [_general_name(each) for each in sans]
        if names:
            certificate = certificate.add_extension(x509.SubjectAlternativeName(names), False)
        signed = certificate.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
        return self._files(name, signed, key)

    def _files(self, name: str, signed: bytes, key: ec.EllipticCurvePrivateKey) -> Identity:
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        base = self._folder / f"{name}-{next(self._numbers)}"
        contents = {"crt": signed, "key": secret, "pem": secret + signed}
        paths = {end: base.with_name(f"{base.name}.{end}") for end in contents}
        for end, content in contents.items():
            paths[end].write_bytes(content)
        return Identity(paths["crt"], paths["key"], paths["pem"])


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: Lifetime
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(subject_name=subject, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + lifetime.begin)
        .not_valid_after(now + lifetime.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
