"""What a pod needs that moves consumer groups: the script, its files, and a way into Kafka."""

from collections.abc import Mapping, Sequence

from generator.documents.manifest import Body
from generator.intent.sections import ResourcesSection
from generator.model.backups.offset_resets import snapshot_prefix
from generator.model.connection import bootstrap_address, properties
from generator.model.environment import Environment, Listener
from generator.resources.backups._offset_script import FOLDER, SCRIPT, SCRIPT_KEY
from generator.resources.backups._pod import Worker, container, secret_volume

USER = "user"
_PROPERTIES = "client.properties"


def files(
    listener: Listener,
    topics: Mapping[str, Sequence[str]],
    shares: Sequence[Sequence[str]],
    offsets: str = "",
) -> dict[str, str]:
    """The ConfigMap's entries by their file names; the groups of each pod are a file of their own.

    A line of it is a group and its topics, with blanks between them.
    """
    found = {
        SCRIPT_KEY: SCRIPT,
        _PROPERTIES: _client(listener),
        **{
            f"groups-{place}": "".join(f"{' '.join([each, *topics[each]])}\n" for each in share)
            for place, share in enumerate(shares)
        },
    }
    return found | ({"offsets.csv": offsets} if offsets else {})


def _client(listener: Listener) -> str:
    """Kafka client settings without any secret, which the script adds in the pod."""
    settings = {"security.protocol": listener.security_protocol}
    if listener.tls:
        settings["ssl.truststore.type"] = "PEM"
        settings["ssl.truststore.location"] = f"{FOLDER}/cluster-ca/ca.crt"
    if listener.authentication == "scram-sha-512":
        settings["sasl.mechanism"] = "SCRAM-SHA-512"
    return properties(settings)


def user_volume(worker: Worker) -> dict[str, Body]:
    """The Secret of the user, as Kafka's own clients take it."""
    tls = worker.listener.authentication == "tls"
    keys = ("user.crt", "user.key") if tls else ("sasl.jaas.config",)
    return {USER: secret_volume(worker.name, *keys)}


def step(
    environment: Environment,
    worker: Worker,
    name: str,
    image: str,
    said: ResourcesSection,
    volumes: Body,
    snapshot: str,
    args: Sequence[str],
) -> Body:
    """A container that does one thing of the script; `snapshot` is whose name snapshots bear."""
    address = bootstrap_address(worker.listener, environment)
    env: list[Body] = [
        {"name": "BOOTSTRAP", "value": address},
        {"name": "SNAPSHOT", "value": snapshot_prefix(snapshot)},
    ]
    mounted = [each for each in ("config", "cluster-ca", USER, "tmp") if each in volumes]
    return container(
        name, image, args, said, mounted, env, folder=FOLDER,
        command=["bash", f"{FOLDER}/config/{SCRIPT_KEY}"], workingDir="/opt/kafka",
    )  # fmt: skip
