"""Kubernetes objects as checks look at them: which count, what they are called, what they say."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from generator.common.kinds import names_of
from generator.contract.report import Outcome, skip, unknown
from generator.documents.manifest import Body
from verify.checks._words import bounded, listed
from verify.desired import Desired, WantedUser
from verify.live.live import Cause, Kubernetes, Live

Said = tuple[str, str]
"""A message and the object it is about."""

HOUR_S = 3600.0
_LONGEST = 300

STRIMZI = names_of("of_strimzi")
"""Kinds of intent that Strimzi's operators act on."""

HOOK = "argocd.argoproj.io/hook"


def kubernetes_of(live: Live) -> Kubernetes:
    """What was collected of Kubernetes.

    Raises:
        ValueError: when nothing was and no gap says so, which the collector never leaves.
    """
    if live.kubernetes is None:
        raise ValueError("neither Kubernetes nor a gap was collected")
    return live.kubernetes


def label(body: Body) -> str:
    """An object as kubectl writes it: `kafkatopic/orders`."""
    return f"{str(body['kind']).lower()}/{body['metadata']['name']}"


def annotations(body: Body) -> Mapping[str, str]:
    """Its annotations, none when it has none."""
    return body["metadata"].get("annotations") or {}


def labels(body: Body) -> Mapping[str, str]:
    """Its labels, none when it has none."""
    return body["metadata"].get("labels") or {}


def status(body: Body) -> Body:
    """Its status, empty while nobody wrote one."""
    return body.get("status") or {}


def conditions(body: Body) -> Iterator[tuple[str, bool, str]]:
    """Type, whether it is so, and reason with message in one short line."""
    for each in status(body).get("conditions") or ():
        words = [str(each.get(key) or "") for key in ("reason", "message")]
        yield each["type"], each.get("status") == "True", short(": ".join(filter(None, words)))


def short(text: str) -> str:
    """One line of a bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def is_hook(body: Body) -> bool:
    """Argo CD or Kubernetes may have removed it since; then it is not missing."""
    gone = body["kind"] == "Job" and "ttlSecondsAfterFinished" in body.get("spec", {})
    return gone or HOOK in annotations(body)


def is_paused(body: Body) -> bool:
    """Its operator leaves it alone."""
    if annotations(body).get("strimzi.io/pause-reconciliation") == "true":
        return True
    return any(kind == "ReconciliationPaused" and so for kind, so, _ in conditions(body))


def is_template(body: Body) -> bool:
    """A KafkaRebalance that others refer to; no operator acts on it."""
    return annotations(body).get("strimzi.io/rebalance-template") == "true"


def part_of(kubernetes: Kubernetes, body: Body) -> str:
    """The key under which objects of this one's kind were collected."""
    group = str(body["apiVersion"]).rpartition("/")[0]
    precise = f"{body['kind']}.{group}"
    return precise if precise in kubernetes.objects else str(body["kind"])


def of_strimzi(desired: Desired, live: Live, kinds: Iterable[str] = STRIMZI) -> Iterator[Body]:
    """Live objects of Strimzi's kinds that Git has too; all of them where there is no rendered/."""
    kubernetes = kubernetes_of(live)
    for kind in kinds:
        names = desired.of_kind(kind)
        for name, body in sorted(kubernetes.objects.get(kind, {}).items()):
            if not desired.rendered or name in names:
                yield body


def holes(live: Live, parts: Iterable[str]) -> Iterator[Outcome]:
    """What keeps these kinds from being judged, each reason once."""
    seen: dict[tuple[Cause, str], list[str]] = {}
    for part in sorted(set(parts)):
        gap = live.gap(f"kubernetes.{part}")
        if gap is not None:
            seen.setdefault((gap.cause, gap.reason), []).append(part)
    for (cause, reason), found in seen.items():
        if cause is Cause.NOT_ASKED:
            yield skip(reason, listed(found))
        else:
            yield unknown(reason, listed(found), timed_out=cause is Cause.TIMED_OUT)


def strimzi_holes(live: Live, kinds: Iterable[str] = STRIMZI) -> Iterator[Outcome]:
    """The same for Strimzi's kinds; those that this environment has not were never asked for."""
    return holes(live, kinds)


def together(make: Callable[[str, str], Outcome], found: Iterable[Said]) -> Iterator[Outcome]:
    """One outcome for all objects of which the same is said, so that thousands stay readable."""
    names: dict[str, list[str]] = {}
    for message, name in found:
        names.setdefault(message, []).append(name)
    yield from bounded(
        make(message, every[0]) if len(every) == 1 else make(f"{message}: {listed(every)}", "")
        for message, every in names.items()
    )


def secret_of(desired: Desired, live: Live, user: WantedUser) -> str:
    """What the User Operator says it is called, or would call it."""
    body = kubernetes_of(live).objects.get("KafkaUser", {}).get(user.resource)
    told = str(status(body).get("secret") or "") if body else ""
    entity = (desired.kafka.get("spec") or {}).get("entityOperator") or {}
    prefix = (entity.get("userOperator") or {}).get("secretPrefix", "")
    return told or f"{prefix}{user.resource}"
