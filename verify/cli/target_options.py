"""The options that say which cluster is meant and how to come in, and the plan that they make."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.common.finding import Finding, FindingsError
from generator.common.paths import RENDERED, SHARED
from generator.contract.settings import CONFIG_MAP, KEY, VerifySettings, decode, unknown_keys
from generator.documents.rendered_files import contents_of, folders_of, manifest_of
from generator.terminal.console import say
from generator.terminal.options import ENV, Decorated, find_root, no_such
from verify.cli.backup_options import look_of
from verify.cli.options import Options
from verify.collect.endpoints import MOUNTED, ConnectionOptions
from verify.collect.plan import CollectPlan
from verify.desired import Desired, of_rendered

if TYPE_CHECKING:
    from verify.checks.registry import Check

_NAMESPACE = File("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_FILE = click.Path(exists=True, dir_okay=False, path_type=File)


def seconds(_: click.Context, __: click.Parameter, value: str) -> float:
    """A duration such as 10m or 90s in seconds."""
    from generator.common.units import UnitError, parse_duration_ms

    try:
        found_ms = parse_duration_ms(value)
    except UnitError as error:
        raise click.BadParameter(f"{value} is not {error}") from None
    if found_ms < 0:
        raise click.BadParameter("nobody waits for ever; give a duration such as 10m")
    return found_ms / 1000


def redis_addresses(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Addresses of Redis; what they were understood as may be a part of a password, and is not told."""
    from verify.collect.redis import is_address

    if not all(is_address(value) for value in values):
        raise click.BadParameter("give an address such as redis://user:password@host:6379")
    return values


