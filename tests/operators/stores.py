"""Key and trust stores, which pods of older Strimzi make of the certificates that are mounted, as shell lines.

After kafka_tls_prepare_certificates.sh of Strimzi 0.48.0, which 0.49.0 no longer has, and
tls_prepare_certificates.sh of its Topic Operator, which 1.0.0 no longer has.
"""

from collections.abc import Iterator

from generator.common.strimzi import numbers

_PASSWORD = "export CERTS_STORE_PASSWORD=of-these-tests"  # noqa: S105 (of stores that nobody keeps)
_OF_BROKER, _OF_OPERATOR = "/tmp/kafka", "/tmp/topic-operator"  # noqa: S108 (mounts of the pod's own)


def has_stores(strimzi: str) -> bool:
    """Whether the Topic Operator of a release reads stores."""
    return numbers(strimzi) < (1, 0, 0)


def of_broker(pod: str, config: str) -> Iterator[str]:
    """The stores of a broker, where its configuration names them."""
    certificates = "/opt/kafka/broker-certs"
    yield f"if grep -q cluster.keystore.p12 {config}; then"
    yield _PASSWORD
    yield from _private(_OF_BROKER)
    yield from _trusting(f"{_OF_BROKER}/cluster.truststore.p12", "/opt/kafka/cluster-ca-certs")
    yield from _trusting(f"{_OF_BROKER}/clients.truststore.p12", "/opt/kafka/client-ca-certs")
    yield _keys(
        f"{_OF_BROKER}/cluster.keystore.p12",
        f"{certificates}/{pod}.crt",
        f"{certificates}/{pod}.key",
    )
    yield "fi"


def of_topic_operator() -> Iterator[str]:
    """The stores of a Topic Operator; where its CA's certificates are changed with 0.51.0."""
    folder = _OF_OPERATOR
    own = "/etc/eto-certs/entity-operator"
    yield _PASSWORD
    yield from _private(folder)
    yield "ca=/etc/cluster-ca-certs; [ -d $ca ] || ca=/etc/tls-sidecar/cluster-ca-certs"
    yield from _trusting(f"{folder}/trust.p12", "$ca")
    yield _keys(f"{folder}/keys.p12", f"{own}.crt", f"{own}.key")
    for word, store in (("TRUSTSTORE", "trust.p12"), ("KEYSTORE", "keys.p12")):
        yield f"export STRIMZI_{word}_LOCATION={folder}/{store} STRIMZI_{word}_PASSWORD=$CERTS_STORE_PASSWORD"


def _private(folder: str) -> Iterator[str]:
    """A folder of the pod's own."""
    yield f"mkdir -p {folder}; mount -t tmpfs none {folder}"


def _trusting(store: str, folder: str) -> Iterator[str]:
    yield f"for each in {folder}/*.crt; do"
    yield (f"  keytool -keystore {store} -storepass $CERTS_STORE_PASSWORD -noprompt -alias $(basename $each)"
           " -import -file $each -storetype PKCS12 2>/dev/null")  # fmt: skip
    yield "done"


def _keys(store: str, certificate: str, key: str) -> str:
    return (
        f"openssl pkcs12 -export -in {certificate} -inkey {key} -name own -out {store}"
        " -password env:CERTS_STORE_PASSWORD -certpbe aes-128-cbc -keypbe aes-128-cbc -macalg sha256"
    )
