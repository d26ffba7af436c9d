"""Services, ingresses and network policies (kubernetes 1.34.4, pkg/apis/core and networking, validation)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.validate.places import Complaint
from generator.validate.semantics import on

_OUTSIDE = ("LoadBalancer", "NodePort")
_WORD = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_HOST = re.compile(rf"(\*\.)?{_WORD}(\.{_WORD})*")


def _is_network(text: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return "/" in text


def _networks(texts: Any, *path: str) -> Iterator[Complaint]:
    for index, text in enumerate(texts or ()):
        if not _is_network(text):
            yield (*path, index), f"'{text}' is no network", "write one such as 10.0.0.0/8"


@on("ServiceSpec")
def service(spec: Any) -> Iterator[Complaint]:
    """What a service says fits its type."""
    kind = spec.get("type") or "ClusterIP"
    ports = spec.get("ports") or ()
    if kind == "ExternalName":
        if not _HOST.fullmatch(spec.get("externalName") or ""):
            yield ("externalName",), "is no host name", "write the name that it stands for"
    elif not ports and spec.get("clusterIP") != "None":
        yield (), "'ports' is missing", "add ports:"
    if spec.get("externalTrafficPolicy") and kind not in _OUTSIDE and not spec.get("externalIPs"):
        yield ("externalTrafficPolicy",), f"a {kind} has none", "drop it"
    if spec.get("loadBalancerSourceRanges") and kind != "LoadBalancer":
        yield ("loadBalancerSourceRanges",), f"a {kind} has none", "drop it"
    yield from _networks(spec.get("loadBalancerSourceRanges"), "loadBalancerSourceRanges")
    yield from _service_ports(ports, kind)


def _service_ports(ports: Any, kind: str) -> Iterator[Complaint]:
    seen: set[tuple[object, ...]] = set()
    for index, port in enumerate(ports):
        protocol = port.get("protocol") or "TCP"
        name = port.get("name") or ""
        if not name and len(ports) > 1:
            yield ("ports", index), "'name' is missing", "name each of several ports"
        for key in (
            ("name", name),
            ("port", port["port"], protocol),
            ("node", port.get("nodePort"), protocol),
        ):
            if key[1] and key in seen:
                yield ("ports", index), f"{key[0]} {key[1]} is there twice", "change one of the two"
            seen.add(key)
        if port.get("nodePort") and kind not in _OUTSIDE:
            yield ("ports", index, "nodePort"), f"a {kind} has none", "drop nodePort"


@on("HTTPIngressPath")
def path(each: Any) -> Iterator[Complaint]:
    """A path is absolute and plain (validateHTTPIngressPath)."""
    said = each.get("path") or ""
    if each["pathType"] == "ImplementationSpecific" and not said:
        return
    if not said.startswith("/"):
        yield ("path",), f"'{said}' does not begin with '/'", "write an absolute path"
    if each["pathType"] != "ImplementationSpecific":
        wrong = [part for part in ("//", "/./", "/../", "%2f", "%2F") if part in said]
        wrong += [part for part in ("/..", "/.") if said.endswith(part)]
        for part in wrong[:1]:
            yield ("path",), f"'{part}' is in the path", "write it as servers see it"


@on("IngressSpec")
def ingress(spec: Any) -> Iterator[Complaint]:
    """Requests go somewhere."""
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield (), "has neither rules nor defaultBackend", "add rules:"


@on("IngressRule")
def rule(each: Any) -> Iterator[Complaint]:
    """A host is a name."""
    host = each.get("host")
    if host and (not _HOST.fullmatch(host) or len(host) > 253):
        yield ("host",), f"'{host}' is no host name", "write one such as web.example.com"


@on("IngressTLS")
def tls(each: Any) -> Iterator[Complaint]:
    """Hosts are names."""
    for index, host in enumerate(each.get("hosts") or ()):
        if not _HOST.fullmatch(host) or len(host) > 253:
            yield ("hosts", index), f"'{host}' is no host name", "write one such as web.example.com"


@on("NetworkPolicyPort")
def port(each: Any) -> Iterator[Complaint]:
    """A range of ports goes upwards."""
    first, last = each.get("port"), each.get("endPort")
    if last is not None and (not isinstance(first, int) or last < first):
        yield ("endPort",), "is at least port, which is a number", "write the last port"


@on("NetworkPolicyPeer")
def peer(each: Any) -> Iterator[Complaint]:
    """A peer is a network, or is selected."""
    if not each:
        yield (), "names nobody", "add podSelector, namespaceSelector or ipBlock"
    if each.get("ipBlock") and len(each) > 1:
        yield ("ipBlock",), "stands alone", "make it an entry of its own"


@on("IPBlock")
def block(each: Any) -> Iterator[Complaint]:
    """Exceptions lie within the network."""
    yield from ((("cidr",), said, fix) for _, said, fix in _networks([each["cidr"]]))
    yield from _networks(each.get("except"), "except")
    if not _is_network(each["cidr"]):
        return
    from ipaddress import ip_network

    whole = ip_network(each["cidr"], strict=False)
    for index, text in enumerate(each.get("except") or ()):
        part = ip_network(text, strict=False) if _is_network(text) else whole
        if part.version != whole.version or part == whole or not part.subnet_of(whole):  # type: ignore[arg-type]
            yield ("except", index), f"{text} is not within {each['cidr']}", "write a part of it"
