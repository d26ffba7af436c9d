"""Volumes, quotas, ranges, and the content of ConfigMaps and Secrets (kubernetes 1.34.4, pkg/apis/core)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.common.units import UnitError, quantity_value
from generator.validate.places import Complaint
from generator.validate.semantics import on

_MOST = 2**20
_NO_SOURCES = {
    "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
    "storageClassName", "volumeAttributesClassName", "volumeMode",
}  # fmt: skip
_NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


@on("PersistentVolumeSpec")
def volume(spec: Any) -> Iterator[Complaint]:
    """A volume is of one kind."""
    sources = sorted(set(spec) - _NO_SOURCES)
    if len(sources) != 1:
        said = " and ".join(sources) if sources else "no kind of volume"
        yield (), f"has {said}", "name one kind of volume, such as nfs"
    if _below(spec["capacity"]["storage"], 1):
        yield ("capacity", "storage"), "has to be more than 0", "write a size such as 10Gi"


@on("PersistentVolumeClaimSpec")
def claim(spec: Any) -> Iterator[Complaint]:
    """Storage is asked for, and a mode that stands alone does."""
    if _below(spec["resources"]["requests"]["storage"], 1):
        yield (
            ("resources", "requests", "storage"),
            "has to be more than 0",
            "write a size such as 10Gi",
        )
    yield from modes(spec)


@on("PersistentVolumeSpec")
def modes(spec: Any) -> Iterator[Complaint]:
    """One pod alone is not one among others."""
    if "ReadWriteOncePod" in spec["accessModes"] and len({*spec["accessModes"]}) > 1:
        yield ("accessModes",), "ReadWriteOncePod stands alone", "drop the others"


def _below(amount: Any, least: int) -> bool:
    try:
        return 0 <= least > quantity_value(amount)
    except UnitError:
        return False


@on("ConfigMap")
def config_map(body: Any) -> Iterator[Complaint]:
    """A key is there once, and all of it is not too much (ValidateConfigMap)."""
    for key in sorted({*(body.get("data") or ())} & {*(body.get("binaryData") or ())}):
        yield ("binaryData", key), "is in data, too", "drop one of the two"
    yield from _too_much(body, "data", "binaryData")


@on("Secret")
def secret(body: Any) -> Iterator[Complaint]:
    """A secret has what its type promises (ValidateSecret)."""
    keys = {*(body.get("data") or ()), *(body.get("stringData") or ())}
    for key in _NEEDED.get(body.get("type") or "", ()):
        if key not in keys:
            yield ("data",), f"type {body['type']} needs '{key}'", f"add {key}:"
    yield from _too_much(body, "data", "stringData")


def _too_much(body: Any, *keys: str) -> Iterator[Complaint]:
    size = 0
    for key in keys:
        for value in (body.get(key) or {}).values():
            length = len(value.encode())
            is_plain = key == "stringData" or (key, body["kind"]) == ("data", "ConfigMap")
            size += length if is_plain else length * 3 // 4
    if size > _MOST:
        yield (keys[0],), f"{size} bytes are too many", "up to 1 MiB"


_CONTAINER = re.compile(r"cpu|memory|ephemeral-storage|hugepages-.+|.+/.+")
_ANY = re.compile(rf"{_CONTAINER.pattern}|storage|pods|requests\..+|limits\..+|.*s")
_AMOUNTS = ("default", "defaultRequest", "max", "maxLimitRequestRatio", "min")


@on("LimitRangeItem")
def limited(each: Any) -> Iterator[Complaint]:
    """What is limited is something that its type has (ValidateLimitRange)."""
    known = _CONTAINER if each["type"] in ("Container", "Pod") else _ANY
    for key in _AMOUNTS:
        for name in each.get(key) or ():
            if not known.fullmatch(name):
                yield (key, name), f"'{name}' is no resource", "such as cpu, memory or storage"
    bound = {*(each.get("max") or ()), *(each.get("min") or ())}
    if each["type"] == "PersistentVolumeClaim" and "storage" not in bound:
        yield (), "limits storage neither by min nor by max", "add max: {storage: 100Gi}"
    if each["type"] == "Pod":
        for key in ("default", "defaultRequest"):
            if each.get(key):
                yield (key,), "type Pod has none", "write it for type Container"


_MEASURED = ("cpu", "memory", "storage", "hugepages-")


def _uncountable(amount: Any) -> bool:
    return not isinstance(amount, float) and quantity_value(amount) * 1000 >= 2**63


@on("ResourceQuotaSpec")
def quota(spec: Any) -> Iterator[Complaint]:
    """Nothing is below zero, and what is counted is counted whole (ValidateResourceQuantityValue)."""
    for name, amount in (spec.get("hard") or {}).items():
        value = quantity_value(amount)
        plain = name.rpartition(".")[2] if name.startswith(("limits.", "requests.")) else name
        if value < 0:
            yield ("hard", name), f"{amount} is below 0", "write 0 or more"
        elif value.denominator != 1 and not plain.removeprefix("ephemeral-").startswith(_MEASURED):
            yield ("hard", name), f"{amount} is no whole number", "write one"
        elif not plain.removeprefix("ephemeral-").startswith(_MEASURED) and _uncountable(amount):
            yield ("hard", name), f"{amount} is too large", "write a number that can be counted to"


@on("LimitRangeSpec")
def limit_range(spec: Any) -> Iterator[Complaint]:
    """A type is there once."""
    seen: set[str] = set()
    for index, each in enumerate(spec.get("limits") or ()):
        if each["type"] in seen:
            yield ("limits", index, "type"), f"{each['type']} is there twice", "make them one"
        seen.add(each["type"])


_ORDER = ("min", "defaultRequest", "default", "max")


@on("LimitRangeItem")
def limits(each: Any) -> Iterator[Complaint]:
    """What is least, asked for, given and most goes upwards."""
    for index, low in enumerate(_ORDER):
        for high in _ORDER[index + 1 :]:
            for name, amount in (each.get(low) or {}).items():
                most = (each.get(high) or {}).get(name)
                if most is not None and quantity_value(amount) > quantity_value(most):
                    yield (low, name), f"{amount} is above {high} {most}", "put them in order"
