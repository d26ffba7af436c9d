"""What `backupOperator:` asks for: the operator that runs the backups with `engine: operator`.

The section as resolved -> a frozen Operator. There are two, of one vendor, with kinds of the same names.
"""

from typing import Final

from generator.intent.sections import BackupSection, OffsetResetSection
from generator.model.approvals import ORDERS
from generator.model.backups.engines import CRON_JOB, OPERATORS, USUAL
from generator.model.backups.engines.engine import Engine, Operator
from generator.model.environment import Environment, once

SECTION: Final = "backupOperator"
KINDS = ("KafkaBackup", "KafkaBackupValidation", *ORDERS)


@once
def backup_operator(environment: Environment) -> Operator:
    """The operator as asked for, with everything filled in that nobody says."""
    section = environment.data.get(SECTION, {})
    which = OPERATORS[section.get("api", USUAL.group)]
    return which(
        namespace=section.get("namespace", "kafka-backup"),
        chart={**which.CHART, **section.get("chart", {})},
        image=section.get("image", ""),
        own_resources=section.get("resources", which.RESOURCES),
        values=section.get("values", {}),
    )


def engine_of(environment: Environment, section: BackupSection | OffsetResetSection) -> Engine:
    """What runs a backup, or carries out a reset."""
    return backup_operator(environment) if wants_operator(section) else CRON_JOB


def wants_operator(section: BackupSection | OffsetResetSection) -> bool:
    """True when an operator is to do it, and no Job of ours."""
    return bool(section.get("engine") == "operator")


def is_asked_for(environment: Environment) -> bool:
    """True when the operator is to be installed: it is named, or a backup is its own."""
    backups = environment.data.get("backups", {}).values()
    return SECTION in environment.data or any(wants_operator(each) for each in backups)
