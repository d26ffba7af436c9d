"""The system as it will be deployed, read back from the manifests: Kafka, pools, topics, users.

Rules and plan judge this and not the intent, so that overrides, extra manifests and plain folders
of manifests count alike. What only the intent knows (owner, throughput, policy) hangs on beside.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from generator.common.units import parse_duration_ms
from generator.documents.manifest import Body, Manifest
from generator.intent.sections import ApplicationConsumesSection, ClientProfileSection
from generator.model.backups.backups import Backup, backups, by_topic
from generator.model.environment import Application, Topic
from generator.system.deployed_cluster import DeployedCluster
from generator.system.effective_settings import UNLIMITED, TopicSettings
from generator.system.grants import Grants, SystemAcl
from generator.system.topic_index import TopicIndex

OWNER_LABEL = "strimzi-gitops/owner"


class SystemTopic(NamedTuple):
    """One KafkaTopic; `name` is the topic's name in Kafka."""

    manifest: Manifest
    name: str
    settings: TopicSettings
    intent: Topic | None
    owner: str | None
    """The team that answers for it."""
    system: "System"


@dataclass(frozen=True, slots=True)
class User:
    """One KafkaUser."""

    manifest: Manifest
    system: "System"
    intent: Application | None
    acls: tuple[SystemAcl, ...]

    @property
    def name(self) -> str:
        """The KafkaUser's name."""
        return self.manifest.name

    @property
    def spec(self) -> Body:
        """Its spec."""
        spec: Body = self.manifest.body["spec"]
        return spec

    @property
    def authentication(self) -> str:
        """tls, tls-external, scram-sha-512, or none."""
        return str(self.spec.get("authentication", {}).get("type", "none"))

    @property
    def principal(self) -> str:
        """What super users and ACLs call it."""
        return f"CN={self.name}" if self.authentication.startswith("tls") else self.name

    @property
    def quotas(self) -> Body:
        """Its quotas."""
        quotas: Body = self.spec.get("quotas") or {}
        return quotas

    @property
    def verifies(self) -> bool:
        """True for the user as whom verification logs in: what it may do is not the intent's to say."""
        return self.manifest.origin == ("verify",)

    @property
    def backs_up(self) -> bool:
        """True for the users that back up, restore, try it and move groups: no application is one."""
        return self.manifest.origin[:1] in (("backups",), ("restores",), ("offsetResets",))

    @property
    def admin(self) -> bool:
        """True when the policy lists it among the administrators."""
        return self.name in self.system.policy.acls.administrators


@dataclass(eq=False)
class System(DeployedCluster):
    """One Kafka cluster with everything that belongs to it."""

    topics: list[SystemTopic] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    others: Mapping[str, list[Manifest]] = field(default_factory=dict)
    """All manifests of the environment by kind; the environment's own system alone has them."""

    @cached_property
    def by_topic(self) -> dict[str, SystemTopic]:
        """Topics by their name in Kafka."""
        return {topic.name: topic for topic in self.topics}

    @cached_property
    def topic_index(self) -> TopicIndex[SystemTopic]:
        """Topics by the beginning of their names."""
        return TopicIndex(self.topics)

    @cached_property
    def grants(self) -> Grants[User]:
        """Who may read and write which topic; verification and backups are nobody's readers."""
        return Grants(user for user in self.users if not (user.verifies or user.backs_up))

    @cached_property
    def backups(self) -> list[Backup]:
        """The backups that are rendered."""
        return backups(self.environment) if self.environment else []

    @cached_property
    def backups_of_topic(self) -> dict[str, list[Backup]]:
        """Backups by the topics that they hold."""
        return by_topic(self.backups)

    @cached_property
    def producers(self) -> dict[str, list[Application]]:
        """Applications by the topics that they say they write to."""
        found: dict[str, list[Application]] = {}
        for application in self.environment.applications if self.environment else ():
            for topic in application.produces:
                found.setdefault(topic, []).append(application)
        return found

    @cached_property
    def consumer_instances(self) -> dict[str, tuple[int, str]]:
        """The largest declared number of instances by topic, and whose it is."""
        found: dict[str, tuple[int, str]] = {}
        for application, topic, own in self._consumptions():
            if "instances" in own:
                found[topic] = max(found.get(topic, (0, "")), (own["instances"], application))
        return found

    @cached_property
    def consumer_outages_ms(self) -> dict[str, tuple[int, str]]:
        """The longest outage of a topic's consumers, and whose it is; -1 without limit.

        Of a consumer that declares none, which is not named, the policy's counts.
        """
        usual = self.policy.topics.consumer_outage_ms
        found: dict[str, tuple[int, str]] = {}
        for application, topic, own in self._consumptions():
            outage = parse_duration_ms(own["outage"]) if "outage" in own else usual
            longest = found.get(topic, (-2, ""))[0]
            if longest != UNLIMITED and (outage == UNLIMITED or outage > longest):
                found[topic] = (outage, application if "outage" in own else "")
        return found

    def _consumptions(self) -> Iterator[tuple[str, str, ApplicationConsumesSection]]:
        for application in self.environment.applications if self.environment else ():
            consumes = application.settings.get("consumes", {})
            for topic, _ in application.consumes:
                yield application.name, topic, consumes[topic] if isinstance(consumes, dict) else {}
            for topic in application.settings.get("streams", {}).get("inputs", ()):
                yield application.name, topic, {}

    @cached_property
    def versions_of_names(self) -> dict[str, int]:
        """How many topics differ only in a version at the end of their names."""
        return Counter(re.sub(r"[.-]v[0-9]+$", "", topic.name) for topic in self.topics)

    @cached_property
    def _teams_by_prefix(self) -> tuple[dict[str, list[str]], list[int]]:
        """Teams by the prefixes of their topics' names, and how long prefixes are, longest first."""
        teams: dict[str, list[str]] = {}
        for team, prefixes in sorted(self.policy.naming.team_prefixes.items()):
            for prefix in prefixes:
                teams.setdefault(prefix, []).append(team)
        return teams, sorted({len(prefix) for prefix in teams}, reverse=True)

    def prefix_of(self, topic: str) -> tuple[str, list[str]]:
        """The longest prefix of teams that a topic's name has, and the teams; empty without one."""
        teams, lengths = self._teams_by_prefix
        for length in lengths:
            if topic[:length] in teams:
                return topic[:length], teams[topic[:length]]
        return "", []

    def client_profile(self, application: Application) -> ClientProfileSection:
        """The client settings that an application is advised to use."""
        environment = self.environment
        if environment is None:
            return {}
        usual = environment.data.get("connection", {}).get("clientProfile", "")
        name = application.settings.get("clientProfile", usual)
        return environment.data.get("clientProfiles", {}).get(name, {})


@dataclass(frozen=True, slots=True)
class Systems:
    """The systems of all environments of a project, by environment."""

    by_environment: Mapping[str, System]
