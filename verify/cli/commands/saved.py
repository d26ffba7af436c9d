"""`strimzi-verify saved`: whether the Secrets that are saved for a rebuild are those that are there."""

import time
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from generator.common.exit_codes import ExitCode
from generator.common.finding import Finding, FindingsError
from generator.terminal.console import say
from verify.cli.target_options import echo, git_says, where_kubernetes

if TYPE_CHECKING:
    from generator.documents.manifest import Body

_LIMIT_BYTES = 64 * 2**20
_PATIENCE_S = 60


@click.command("saved")
@where_kubernetes
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.pass_obj
def command(root: File | None, environment: str, file: BinaryIO, kubeconfig: File | None,
            kube_context: str, namespace: str) -> None:  # fmt: skip
    """Compare saved Secrets with those that are there; exit 7 when one is lacking or another.

    FILE is what `kubectl get secret -o json` printed; - reads it from the standard input, so that it need not lie
    on a disk. Needed are the Secrets of the authorities, of users, and those that rendered pods take. Names are
    told, and nothing that a Secret holds.

    \b
    Example:
      gpg --decrypt prod-secrets.json.gpg | strimzi-verify saved prod -
    """
    from generator.contract.secrets import needed_secrets
    from verify.collect.kubernetes.api import KubernetesTarget
    from verify.collect.kubernetes.errors import ApiError
    from verify.collect.kubernetes.saved import compared
    from verify.live.gap import Cause

    desired = git_says(root, environment)
    saved = _secrets(file)
    place = KubernetesTarget(namespace or desired.namespace, str(kubeconfig or ""), kube_context)
    try:
        needed = needed_secrets(desired.cluster, desired.objects).all
        found = compared(place, saved, needed, time.monotonic() + _PATIENCE_S)
    except ApiError as error:
        say(error.gap.reason)
        late = error.gap.cause is Cause.TIMED_OUT
        raise click.exceptions.Exit(ExitCode.TIMED_OUT if late else ExitCode.UNREACHABLE) from None
    wrong = [each for each in found if each.problem]
    code = ExitCode.DIFFERENT if wrong else ExitCode.FINE
    lines = [f"FAIL  {each.name} {each.problem}" for each in wrong]
    good = len(found) - len(wrong)
    lines.append(
        f"{environment}: {good} of {len(found)} Secrets are saved as they are (exit {int(code)})"
    )
    echo("\n".join(lines) + "\n")
    raise click.exceptions.Exit(code)


def _secrets(file: BinaryIO) -> "list[Body]":
    """The Secrets of a list, or a single one.

    Raises:
        FindingsError: when it is none.
    """
    import msgspec

    raw = file.read(_LIMIT_BYTES + 1)
    if len(raw) > _LIMIT_BYTES:
        raise _none(file, "is larger than 64 MiB")
    try:
        told: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        # What was wrong with it might quote a Secret.
        raise _none(file, "is no JSON") from None
    bodies = told.get("items") if isinstance(told, dict) and "items" in told else [told]
    if not isinstance(bodies, list) or not all(map(_is_secret, bodies)):
        raise _none(file, "holds something that is no Secret")
    return bodies


def _is_secret(body: object) -> bool:
    return (
        isinstance(body, dict)
        and body.get("kind") == "Secret"
        and isinstance(body.get("metadata"), dict)
        and isinstance(body["metadata"].get("name"), str)
        and isinstance(body.get("data") or {}, dict)
    )


def _none(file: BinaryIO, said: str) -> FindingsError:
    fix = "give what kubectl get secret -o json NAME... printed"
    return FindingsError([Finding(file.name, 0, 0, "saved", said, fix)])
