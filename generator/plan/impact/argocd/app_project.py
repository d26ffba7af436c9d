"""Argo CD's AppProject: what an Application may deploy, from where, and to which places."""

from collections.abc import Iterator

from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "AppProject"


def created(_: Pair) -> Iterator[Effect]:
    """It allows what its own Application needs.

    Source: Argo CD 3.5.1, docs/user-guide/projects.md.
    """
    yield Effect(Impact.DYNAMIC, "a new object")


def deleted(_: Pair) -> Iterator[Effect]:
    """Its Application syncs no more, which goes with it.

    Source: Argo CD 3.5.1, docs/user-guide/projects.md.
    """
    yield Effect(Impact.DYNAMIC, "the object goes")


def changed(_: Pair, field: FieldChange) -> Iterator[Effect]:
    """Where content may come from is the way to production; the rest follows what is rendered.

    Source: Argo CD 3.5.1, docs/user-guide/projects.md.
    """
    if field.path[:2] == ("spec", "sourceRepos"):
        yield Effect(Impact.PROTECTION_LOSS, "content of another repository may be deployed")
    else:
        yield Effect(Impact.DYNAMIC, "only what Argo CD lets the Application deploy")
