"""Who answers for applications and users, and what applications share without knowing."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.rules.registry import Flaw, rule
from generator.system.system import OWNER_LABEL, System, User


@rule("application-owner")
def owner(user: User) -> Iterator[Flaw]:
    """Every application and every user has a team that answers for it.

    Why: without one nobody can be asked what its password or certificate is used for, and no rule can
        tell whether it reaches what another team owns.
    Fix: write owner.
    Source: the policy of this project.
    """
    if not (user.manifest.body["metadata"].get("labels") or {}).get(OWNER_LABEL):
        ours = user.manifest.origin[:1] in (("users",), ("verify",))
        here = user.intent is not None or user.backs_up or ours
        fix = "" if here else f"write the label {OWNER_LABEL}"
        yield Flaw(("metadata", "labels"), "it has no owner", fix, on_key=True)


@rule("group-shared", Severity.WARNING)
def group_shared(system: System) -> Iterator[Flaw]:
    """Every application has consumer groups of its own.

    Why: Kafka deals the partitions out among all members of a group, so that of two applications in
        one group each sees only a part of the records, and each moves the other's offsets.
    Fix: give each application its own group; instances of one application are one application.
    Source: Kafka 4.3 documentation, "Consumers" (a record goes to one consumer of each group).
    """
    first: dict[str, str] = {}
    for user in sorted(system.users, key=lambda each: each.name):
        for group, path in groups_of(user).items():
            other = first.setdefault(group, user.name)
            if other != user.name:
                message = f"the application {other} is in the group '{group}' as well"
                yield Flaw(path, message, on=user.manifest)


def groups_of(user: User) -> dict[str, Path]:
    """The groups in which an application consumes, and where it says so."""
    if user.intent is None:
        return {}
    settings = user.intent.settings
    consumes = settings.get("consumes", {})
    found: dict[str, Path] = {}
    for topic, group in user.intent.consumes:
        named = not isinstance(consumes, list) and "group" in consumes[topic]
        found.setdefault(group, ("consumes", topic, "group") if named else ("consumes",))
    if "streams" in settings:
        said = settings["streams"].get("applicationId")
        _of_section(found, user, "streams", "applicationId", said)
    if "connect" in settings:
        _of_section(found, user, "connect", "group", settings["connect"].get("group"))
    return found


def _of_section(
    found: dict[str, Path], user: User, section: str, key: str, group: str | None
) -> None:
    """Add the group of a whole section, which is called as the application when nobody says it."""
    found.setdefault(group or user.name, (section, key) if group else (section,))
