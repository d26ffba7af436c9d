"""What is wrong with approvals of what waits: no such object, or another word than it waits for."""

from collections.abc import Iterator, Mapping

from generator.common.finding import Path, Problem, did_you_mean
from generator.intent.sections import ApprovalSection
from generator.model.approvals import ORDERS, PURGE, RUN, SECTION
from generator.model.contributions import Waiting, all_that_waits, waiting_prefixes
from generator.model.environment import Environment


def problems(environment: Environment) -> Iterator[Problem]:
    """Approvals that nothing understands that waits."""
    everything = all_that_waits(environment)
    waiting = {name: each for each in everything for name in (each.name, each.prefix + each.name)}
    objects = {each.object: each.word for each in everything}
    for name, each in sorted(environment.data.get(SECTION, {}).items()):
        path: Path = (SECTION, name)
        kind, _, named = each["object"].partition("/")
        if each["object"] in objects:
            yield from _words(each, path, kind, objects[each["object"]])
        elif kind in ("Job", *ORDERS) and each["change"] in (RUN, PURGE):
            yield from _unknown(kind, named, path, waiting)


def _words(each: ApprovalSection, path: Path, kind: str, word: str) -> Iterator[Problem]:
    """What is said of an object that waits: its one word, and nothing more."""
    # What else may happen to a Job is for the plan to name; an order knows nothing else.
    if each["change"] != word and (kind != "Job" or each["change"] in (RUN, PURGE)):
        yield Problem((*path, "change"), f"{each['object'].partition('/')[2]} waits for '{word}'",
                      "unknown-approval", f"write change: {word}")  # fmt: skip
    elif "to" in each and each["change"] == word:
        what = "a Job that runs" if kind == "Job" else "an order that is carried out"
        yield Problem((*path, "to"), f"{what} becomes nothing", "no-effect", "drop it",
                      on_key=True)  # fmt: skip


def _unknown(
    kind: str, named: str, path: Path, waiting: Mapping[str, Waiting]
) -> Iterator[Problem]:
    """An object that does not wait, as far as the intent tells: what stands in extra/ may."""
    prefixes = waiting_prefixes()
    ours = kind != "Job" or named.startswith(prefixes)
    if ours and named in waiting:
        wanted = waiting[named].object
        yield Problem((*path, "object"), f"no {kind} '{named}' waits for it: what waits is {wanted}",
                      "unknown-approval", f"write object: {wanted}")  # fmt: skip
    elif "*" in named or named.startswith(prefixes):
        known = [each.object.partition("/")[2] for each in waiting.values()]
        yield Problem((*path, "object"), f"no {kind} '{named}' waits for it", "unknown-approval",
                      did_you_mean(named, known)
                      or f"name one {kind}; take the approval out once that has run")  # fmt: skip
