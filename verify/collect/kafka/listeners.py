"""What somebody outside meets at the listeners: the handshake, the certificate, and who is let in."""

import secrets
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from verify.collect.kafka import questions, settings
from verify.collect.kafka.access import Access, Target
from verify.collect.kafka.wire import Connection, address_of
from verify.collect.pem import certificates_of
from verify.collect.thread_pool import side_by_side
from verify.live.gap import Gap, NoAnswerError, OtherNodeError, late
from verify.live.live import Cause, Certificate, ListenerAnswer

_STRANGER = "strimzi-verify-stranger"


def collect(
    targets: Iterable[Target], timeout_s: float, deadline: float,
    authorities: Mapping[str, str], dead: Mapping[str, Gap],
) -> tuple[ListenerAnswer, ...]:  # fmt: skip
    """What every address answers, all of them asked side by side.

    `authorities` are PEM texts by Secret; `dead` addresses are not asked again.
    """
    every = list(targets)
    with side_by_side(min(16, len(every))) as pool:
        return tuple(
            pool.map(lambda target: _ask(target, timeout_s, deadline, authorities, dead), every)
        )


def _ask(
    target: Target, timeout_s: float, deadline: float, authorities: Mapping[str, str],
    dead: Mapping[str, Gap],
) -> ListenerAnswer:  # fmt: skip
    answer = ListenerAnswer(
        target.listener,
        target.address,
        target.tls,
        target.authentication,
        target.bootstrap,
        target.outside,
        target.given,
    )
    if target.address in dead:
        return _with(answer, problem=dead[target.address])
    access = Access((target.address,), target.listener, target.tls, target.ca_pem,
                    timeout_s=timeout_s)  # fmt: skip
    try:
        host, port = address_of(target.address)
        until = min(deadline, time.monotonic() + timeout_s)
        certificates = (
            _shown(host, port, until, authorities) if target.tls else _reached(host, port, until)
        )
        trusted = _distrust(host, port, access, until) if target.tls else ""
    except NoAnswerError as error:
        return _with(answer, problem=error.gap)
    answer = _with(answer, certificates=certificates, trusted=trusted)
    if trusted:
        return answer
    if (other := _other_node(target, host, port, access, deadline)) is not None:
        return _with(answer, problem=other)
    if not target.authentication:
        return answer
    nobody = _tried(host, port, access, deadline)
    return _with(
        answer,
        anonymous=nobody,
        stranger=_tried(host, port, _stranger(access, target.authentication), deadline),
    )


def _with(answer: ListenerAnswer, **changes: object) -> ListenerAnswer:
    import msgspec

    return msgspec.structs.replace(answer, **changes)


def _reached(host: str, port: int, until: float) -> tuple[Certificate, ...]:
    _connected(host, port, until).close()
    return ()


def _connected(host: str, port: int, until: float) -> socket.socket:
    given_s = until - time.monotonic()
    try:
        return socket.create_connection((host, port), max(0.001, given_s))
    except TimeoutError as error:
        raise late("no connection in time", given_s) from error
    except OSError as error:
        raise NoAnswerError(Cause.UNREACHABLE, (error.strerror or str(error)).lower()) from error


def _shown(
    host: str, port: int, until: float, authorities: Mapping[str, str]
) -> tuple[Certificate, ...]:
    """The certificate that the server shows, whether or not it is to be trusted."""
    context = ssl.create_default_context()
    context.check_hostname = False
    # Only looked at: what it shows is judged apart, and nothing is sent over this connection.
    context.verify_mode = ssl.CERT_NONE
    shown = _handshake(host, port, context, until)
    if shown is None:
        return ()
    return certificates_of(ssl.DER_cert_to_PEM_cert(shown).encode(), authorities=authorities)


def _handshake(host: str, port: int, context: ssl.SSLContext, until: float) -> bytes | None:
    plain = _connected(host, port, until)
    given_s = until - time.monotonic()
    try:
        plain.settimeout(max(0.001, given_s))
        with context.wrap_socket(plain, server_hostname=host) as secured:
            return secured.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError:
        raise
    except TimeoutError as error:
        raise late("TLS: no answer in time", given_s) from error
    except ssl.SSLError as error:
        said = (error.reason or str(error)).replace("_", " ").lower()
        raise NoAnswerError(Cause.UNREACHABLE, f"TLS: {said}") from error
    except OSError as error:
        raise NoAnswerError(Cause.UNREACHABLE, f"TLS: {error.strerror or error}".lower()) from error
    finally:
        plain.close()


def _distrust(host: str, port: int, access: Access, until: float) -> str:
    """Why the chain or the name is not to be trusted; empty when it is."""
    try:
        _handshake(host, port, access.ssl_context(), until)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except ssl.SSLError as error:
        return f"the CA cannot be read: {error}"
    return ""


def _tried(host: str, port: int, access: Access, deadline: float) -> str:
    """What becomes of somebody who asks who the brokers are; empty where that is not known."""
    try:
        with Connection(host, port, access, deadline) as connection:
            questions.cluster(connection)
    except NoAnswerError as error:
        if error.gap.cause is Cause.TIMED_OUT:
            return ""
        return f"denied: {error.gap.reason}"
    return "accepted"


def _other_node(
    target: Target, host: str, port: int, access: Access, deadline: float
) -> Gap | None:
    """That another node answers at a broker's address; nothing where it is right, or not to be found out."""
    if target.node < 0 or target.login is None:
        return None
    who = replace(target.login, tls=access.tls, ca_pem=access.ca_pem)
    try:
        with Connection(host, port, who, deadline) as connection:
            settings.broker_config(connection, target.node)
    except OtherNodeError as error:
        return error.gap
    except NoAnswerError:
        return None
    return None


def _stranger(access: Access, authentication: str) -> Access:
    """Somebody whom no Kafka knows."""
    if authentication == "tls":
        certificate, key = _self_signed()
        return replace(access, certificate_pem=certificate, key_pem=key)
    return replace(access, username=_STRANGER, password=secrets.token_urlsafe(16))


def _self_signed() -> tuple[str, str]:
    """A certificate that nobody signed, and its key, good for an hour."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _STRANGER)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
