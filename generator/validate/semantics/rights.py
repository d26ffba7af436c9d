"""Roles and who has them (kubernetes 1.34.4, pkg/apis/rbac/validation)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.validate.places import Complaint
from generator.validate.semantics import on

_GROUP = "rbac.authorization.k8s.io"
_ACCOUNT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@on("PolicyRule")
def rule(each: Any) -> Iterator[Complaint]:
    """A rule is about resources of groups, or about URLs."""
    if each.get("nonResourceURLs"):
        for key in ("apiGroups", "resources", "resourceNames"):
            if each.get(key):
                yield (key,), "nonResourceURLs have none", "make it a rule of its own"
        return
    for key in ("apiGroups", "resources"):
        if not each.get(key):
            yield (), f"'{key}' is missing", f"add {key}:"


@on("Role")
def role(body: Any) -> Iterator[Complaint]:
    """URLs are in no namespace."""
    for index, each in enumerate(body.get("rules") or ()):
        if each.get("nonResourceURLs"):
            path = ("rules", index, "nonResourceURLs")
            yield path, "a Role has none", "write it into a ClusterRole"


@on("Subject")
def subject(each: Any) -> Iterator[Complaint]:
    """Each kind of subject is of its group; an account is in a namespace."""
    account = each["kind"] == "ServiceAccount"
    group = each.get("apiGroup")
    if group and (account or group != _GROUP):
        wanted = "no apiGroup" if account else f"apiGroup {_GROUP}"
        yield ("apiGroup",), f"'{group}' is not that of a {each['kind']}", f"write {wanted}"
    if account and (len(each["name"]) > 253 or not _ACCOUNT.fullmatch(each["name"])):
        yield (
            ("name",),
            f"'{each['name']}' is no account's name",
            "write the name of a ServiceAccount",
        )


@on("ClusterRoleBinding")
def accounts(body: Any) -> Iterator[Complaint]:
    """An account is in a namespace, and nothing else says in which."""
    for index, each in enumerate(body.get("subjects") or ()):
        if each["kind"] == "ServiceAccount" and not each.get("namespace"):
            yield ("subjects", index), "'namespace' is missing", "add namespace:"
