"""What plan says of a tenth of all changes of Strimzi's resources, by lot, under Strimzi's operators.

`python -m operators.table` makes all of them, and every tenth with `--share 10`, by the same lot where the seed is the same.
"""

from pathlib import Path

import pytest
from operators.changes import changes
from operators.site import Strimzi
from operators.table import Row, described, lot, make

pytestmark = [pytest.mark.live, pytest.mark.operators]


def test_a_tenth_by_lot(strimzi: Strimzi, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Plan and operators are of one mind."""
    seed = str(request.config.getoption("seed"))
    chosen = lot(changes(), 10, seed)
    rows: list[Row] = []
    make(strimzi, tmp_path, chosen, rows.append)

    wrong = [described(row) for row in rows if row["wrong"]]
    again = f"{len(wrong)} of {len(chosen)} changes disagree; again with --seed {seed}"
    assert wrong == [], "\n".join([again, *wrong])
