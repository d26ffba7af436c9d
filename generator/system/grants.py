"""Who may read and write which topic, looked up by name and not by trying every ACL."""

from collections.abc import Iterable
from typing import Any

_READ, _WRITE = "Read", "Write"


class Grants:
    """The topic ACLs of all users, indexed by literal name and by prefix."""

    def __init__(self, users: Iterable[Any]) -> None:
        self._literal: dict[tuple[str, str], list[Any]] = {}
        self._prefixes: dict[tuple[str, str], list[Any]] = {}
        self._lengths: set[int] = set()
        for user in users:
            for acl in user.acls:
                if acl.resource == "topic" and acl.type == "allow":
                    self._add(user, acl)

    def _add(self, user: Any, acl: Any) -> None:
        index = self._prefixes if acl.pattern == "prefix" else self._literal
        if acl.pattern == "prefix":
            self._lengths.add(len(acl.name))
        everything = "All" in acl.operations
        for operation in (_READ, _WRITE):
            if everything or operation in acl.operations:
                index.setdefault((operation, acl.name), []).append(user)

    def readers(self, topic: str) -> list[Any]:
        """Users that may read the topic."""
        return self._allowed(_READ, topic)

    def writers(self, topic: str) -> list[Any]:
        """Users that may write to the topic."""
        return self._allowed(_WRITE, topic)

    def is_read(self, topic: str) -> bool:
        """True when somebody may read the topic."""
        return (_READ, topic) in self._literal or bool(self._allowed(_READ, topic))

    def is_written(self, topic: str) -> bool:
        """True when somebody may write to the topic."""
        return (_WRITE, topic) in self._literal or bool(self._allowed(_WRITE, topic))

    def _allowed(self, operation: str, topic: str) -> list[Any]:
        found = list(self._literal.get((operation, topic), ()))
        found += self._literal.get((operation, "*"), ())
        for length in self._lengths:
            if length <= len(topic):
                found += self._prefixes.get((operation, topic[:length]), ())
        return found
