"""What a KafkaUser may not do that it has to, because somebody has changed its rights."""

from collections.abc import Iterable, Iterator

from generator.model.acls import Acl
from generator.rules.registry import Flaw
from generator.system.system import System


def rights_flaws(system: System, name: str, needs: Iterable[Acl]) -> Iterator[Flaw]:
    """A flaw for each resource on which a user lacks an operation; none where rights do not count."""
    user = next((each for each in system.users if each.name == name), None)
    if user is None or not system.authorized:
        return
    by_name: dict[tuple[str, str], list[str]] = {}
    prefixes = []
    for acl in user.acls:
        if acl.type != "allow":
            continue
        if acl.pattern == "prefix":
            prefixes.append(acl)
        else:
            by_name.setdefault((acl.resource, acl.name), []).extend(acl.operations)
    for need in needs:
        kind, wanted = need.resource, need.name
        mine = {*by_name.get((kind, wanted), ()), *by_name.get((kind, "*"), ())}
        mine.update(op for acl in prefixes if acl.covers(kind, wanted) for op in acl.operations)
        missing = [] if "All" in mine else [op for op in need.operations if op not in mine]
        if missing:
            yield Flaw(("spec", "authorization"), f"it may not {', '.join(missing)} on the {kind} {wanted}",
                       on=user.manifest, on_key=True)  # fmt: skip
