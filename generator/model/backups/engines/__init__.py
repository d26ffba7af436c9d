"""What runs backups and carries out orders: one module and one object for each engine.

`engine.py` names everything by which they differ; who adds an operator writes one class, and a row here.
"""

from generator.model.backups.engines.cron_job import CronJob
from generator.model.backups.engines.engine import Operator
from generator.model.backups.engines.oso import Oso
from generator.model.backups.engines.strimzi import Strimzi

CRON_JOB = CronJob()
OPERATORS: dict[str, type[Operator]] = {each.group: each for each in (Oso, Strimzi)}
"""The operators by the group of their kinds."""
USUAL = Oso
"""The one that is meant when nobody says which."""
