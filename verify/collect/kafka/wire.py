"""A connection to one broker: TCP, TLS, SASL, then questions in Kafka's own protocol.

The messages and the SASL mechanisms are kafka-python's; the socket is ours, because what a check has
to tell apart (nobody listens, nobody answers, the certificate is wrong, we are refused) is lost in a
client that retries.
"""

import socket
import ssl
import time
from contextlib import suppress
from typing import Any, Self

from kafka.errors import InvalidReceiveError, KafkaError, NoError, for_code
from kafka.net.sasl import get_sasl_mechanism
from kafka.protocol.metadata import ApiVersionsRequest
from kafka.protocol.parser import KafkaProtocol
from kafka.protocol.sasl import SaslAuthenticateRequest, SaslHandshakeRequest

from verify.collect.kafka.access import CONNECTING, Access
from verify.live.gap import Cause, NoAnswerError, late

CLIENT_ID = "strimzi-verify"
_CHUNK = 1 << 18


def address_of(text: str) -> tuple[str, int]:
    """The two parts of `host:port`; an IPv6 address stands in brackets.

    Raises:
        NoAnswerError: when it is no address.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise NoAnswerError(Cause.UNREACHABLE, f"'{text}' is no address such as host:9092")
    return host.strip("[]"), int(port)


class Connection:
    """One broker, asked one question at a time; every answer has its deadline."""

    def __init__(self, host: str, port: int, access: Access, deadline: float) -> None:
        """Connect, and log in; `deadline` is in terms of time.monotonic().

        Raises:
            NoAnswerError: with the step that failed.
        """
        self.name = f"{host}:{port}"
        self.requests = 0
        self.features: dict[str, int] = {}
        self._timeout_s = access.timeout_s
        self.deadline = deadline
        self._where = host, port
        self._access = access
        self._versions: dict[int, int] = {}
        self._broken = False
        self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.close()

    def ask(self, request: Any, timeout_s: float | None = None, newest: int = 99) -> Any:
        """The answer to a request in the newest version that both sides know, or an older one.

        Raises:
            NoAnswerError: when there is none in time.
        """
        known = self._versions.get(request.API_KEY)
        if known is None:
            raise NoAnswerError(
                Cause.REFUSED, f"{self.name} does not know {type(request).__name__}"
            )
        if self._broken:
            # What was not answered in time may still come, and would pass for this answer.
            self.close()
            self._connect()
        request.API_VERSION = min(known, type(request).max_version, newest)
        return self._exchange(request, timeout_s)

    def _connect(self) -> None:
        self._socket = self._open(*self._where, self._access)
        self._protocol = KafkaProtocol(client_id=CLIENT_ID)
        self._broken = False
        try:
            self._learn_versions()
            if self._access.username:
                self._log_in(self._access)
        except BaseException:
            self.close()
            raise

    def _open(self, host: str, port: int, access: Access) -> socket.socket:
        until = self._until(None)
        try:
            plain = socket.create_connection((host, port), _left(until))
        except OSError as error:
            raise self._failed(CONNECTING, error) from error
        if not access.tls:
            return plain
        try:
            context = access.ssl_context()
        except (ssl.SSLError, OSError) as error:
            plain.close()
            raise NoAnswerError(
                Cause.REFUSED, f"our own certificate or key cannot be used: {error}"
            ) from error
        try:
            plain.settimeout(_left(until))
            return context.wrap_socket(plain, server_hostname=host)
        except OSError as error:
            plain.close()
            raise self._failed("TLS", error) from error

    def _learn_versions(self) -> None:
        request = ApiVersionsRequest(
            version=3, client_software_name=CLIENT_ID, client_software_version="1"
        )
        answer = self._exchange(request, None)
        if not answer.api_keys:
            raise NoAnswerError(
                Cause.UNREACHABLE, f"{self.name}: what answers there does not speak Kafka"
            )
        self._versions = {key.api_key: key.max_version for key in answer.api_keys}
        self.features = {
            each.name: each.max_version_level for each in answer.finalized_features or ()
        }

    def _log_in(self, access: Access) -> None:
        answer = self.ask(SaslHandshakeRequest(mechanism=access.mechanism))
        if answer.error_code:
            raise NoAnswerError(
                Cause.REFUSED,
                f"{self.name} takes no {access.mechanism}, but {', '.join(answer.mechanisms)}",
            )
        mechanism = get_sasl_mechanism(access.mechanism)(
            sasl_plain_username=access.username,
            sasl_plain_password=access.password,
            sasl_mechanism=access.mechanism,
            security_protocol=access.protocol if access.tls else "",
        )
        while not mechanism.is_done():
            answer = self.ask(SaslAuthenticateRequest(auth_bytes=mechanism.auth_bytes()))
            if answer.error_code:
                said = answer.error_message or "authentication failed"
                raise NoAnswerError(
                    Cause.REFUSED, f"{self.name} refuses user {access.username}: {said}"
                )
            try:
                mechanism.receive(answer.auth_bytes)
            except ValueError as error:
                raise NoAnswerError(
                    Cause.REFUSED, f"{self.name} does not know our password: {error}"
                ) from error

    def _exchange(self, request: Any, timeout_s: float | None) -> Any:
        until = self._until(timeout_s)
        self.requests += 1
        self._protocol.send_request(request)
        try:
            self._socket.settimeout(_left(until))
            self._socket.sendall(self._protocol.send_bytes())
            while True:
                self._socket.settimeout(_left(until))
                data = self._socket.recv(_CHUNK)
                if not data:
                    raise ConnectionError("it hung up")
                answers = self._protocol.receive_bytes(data)
                if answers:
                    return answers[0][1]
        except OSError as error:
            self._broken = True
            raise self._failed(f"asking {type(request).__name__}", error) from error
        except KafkaError as error:
            self._broken = True
            # What TLS says to those who do not speak it looks like a far too long answer.
            alone = isinstance(error, InvalidReceiveError) and not self._access.tls
            hint = "; it may want TLS: give --ca" if alone else ""
            raise NoAnswerError(
                Cause.UNREACHABLE,
                f"{self.name}: what answers there does not speak Kafka: {error}{hint}",
            ) from error

    def _until(self, timeout_s: float | None) -> float:
        now = time.monotonic()
        self._given_s = min(
            self.deadline - now, self._timeout_s if timeout_s is None else timeout_s
        )
        return now + self._given_s

    def _failed(self, step: str, error: OSError) -> NoAnswerError:
        what = f"{self.name}: {step}: "
        if isinstance(error, ssl.SSLCertVerificationError):
            return NoAnswerError(Cause.REFUSED, what + f"not trusted: {error.verify_message}")
        if isinstance(error, ssl.SSLError):
            said = (error.reason or str(error)).replace("_", " ").lower()
            if not self._access.certificate_pem:
                # Java calls the certificate bad that nobody showed (OpenJDK 17, CertificateMessage).
                said = said.replace("alert bad certificate", "alert certificate required")
            return NoAnswerError(Cause.REFUSED, what + said)
        if isinstance(error, TimeoutError):
            return late(f"{what}no answer in time", self._given_s)
        if isinstance(error, socket.gaierror):
            return NoAnswerError(Cause.UNREACHABLE, what + f"no such host ({error.strerror})")
        return NoAnswerError(Cause.UNREACHABLE, what + (error.strerror or str(error)).lower())


def _left(until: float) -> float:
    """Seconds left, never so few that a socket would take them for 'do not wait'."""
    return max(0.001, until - time.monotonic())


def refuse(code: int, message: str | None, what: str) -> None:
    """Return when a broker's error code is none.

    Raises:
        NoAnswerError: with what Kafka says of the error.
    """
    kind = for_code(code)
    if kind is NoError:
        return
    if "Authorization" in kind.__name__:
        raise NoAnswerError(Cause.REFUSED, f"{what}: refused")
    said = message or getattr(kind, "description", "") or kind.__name__
    cause = Cause.TIMED_OUT if code in (_TIMED_OUT, LOADING) else Cause.UNREACHABLE
    # A right would not help.
    raise NoAnswerError(cause, f"{what.partition(' (ACL')[0]}: {said}")


_TIMED_OUT, LOADING = 7, 14
"""Codes of Kafka's errors REQUEST_TIMED_OUT and COORDINATOR_LOAD_IN_PROGRESS (4.3, Errors.java)."""
