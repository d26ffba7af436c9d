"""A resolved document -> the model, and what is wrong with it beyond its shape."""

from generator.common.finding import Problem
from generator.intent.resolved import Resolved
from generator.model import contributions
from generator.model.applications import applications
from generator.model.cluster import cluster
from generator.model.environment import Environment
from generator.model.policy import policy_of
from generator.model.topics import topics


def build(resolved: Resolved) -> tuple[Environment, list[Problem]]:
    """The model of one environment, and what is wrong with it beyond its shape."""
    data = resolved.intent
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
        policy=policy_of(data.get("policy", {})),
        data=data,
        side_topics={name: tuple(sorted(names)) for name, names in side_topics.items()},
    )
    problems += contributions.all_problems(environment)
    return environment, problems
