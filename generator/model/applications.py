"""Applications, users and client profiles -> the model; names that lead nowhere are problems."""

import re
from collections.abc import Iterator, Mapping

from generator.common.finding import Path, Problem, did_you_mean
from generator.intent.sections import Intent
from generator.model.connection import client_properties
from generator.model.environment import Application, Environment, Topic, once

_SECRET = re.compile(r"password|jaas|secret|token|keystore\.key|credential")


def applications(
    data: Intent, topics: Mapping[str, Topic], problems: list[Problem]
) -> Iterator[Application]:
    """All applications by name; unknown topics and clashing names become problems."""
    users = data.get("users", {})
    for name, settings in sorted(data.get("applications", {}).items()):
        path: Path = ("applications", name)
        if name in users:
            problems.append(
                Problem(("users", name), f"'{name}' is an application and a user",
                        "duplicate-user", "rename one of the two", on_key=True)
            )  # fmt: skip
        consumes = settings.get("consumes", {})
        if isinstance(consumes, list):
            groups = tuple((topic, name) for topic in consumes)
        else:
            groups = tuple((topic, own.get("group", name)) for topic, own in consumes.items())
        produces = tuple(settings.get("produces", ()))
        streams = settings.get("streams", {})
        external = set(settings.get("externalTopics", ()))
        by_name = not isinstance(consumes, list)
        used: list[tuple[Path, str]] = [
            (("consumes", topic if by_name else place), topic)
            for place, topic in enumerate(consumes)
        ]
        used += [(("produces", place), topic) for place, topic in enumerate(produces)]
        for word, named in (
            ("inputs", streams.get("inputs", ())),
            ("outputs", streams.get("outputs", ())),
        ):
            used += [(("streams", word, place), topic) for place, topic in enumerate(named)]
        for use, topic in used:
            if topic not in topics and topic not in external:
                problems.append(
                    Problem((*path, *use), f"there is no topic '{topic}'", "unknown-topic",
                            did_you_mean(topic, topics)
                            or "declare it under topics:, or name it in externalTopics",
                            on_key=isinstance(use[-1], str))
                )  # fmt: skip
        yield Application(
            name=name,
            authentication=settings.get("authentication", "tls"),
            produces=produces,
            consumes=tuple(sorted(groups)),
            settings=settings,
        )
    for name, user in sorted(users.items()):
        if "spec" not in user:
            problems.append(Problem(("users", name), "'spec' is missing", "missing-key",
                                    "add spec:", on_key=True))  # fmt: skip


def problems(environment: Environment) -> Iterator[Problem]:
    """Names of client profiles and listeners that lead nowhere."""
    data = environment.data
    profiles = data.get("clientProfiles", {})
    for profile, roles in sorted(profiles.items()):
        for role, settings in client_properties(roles).items():
            for key in settings:
                if _SECRET.search(key):
                    yield Problem(("clientProfiles", profile, role, key),
                                  f"{key} would put a secret into Git and into a ConfigMap",
                                  "secret", "let the application read it from its Secret",
                                  on_key=True)  # fmt: skip
    uses: list[tuple[Path, str]] = [
        (("applications", name, "clientProfile"), application["clientProfile"])
        for name, application in sorted(data.get("applications", {}).items())
        if "clientProfile" in application
    ]
    connection = data.get("connection", {})
    if "clientProfile" in connection:
        uses.append((("connection", "clientProfile"), connection["clientProfile"]))
    for path, profile in uses:
        if profile not in profiles:
            yield Problem(path, f"there is no client profile '{profile}'", "unknown-profile",
                          did_you_mean(profile, profiles))  # fmt: skip
    listeners = data["cluster"].get("listeners", {})
    listener = connection.get("listener")
    if listener is not None and listener not in listeners:
        yield Problem(("connection", "listener"), f"there is no listener '{listener}'",
                      "unknown-listener", did_you_mean(listener, listeners))  # fmt: skip


@once
def consumes(environment: Environment) -> Mapping[str, list[str]]:
    """Topics by the groups in which applications read them.

    Kafka Connect's workers are left out: their sinks read in a group of each connector's own.
    """
    found: dict[str, set[str]] = {}
    for application in environment.applications:
        if "connect" in application.settings:
            continue
        for topic, group in application.consumes:
            found.setdefault(group, set()).add(topic)
        streams = application.settings.get("streams", {})
        for topic in streams.get("inputs", ()):
            found.setdefault(streams.get("applicationId", application.name), set()).add(topic)
    return {group: sorted(topics) for group, topics in sorted(found.items())}


def told(environment: Environment) -> dict[str, object]:
    """The topics of every group, which checks look for."""
    return {"consumes": consumes(environment)}
