"""What client libraries say, in plain sentences; reports have these, JSON and `--debug` the original.

Every entry is a text as it was seen of librdkafka 2.16, OpenSSL 3, Python 3.11 to 3.14, urllib3, kafka-python 3.0 and
obstore 0.12, and what it means.
"""

import re
from functools import cache

_PHRASES: tuple[tuple[str, str], ...] = (
    # librdkafka: where it was, how long it took
    (r"(?<![\w.:/-])(?:(?:plaintext|ssl|sasl_plaintext|sasl_ssl)://)?(\[?[\w.:-]+\]?:\d+)/(?:bootstrap|\d+): ", r"\1: "),
    (r" \(after \d+ms in state \w+(?:, \d+ identical error\(s\) suppressed)?\)", ""),
    (r"\bFailed to get metadata: (?=Local: )", ""),
    (r"\bBroker: (?=[A-Z])", "the broker says: "),
    (r"\b(?:Local: )?Broker transport failure\b", "the connection broke"),
    (r"\b(?:Local: )?Message timed out\b", "not acknowledged in time"),
    (r"\bLocal: Timed out\b", "no answer in time"),
    (r"\bFailed while waiting for (?:controller|response from broker|coordinator):? ?", ""),
    (r"\b(?:Local: )?All broker connections are down\b|\b\d+/\d+ brokers are down\b", "no broker can be reached"),
    (r"\bConnect to \S+ failed: Connection refused\b", "nobody listens there"),
    (r"\bConnect to \S+ failed: ", "no connection: "),
    (r"\bConnection setup timed out in state \w+", "no connection in time"),
    (r"\bFailed to resolve '([^']*)': [\w ]+", r"no such host as \1"),
    (r"\bDisconnected while requesting ApiVersion: .*?(?:version is < [\d.]+(?: \(see [\w.]+\))?|$)",
     "it hung up at once: it may want TLS, or none"),
    (r"\bDisconnected\b(?: \(verify that .*?\))?", "it hung up"),
    (r"\bReceive failed: Invalid response size \d+ \(\d+\.\.\d+\): increase receive\.message\.max\.bytes",
     "what answers there does not speak Kafka, or wants TLS"),
    ((r"\bSASL authentication error: Authentication failed(?: during authentication)? due to invalid credentials with"
     r" SASL mechanism ([\w-]+)"), r"it does not take user and password (\1)"),
    # OpenSSL, through librdkafka and through Python
    ((r"\b(?:SSL handshake failed: |Receive failed: )?(?:error:[0-9A-F]{8}:)?SSL routines:\w*:certificate verify failed:"
     r" broker certificate could not be verified, verify that ssl\.ca\.location is correctly configured or root CA"
     r" certificates are installed \(install ca-certificates package\)"),
     "its certificate is not to be trusted: another authority signed it, it has ended, or it names another host"),
    (r"(?:\[SSL: CERTIFICATE_VERIFY_FAILED\] |\b(?:error:[0-9A-F]{8}:)?SSL routines:\w*:)certificate verify failed\b",
     "its certificate is not to be trusted"),
    (r"\b(?:unable to get (?:local )?issuer certificate|self-signed certificate(?: in certificate chain)?)\b",
     "signed by an authority that we do not trust"),
    (r"\b[Hh]ostname mismatch, certificate is not valid for '([^']*)'\.?", r"it is not for the host \1"),
    (r"\bIP address mismatch, certificate is not valid for '([^']*)'\.?", r"it is not for the address \1"),
    ((r"(?:\b(?:SSL handshake failed: |Receive failed: ))?(?:\berror:[0-9A-F]{8}:)?(?:\bSSL routines:\w*:)?"
     r"\b(?:ssl/tls|tlsv1|tlsv13|sslv3) alert certificate required(?:: SSL alert number \d+)?"),
     "it wants a certificate from us"),
    ((r"(?:\b(?:SSL handshake failed: |Receive failed: ))?(?:\berror:[0-9A-F]{8}:)?(?:\bSSL routines:\w*:)?"
     r"\b(?:ssl/tls|tlsv1|tlsv13|sslv3) alert (?:bad certificate|certificate (?:unknown|expired|revoked)|unknown ca)"
     r"(?:: SSL alert number \d+)?"), "it does not take our certificate"),
    (r"(?:\[SSL: \w+\] )?(?i:\beof occurred in violation of protocol)", "it hung up in the middle of TLS"),
    (r"\bwrong version number\b", "what answers there does not speak TLS"),
    (r" ?\( ?_?ssl\.c:\d+\)", ""),
    # Python, urllib3, kafka-python
    (r"\[Errno -?\d+\] ", ""),
    (r"\basking [A-Z]\w+?Request: ", ""),
    (r"\bInvalidReceiveError: Invalid frame length: -?\d+", "not a message of Kafka's"),
    # obstore, shortened by the collector
    ((r"\bGeneric \w+ error: (?:Error performing list request: )?Error performing [A-Z]+ (\S+) (?:- )?HTTP error:"
     r" error sending request"), r"\1 cannot be reached"),
    (r"\bGeneric (\w+) error: (?:Error performing list request: )?", r"\1: "),
)  # fmt: skip


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(said), plain) for said, plain in _PHRASES)


_MARKS = (
    "in state", "/bootstrap: ", "Local: ", "Broker: ", "brokers are down", "roker transport", "essage timed out",
    "broker connections", "Disconnected", "Connect to", "Connection setup", "Failed ", "SASL", "SSL", "ssl",
    "certificate", "alert", "issuer", "rotocol", "wrong version", "[Errno", "Request: ", "InvalidReceive",
    "Receive failed", "Generic ",
)  # fmt: skip
"""One of these stands in every text that a pattern fits: nearly all texts are ours, and pass quickly."""
_LONGEST = 4000
"""Nobody reads more of one message, and patterns would take long for it."""


@cache
def _any_mark() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _MARKS)))


def plain(text: str) -> str:
    """A text with everything in plain words that a client library put into it."""
    if _any_mark().search(text) is None:
        return text
    text = text[:_LONGEST]
    for said, meant in _compiled():
        text = said.sub(meant, text)
    return text
