"""What other releases of Strimzi have of a kind that one has not, or otherwise."""

from generator.common.finding import Problem, Severity
from generator.common.strimzi.releases import known, nearest, numbers, release, releases, since
from generator.documents.manifest import Body
from generator.validate.newer import Newer, file_name, read

_GROUPS = ("kafka.strimzi.io", "core.strimzi.io")


def unknown_release(strimzi: str, *, added: bool) -> Problem | None:
    """That a release is not one of those known here, or known by the user's schemas alone.

    Source: schemas/strimzi/versions.json (Strimzi 0.45.0 to 1.2.0).
    """
    if known(strimzi):
        return None
    near, path = nearest(strimzi).version, ("strimzi", "version")
    if added:
        message = (
            f"Strimzi {strimzi} is known here by its schemas alone: all else is judged as of {near}"
        )
        fix = "look twice at what rules, plan and checks say"
        return Problem(path, message, "strimzi-version", fix, severity=Severity.WARNING)
    names = [each.version for each in releases()]
    here = names.index(near)
    beside = names[here : here + 2] if numbers(near) < numbers(strimzi) else names[:1]
    fix = f"write {' or '.join(beside)}, or give its schemas as strimzi/{strimzi}/ in a folder with --schemas"
    return Problem(path, f"Strimzi {strimzi} is not known here", "strimzi-version", fix)


def unserved(api_version: str, kind: str, strimzi: str) -> Problem | None:
    """That a release has no such kind, or not in this version of the API; None where that is not why.

    Source: Strimzi's CustomResourceDefinitions of each release, from 0.45.0 to 1.2.0.
    """
    group, _, version = api_version.partition("/")
    if group not in _GROUPS:
        return None
    apis = release(strimzi).kinds.get(kind, ())
    if version in apis:
        return None
    if apis:
        message = f"Strimzi {strimzi} serves {kind} as {', '.join(apis)}, not as {version}"
        fix = f"write apiVersion: {group}/{apis[-1]}"
        return Problem(("apiVersion",), message, "unknown-kind", fix)
    having = [each for each in releases() if kind in each.kinds]
    if not having:
        return None
    last, first = having[-1].version, having[0].version
    gone = last != releases()[-1].version
    when = f"{last} is the last that has it" if gone else f"{first} is the first that has it"
    message = f"Strimzi {strimzi} has no {kind}: {when}"
    return Problem(
        ("kind",), message, "unknown-kind", "remove it" if gone else "upgrade Strimzi first"
    )


def newer(body: Body, strimzi: str) -> Newer:
    """The releases after one, each with the schema that it has for the object, if any.

    It is that of another version of the API where it must be.
    """
    group, _, version = body["apiVersion"].partition("/")
    if group not in _GROUPS:
        return
    for each in since(strimzi)[1:]:
        apis = each.kinds.get(body["kind"], ())
        if apis:
            api = version if version in apis else apis[-1]
            name = file_name(f"{group}/{api}", body["kind"])
            folders = (f"strimzi/{later.version}" for later in since(each.version))
            yield f"Strimzi {each.version}", read(tuple(folders), name)
