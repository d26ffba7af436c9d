"""A resolved document -> the model, and what is wrong with it beyond its shape."""

from generator.common.finding import Problem
from generator.intent.resolved import Resolved
from generator.model.applications import applications, client_profiles
from generator.model.approval_problems import approval_problems
from generator.model.backups.backup_problems import backup_problems
from generator.model.backups.drill_problems import drill_problems
from generator.model.backups.offset_reset_problems import offset_reset_problems
from generator.model.backups.operator_problems import operator_problems
from generator.model.backups.restore_problems import restore_problems
from generator.model.backups.unsupported_orders import impossible
from generator.model.cluster import cluster
from generator.model.environment import Environment
from generator.model.topics import topics
from generator.model.verification.problems import message_formats, verification_problems


def build(resolved: Resolved) -> tuple[Environment, list[Problem]]:
    """The model of one environment, and what is wrong with it beyond its shape."""
    data = resolved.data
    problems: list[Problem] = []
    the_cluster = cluster(data, problems)
    all_topics = dict(topics(data, problems))
    side_topics: dict[str, list[str]] = {}
    for topic in all_topics.values():
        parent = topic.dead_letter_of or topic.retry_of
        if parent:
            side_topics.setdefault(parent, []).append(topic.name)
    environment = Environment(
        name=resolved.name,
        namespace=data["namespace"],
        size=data["size"],
        protect=data["protect"],
        cluster=the_cluster,
        topics=all_topics,
        applications=tuple(applications(data, all_topics, problems)),
        data=data,
        side_topics={name: tuple(sorted(names)) for name, names in side_topics.items()},
    )
    problems += client_profiles(data)
    problems += message_formats(data)
    problems += verification_problems(environment)
    problems += backup_problems(environment)
    problems += drill_problems(environment)
    problems += restore_problems(environment)
    problems += offset_reset_problems(environment)
    problems += approval_problems(environment)
    problems += operator_problems(environment)
    problems += impossible(environment)
    return environment, problems
