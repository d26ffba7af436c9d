"""Questions about the settings of topics and brokers: a connection in, plain data out."""

import re
from typing import Any

from kafka.protocol.admin import DescribeConfigsRequest

from verify.collect.kafka.questions import name_of
from verify.collect.kafka.wire import Connection, refuse
from verify.live.gap import OtherNodeError
from verify.live.live import Setting

_TOPIC, _BROKER = 2, 4
"""Types of resources that have settings (Kafka 4.3, ConfigResource.Type)."""
_OTHER_NODE = re.compile(r"Unexpected broker id, expected (\d+)")
"""What a broker says to whom asks it for the settings of another one (Kafka 4.3, ConfigHelper)."""
_SET_ON_TOPIC = 1
_KAFKAS = 5
_ORIGINS = {2: "broker", 3: "default", 4: "static", _KAFKAS: "kafka"}
"""Sources of settings: the topic itself; this broker or all of them, while they ran; the broker's file;
Kafka's own default (Kafka 4.3, DescribeConfigsResponse.ConfigSource)."""


def topic_configs(connection: Connection, names: list[str]) -> dict[str, dict[str, str]]:
    """The settings that topics have themselves, in one question for all of these topics."""
    resource = DescribeConfigsRequest.DescribeConfigsResource
    answer = connection.ask(
        DescribeConfigsRequest(
            resources=[
                resource(resource_type=_TOPIC, resource_name=name, configuration_keys=None)
                for name in names
            ],
            include_synonyms=False,
            include_documentation=False,
        ),
        timeout_s=60,
    )
    found = {}
    for each in answer.results:
        if name_of(each.error_code) == "UNKNOWN_TOPIC_OR_PARTITION":
            continue  # deleted since the metadata were told
        refuse(
            each.error_code,
            each.error_message,
            f"describing topic {each.resource_name} (ACL: DescribeConfigs Topic)",
        )
        found[each.resource_name] = {
            c.name: c.value or "" for c in each.configs if c.config_source == _SET_ON_TOPIC
        }
    return found


def broker_config(connection: Connection, broker: int) -> dict[str, Setting]:
    """All settings of a broker but secrets, with where each comes from.

    Raises:
        OtherNodeError: when it is not this broker that answers.
        NoAnswerError: when the broker does not answer or refuses.
    """
    resource = DescribeConfigsRequest.DescribeConfigsResource
    answer = connection.ask(
        DescribeConfigsRequest(
            resources=[
                resource(resource_type=_BROKER, resource_name=str(broker), configuration_keys=None)
            ],
            include_synonyms=True,
            include_documentation=False,
        )
    )
    (result,) = answer.results
    other = _OTHER_NODE.match(result.error_message or "")
    if other:
        raise OtherNodeError(connection.name, int(other[1]))
    refuse(
        result.error_code,
        result.error_message,
        f"describing broker {broker} (ACL: DescribeConfigs Cluster)",
    )
    return {
        c.name: Setting(c.value or "", _ORIGINS.get(c.config_source, "static"), _default(c))
        for c in result.configs
        if not c.is_sensitive
    }


def _default(config: Any) -> str | None:
    """What Kafka itself would have a setting at."""
    told = (each.value for each in config.synonyms if each.source == _KAFKAS)
    return next(told, None)
