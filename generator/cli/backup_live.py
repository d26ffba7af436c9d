"""Live proof of backups: strimzi-verify as a process of its own, so that nothing here knows a cluster."""

import shutil
import subprocess
import sys
from pathlib import Path as File

from generator.common.exit_codes import MEANINGS, ExitCode
from generator.plan.backup_report import BackupReport, of_text
from generator.terminal.console import say
from generator.validate.kubeconform import ToolMissingError

_COMMAND = "strimzi-verify"
_DEADLINE_S = 600
_JUDGED = (ExitCode.FINE, ExitCode.UNHEALTHY, ExitCode.NOT_ENOUGH_RESOURCES)
"""Ends that come with a verdict; which it is, the report says."""


def ask(root: File, environment: str, deadline_s: float = _DEADLINE_S) -> BackupReport:
    """What strimzi-verify finds of the backups of an environment that is as root/rendered/ says.

    Raises:
        ToolMissingError: when it is not installed.
    """
    program = shutil.which(_COMMAND) or shutil.which(
        _COMMAND, path=str(File(sys.executable).parent)
    )
    if program is None:
        how = "pip install 'strimzi-gitops[verify]', or give a report with --backup-proof"
        raise ToolMissingError(f"{_COMMAND} is not installed; {how}")
    say(f"asking {_COMMAND} about the backups of {environment}")
    command = [
        program,
        "--root",
        str(root),
        "run",
        environment,
        "--only",
        "backup",
        "--format",
        "json",
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=deadline_s)
    except subprocess.TimeoutExpired:
        return BackupReport(environment, flaw=f"{_COMMAND} gave no verdict within {deadline_s:g} s")
    if done.returncode not in _JUDGED:
        return BackupReport(environment, flaw=_ended(environment, done.returncode, done.stderr))
    try:
        proof = of_text(done.stdout)
    except ValueError as error:
        return BackupReport(environment, flaw=f"{_COMMAND} printed no report: {error}")
    if proof.environment != environment:
        return BackupReport(
            environment, flaw=f"{_COMMAND} told of environment '{proof.environment}'"
        )
    return proof


def _ended(environment: str, code: int, stderr: bytes) -> str:
    """Why there is no verdict, in words."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    last = "".join(sign if sign.isprintable() else " " for sign in lines[-1])[:200] if lines else ""
    known = [meaning for each, meaning in MEANINGS.items() if each == code]
    words = ": ".join(filter(None, [*known, last]))
    return (f"{_COMMAND} gave no verdict (exit {code}{': ' + words if words else ''}); `{_COMMAND} run"
            f" {environment} --only backup` tells why")  # fmt: skip
