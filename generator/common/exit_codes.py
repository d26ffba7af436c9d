"""The exit codes of `strimzi-gitops` and `strimzi-verify`: one table."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means to the script that called it."""

    FINE = 0
    FINDINGS = 1
    UNREACHABLE = 2
    TOOL_MISSING = 3
    TIMED_OUT = 4
    UNHEALTHY = 5
    NOT_ENOUGH_RESOURCES = 6
    DIFFERENT = 7
    BLOCKED = 8
    USAGE = 64
    BUG = 70


MEANINGS: dict[ExitCode, str] = {
    ExitCode.FINE: "fine",
    ExitCode.FINDINGS: "findings: the intent or the manifests are wrong, or you can mend it",
    ExitCode.UNREACHABLE: "the Kubernetes API or Kafka cannot be reached or refuses us",
    ExitCode.TOOL_MISSING: "a needed tool is missing",
    ExitCode.TIMED_OUT: "timed out before a verdict",
    ExitCode.UNHEALTHY: "verified and unhealthy",
    ExitCode.NOT_ENOUGH_RESOURCES: "not enough resources (brokers, disk, partition budget)",
    ExitCode.DIFFERENT: "rendered/ is stale, or differences were asked about and exist",
    ExitCode.BLOCKED: "a change is blocked until it is approved",
    ExitCode.USAGE: "wrong usage",
    ExitCode.BUG: "a bug in this program",
}