_SERVER = (
    click.option("--kubeconfig", type=_FILE, metavar="FILE",
                 help="[default: $KUBECONFIG, else ~/.kube/config]"),
    click.option("--context", "kube_context", default="", help="A context of the kubeconfig."),
    click.option("--namespace", default="", help="Where Kafka is. [default: as rendered]"),
)  # fmt: skip
_KUBERNETES = (
    *_SERVER,
    click.option("--in-cluster", is_flag=True,
                 help="As the ServiceAccount of this pod; Git is what the live custom resources say."),
    click.option("--no-kubernetes", is_flag=True, help="Ask Kafka only, at --bootstrap."),
    click.option("--revision", default="", metavar="COMMIT",
                 help="The commit that Argo CD should have applied."),
)  # fmt: skip
_KAFKA = (
    click.option("--bootstrap", multiple=True, metavar="HOST:PORT",
                 help="Where Kafka is. [default: what Strimzi's status says]"),
    click.option("--security-protocol", "protocol",
                 type=click.Choice(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
                 help="For --bootstrap. [default: what --ca, --cert and --username mean]"),
    click.option("--ca", type=_FILE, metavar="FILE", help="PEM of whom brokers are signed by."),
    click.option("--cert", "certificate", type=_FILE, metavar="FILE", help="PEM of who we are."),
    click.option("--key", type=_FILE, metavar="FILE", help="PEM of its key."),
    click.option("--username", default="", help="For SCRAM."),
    click.option("--password-file", type=_FILE, metavar="FILE", help="For SCRAM."),
    click.option("--mechanism", default="SCRAM-SHA-512", show_default=True,
                 type=click.Choice(["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])),
    click.option("--timeout", default="8s", show_default=True, callback=seconds,
                 help="For every single question."),
)  # fmt: skip


credentials = click.option(
    "--credentials/--no-credentials", default=True, show_default=True,
    help="Log in with what the Secrets of users hold, where we may read them; nothing of it is told.",
)  # fmt: skip


def where(command: Decorated) -> Decorated:
    """The argument ENV, and the options that say where its cluster is."""
    for option in reversed((*_KUBERNETES, *_KAFKA)):
        command = option(command)
    return click.argument("environment", type=ENV)(command)


def where_kubernetes(command: Decorated) -> Decorated:
    """The argument ENV, and the options that say where its API server is."""
    for option in reversed(_SERVER):
        command = option(command)
    return click.argument("environment", type=ENV)(command)


def plan_of(
    root: File | None, environment: str, options: Options, parts: frozenset[str]
) -> CollectPlan:
    """What to ask, and where, as the options say.

    Raises:
        FindingsError: when rendered/ does not say what the options need.
    """
    from verify.collect.kubernetes.api import KubernetesTarget

    desired, settings = what_git_says(root, environment, in_cluster=options["in_cluster"])
    place = None
    if not options["no_kubernetes"]:
        place = KubernetesTarget(
            options["namespace"] or (desired.namespace if desired else _own_namespace(settings)),
            str(options["kubeconfig"] or ""),
            options["kube_context"],
            options["in_cluster"],
            options["timeout"],
            {(each["kind"], each["metadata"]["name"]): each for each in desired.objects}
            if desired else None,
        )  # fmt: skip
    known = (desired.settings if desired else settings or VerifySettings()).backups
    plan = CollectPlan(
        environment,
        parts,
        place,
        _way(options),
        desired,
        settings,
        application=("", "")
        if options["in_cluster"]
        else application(find_root(root, RENDERED), environment),
        revision=options["revision"],
        mid_sync=options.get("mid_sync", False),
        credentials=options.get("credentials", True),
        look=look_of(options["backup_path"], options["backup_sample"], sorted(known))
        if "backup_path" in options
        else None,
    )
    needs_a_way(plan)
    return plan


def needs_a_way(plan: CollectPlan) -> None:
    """Return when something says where Kafka is, or nothing is asked of it.

    Raises:
        click.UsageError: when nothing does.
    """
    asked = plan.parts & {"kafka", "listeners", "logins", "probe", "flow", "restored"}
    if plan.place is None and not plan.way.bootstrap and asked:
        raise click.UsageError("--no-kubernetes needs --bootstrap")


def _way(options: Options) -> ConnectionOptions:
    if options["key"] and not options["certificate"]:
        raise click.UsageError("--key needs --cert")
    if options["username"] and not options["password_file"]:
        raise click.UsageError("--username needs --password-file")
    if options["password_file"] and not options["username"]:
        raise click.UsageError("--password-file needs --username")
    return ConnectionOptions(
        tuple(address for each in options["bootstrap"] for address in each.split(",")),
        options["protocol"] or "",
        options["ca"],
        options["certificate"],
        options["key"],
        options["username"],
        options["password_file"],
        options["mechanism"],
        options["timeout"],
    )


def what_git_says(
    root: File | None, environment: str, *, in_cluster: bool
) -> tuple[Desired | None, VerifySettings | None]:
    """rendered/ENV; or nothing and the mounted settings, where custom resources are what Git says.

    Raises:
        FindingsError: when it cannot be read.
    """
    if in_cluster:
        return None, _mounted(environment)
    desired = git_says(root, environment)
    return desired, desired.settings


def git_says(root: File | None, environment: str) -> Desired:
    """What rendered/ENV holds.

    Raises:
        FindingsError: when it cannot be read.
    """
    folder = find_root(root, RENDERED) / RENDERED
    if not (folder / environment).is_dir():
        known = sorted({*folders_of(folder)} - {SHARED}) if folder.is_dir() else []
        if known:
            raise no_such("environment", environment, known, f" under {folder}")
    desired = of_rendered(folder / environment, environment)
    held = desired.of_kind("ConfigMap").get(CONFIG_MAP, {}).get("data") or {}
    _tell_unknown(held.get(KEY, "{}"))
    return desired


def _mounted(environment: str) -> VerifySettings:
    file = MOUNTED / "settings" / KEY
    if not file.is_file():
        return VerifySettings(environment=environment)
    try:
        text = file.read_text()
        settings = decode(text)
    except (OSError, ValueError) as error:
        raise FindingsError(
            [Finding(str(file), 0, 0, "settings", f"cannot be read: {error}",
                     "let Argo CD sync the ConfigMap strimzi-verify")]
        ) from error  # fmt: skip
    _tell_unknown(text)
    return settings


def _tell_unknown(text: str) -> None:
    for key in unknown_keys(text):
        say(f"{KEY}: this version knows no '{key}', which is not looked at")


def _own_namespace(settings: VerifySettings | None) -> str:
    if settings is not None and settings.namespace:
        return settings.namespace
    return _NAMESPACE.read_text().strip() if _NAMESPACE.is_file() else "default"


def application(root: File, environment: str) -> tuple[str, str]:
    """Argo CD's Application that syncs rendered/ENV, and its namespace; empty when none is rendered."""
    folder = root / RENDERED / SHARED
    contents = contents_of(folder) if folder.is_dir() else {}
    for file, raw in sorted(contents.items()):
        if not file.startswith("application-"):
            continue
        body = manifest_of(f"{folder}/{file}", raw).body
        path = str((body["spec"].get("source") or {}).get("path", ""))
        if path.rstrip("/").rpartition("/")[2] == environment:
            return body["metadata"]["name"], body["metadata"].get("namespace", "argocd")
    return "", ""


def selection(only: Sequence[str], leave_out: Sequence[str]) -> list["Check"]:
    """The chosen checks.

    Raises:
        click.UsageError: when a name is none of a check or a group.
    """
    from verify.checks.registry import all_checks
    from verify.run import chosen

    try:
        return chosen(_names(only), _names(leave_out))
    except KeyError as error:
        groups = {check.group for check in all_checks().values()}
        known = [*groups, *all_checks()]
        raise no_such("check or group", error.args[0], known) from None


def known_checks(names: Sequence[str]) -> list[str]:
    """Names of checks and groups that this version has; Git may be ahead of the image, or behind."""
    from verify.checks.registry import all_checks

    known = {*all_checks(), *(check.group for check in all_checks().values())}
    for name in sorted(set(names) - known):
        say(f"verify.skip: there is no check or group '{name}' in this version")
    return [name for name in names if name in known]


def _names(said: Sequence[str]) -> list[str]:
    names = [name for each in said for name in each.split(",") if name]
    if any(not each.strip(",") for each in said):
        raise click.UsageError("--only and --skip want the name of a check or of a group")
    return names


def echo(text: str) -> None:
    """Print; where the reader of our output has gone, the exit code still tells the verdict."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        # Without this Python complains at exit, as it tries once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def soon() -> float:
    """The end of what a command that only shows may take."""
    import time

    return time.monotonic() + 120
