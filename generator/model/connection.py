"""How clients reach a cluster: addresses, protocols, names of Secrets, client settings."""

from collections.abc import Mapping
from typing import Final

from generator.common.kafka_values import config_text
from generator.intent.sections import ClientProfileSection
from generator.model.environment import Application, Environment, Listener

_ROLES: Final = ("consumer", "producer")
_AUTHENTICATIONS = ("tls", "scram-sha-512")
_HTTPS_PORTS = {"ingress": 443, "route": 443, "tlsroute": 443}


def default_listener(environment: Environment) -> Listener | None:
    """The listener that `connection.listener` names, else the safest internal one."""
    named = environment.data.get("connection", {}).get("listener")
    listeners = environment.cluster.listeners
    for listener in listeners:
        if listener.name == named:
            return listener
    ranked = sorted(listeners, key=lambda each: (not each.internal, not each.tls, each.port))
    return ranked[0] if ranked else None


def bootstrap_address(listener: Listener, environment: Environment) -> str | None:
    """host:port of a listener; None when only the running cluster knows (no bootstrapHost)."""
    cluster, namespace = environment.cluster.name, environment.namespace
    if listener.type == "internal":
        return f"{cluster}-kafka-bootstrap.{namespace}.svc.cluster.local:{listener.port}"
    if listener.type == "cluster-ip":
        service = f"{cluster}-kafka-{listener.name}-bootstrap"
        return f"{service}.{namespace}.svc.cluster.local:{listener.port}"
    configured = listener.configuration.get("bootstrap") or {}
    host = listener.bootstrap_host or configured.get("host")
    if host is None:
        return None
    if listener.type == "nodeport":
        port = configured.get("nodePort")
        return f"{host}:{port}" if port else None
    return f"{host}:{_HTTPS_PORTS.get(listener.type, listener.port)}"


def listener_for(application: Application, environment: Environment) -> Listener | None:
    """The listener on which an application can log in, the default one when that fits."""
    wanted = "tls" if application.authentication == "tls-external" else application.authentication
    default = default_listener(environment)
    fitting = [each for each in environment.cluster.listeners if each.authentication == wanted]
    if default is None or default in fitting or not fitting:
        return default
    return min(fitting, key=lambda each: (not each.internal, not each.tls, each.port))


def login_listener(environment: Environment, named: str | None) -> Listener | None:
    """Where a pod of ours logs in: the named listener, else the first internal one with TLS."""
    fitting = [each for each in environment.cluster.listeners if fits(each)]
    if named is not None:
        return next((each for each in fitting if each.name == named), None)
    ranked = sorted(fitting, key=lambda each: (_AUTHENTICATIONS.index(each.authentication),
                                               not each.tls, each.port))  # fmt: skip
    return ranked[0] if ranked else None


def fits(listener: Listener) -> bool:
    """True when a pod of this Kubernetes cluster can log in there."""
    return listener.internal and listener.authentication in _AUTHENTICATIONS


def client_properties(profile: ClientProfileSection) -> dict[str, Mapping[str, object]]:
    """Consumer and producer settings of a client profile, as far as it has some."""
    return {role: profile[role] for role in _ROLES if role in profile}


def connection_data(environment: Environment) -> dict[str, str]:
    """The connection object's entries; what only the running cluster knows is left out."""
    cluster = environment.cluster
    data = {"KAFKA_CLUSTER_CA_SECRET": f"{cluster.name}-cluster-ca-cert"}
    default = default_listener(environment)
    if default is not None:
        data |= {_variable(key): value for key, value in _client(default, environment).items()}
    for listener in cluster.listeners:
        for key, value in _client(listener, environment).items():
            data[f"listener.{listener.name}.{key}"] = value
    default_profile = environment.data.get("connection", {}).get("clientProfile")
    for application in environment.applications:
        prefix = f"application.{application.name}"
        if application.authentication != "tls-external":
            data[f"{prefix}.secret"] = application.name
        reached = listener_for(application, environment)
        if reached is not None and reached is not default:
            data[f"{prefix}.listener"] = reached.name
        named = application.settings.get("clientProfile", default_profile)
        if named:
            data[f"{prefix}.client-profile"] = named
    for name, profile in environment.data.get("clientProfiles", {}).items():
        for role, settings in client_properties(profile).items():
            data[f"client.{name}.{role}.properties"] = properties(settings)
    return data


def _client(listener: Listener, environment: Environment) -> dict[str, str]:
    """Kafka client settings for a listener, as far as they are known before it is deployed."""
    settings = {"security.protocol": listener.security_protocol}
    if listener.authentication == "scram-sha-512":
        settings["sasl.mechanism"] = "SCRAM-SHA-512"
    address = bootstrap_address(listener, environment)
    if address is not None:
        settings["bootstrap.servers"] = address
    return settings


def _variable(setting: str) -> str:
    """The environment variable's name for a client setting."""
    return "KAFKA_" + setting.upper().replace(".", "_")


def properties(settings: Mapping[str, object]) -> str:
    """Java properties, sorted: one `key=value` a line."""
    return "".join(f"{key}={config_text(value)}\n" for key, value in sorted(settings.items()))


def listener_rows(environment: Environment) -> list[dict[str, str | None]]:
    """One row a listener: where it is, how to speak to it, from where it can be reached."""
    unknown = f"kubectl get kafka {environment.cluster.name} -n {environment.namespace} -o yaml"
    return [
        {
            "listener": listener.name,
            "bootstrap": bootstrap_address(listener, environment)
            or f"known after deployment: {unknown}",
            "protocol": listener.security_protocol,
            "authentication": listener.authentication,
            "reach": "this Kubernetes cluster" if listener.internal else "outside",
        }
        for listener in environment.cluster.listeners
    ]


def advice(environment: Environment, application: Application | None) -> dict[str, str]:
    """The connection object's entries, narrowed to one application when one is given."""
    data = connection_data(environment)
    if application is None:
        return data
    listener = listener_for(application, environment)
    narrowed = {"KAFKA_CLUSTER_CA_SECRET": data["KAFKA_CLUSTER_CA_SECRET"]}
    if application.authentication != "tls-external":
        narrowed["KAFKA_USER_SECRET"] = application.name
    if listener is not None:
        narrowed |= {_variable(key): value for key, value in _client(listener, environment).items()}
    default_profile = environment.data.get("connection", {}).get("clientProfile")
    name = application.settings.get("clientProfile", default_profile) or ""
    profile = environment.data.get("clientProfiles", {}).get(name, {})
    for role, settings in client_properties(profile).items():
        narrowed[f"client.{role}.properties"] = properties(settings)
    return narrowed
