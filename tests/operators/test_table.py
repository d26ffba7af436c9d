"""What plan says of a tenth of all changes of Strimzi's resources, by lot, under Strimzi's operators.

`python -m operators.table` makes all of them, and the same tenth with `--share 10` and the same `--seed`. Where time
is short (STRIMZI_GITOPS_LIVE_SECONDS), as much of the tenth as three minutes bear is made.
"""

import math
import os
import sys
from pathlib import Path

import pytest
from operators.changes import changes
from operators.site import Strimzi
from operators.table import Row, described, lot, make

pytestmark = [pytest.mark.live, pytest.mark.operators]

_SECONDS = 180 if os.environ.get("STRIMZI_GITOPS_LIVE_SECONDS") else math.inf


def test_a_tenth_by_lot(
    strimzi: Strimzi,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Plan and operators are of one mind."""
    seed = str(request.config.getoption("seed"))
    chosen = lot(changes(), 10, seed)
    rows: list[Row] = []
    make(strimzi, tmp_path, chosen, rows.append, _SECONDS)

    wrong = [described(row) for row in rows if row["wrong"]]
    done = f"{len(rows)} of {len(chosen)} changes made, {len(wrong)} disagree: --seed {seed}"
    with capsys.disabled():
        sys.stdout.write(f"\n{done}\n")
    assert wrong == [], "\n".join([done, *wrong])
    assert rows, "no change was made in time"
