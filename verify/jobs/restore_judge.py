"""The last step of a restore: what is there now, beside the set that it came from."""

import time
from collections.abc import Mapping
from pathlib import Path as File

from generator.common.exit_codes import ExitCode
from generator.contract.restore import RestoreOrder
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.restored import restored_topics
from verify.jobs.steps import order_of, runs_of, told_in, way, whole_sets
from verify.live.restored import Restored


def judge(file: File, variables: Mapping[str, str]) -> Restored:
    """Whether every record of the sets is there, and until when they reach.

    Raises:
        FindingsError: when the rendered file cannot be read.
    """
    order = order_of(file, RestoreOrder)
    mounted = file.parent.parent
    clock = Deadline(time.monotonic() + order.deadline_seconds)
    found = Restored(order.name)
    runs = runs_of(order, groups=False)
    with told_in(found):
        sets = whole_sets(order, runs, mounted, variables, clock.deadline)
        access = way(order, mounted, variables)
        found.topics = list(restored_topics(access, order, sets, clock))
        if found.is_wrong:
            found.exit_code = ExitCode.UNHEALTHY
    return found
