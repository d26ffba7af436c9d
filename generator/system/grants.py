"""Who may read and write which topic, looked up by name and not by trying every ACL."""

from collections.abc import Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

_READ, _WRITE = "Read", "Write"


class SystemAcl(NamedTuple):
    """One ACL rule of a KafkaUser; `path` is its place in the manifest."""

    path: tuple[str | int, ...]
    type: str
    resource: str
    name: str
    pattern: str
    operations: tuple[str, ...]
    host: str

    def covers(self, resource: str, name: str) -> bool:
        """True when the rule is about this resource, by name or by prefix."""
        if self.resource != resource:
            return False
        if self.pattern == "prefix":
            return name.startswith(self.name)
        return self.name in (name, "*")

    def allows(self, *operations: str) -> bool:
        """True when it allows one of the operations."""
        if self.type != "allow":
            return False
        mine = self.operations
        for operation in operations:  # asked very often, and any() takes twice the time
            if operation in mine:
                return True
        return "All" in mine


class _User(Protocol):
    """Whoever may do something."""

    @property
    def acls(self) -> tuple[SystemAcl, ...]: ...


Someone = TypeVar("Someone", bound=_User)


class Grants(Generic[Someone]):
    """The topic ACLs of all users, indexed by literal name and by prefix."""

    def __init__(self, users: Iterable[Someone]) -> None:
        self._literal: dict[tuple[str, str], list[Someone]] = {}
        self._prefixes: dict[tuple[str, str], list[Someone]] = {}
        self._lengths: set[int] = set()
        for user in users:
            for acl in user.acls:
                if acl.resource == "topic" and acl.type == "allow":
                    self._add(user, acl)

    def _add(self, user: Someone, acl: SystemAcl) -> None:
        index = self._prefixes if acl.pattern == "prefix" else self._literal
        if acl.pattern == "prefix":
            self._lengths.add(len(acl.name))
        everything = "All" in acl.operations
        for operation in (_READ, _WRITE):
            if everything or operation in acl.operations:
                index.setdefault((operation, acl.name), []).append(user)

    def readers(self, topic: str) -> list[Someone]:
        """Users that may read the topic."""
        return self._allowed(_READ, topic)

    def writers(self, topic: str) -> list[Someone]:
        """Users that may write to the topic."""
        return self._allowed(_WRITE, topic)

    def is_read(self, topic: str) -> bool:
        """True when somebody may read the topic."""
        return (_READ, topic) in self._literal or bool(self._allowed(_READ, topic))

    def is_written(self, topic: str) -> bool:
        """True when somebody may write to the topic."""
        return (_WRITE, topic) in self._literal or bool(self._allowed(_WRITE, topic))

    def _allowed(self, operation: str, topic: str) -> list[Someone]:
        found = list(self._literal.get((operation, topic), ()))
        found += self._literal.get((operation, "*"), ())
        for length in self._lengths:
            if length <= len(topic):
                found += self._prefixes.get((operation, topic[:length]), ())
        return found
