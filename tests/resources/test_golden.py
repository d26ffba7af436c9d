"""Golden pairs: `<case>.intent.yaml` renders to `<case>.rendered.yaml`, byte for byte.

The intent's first line names the folders of rendered/ENV that the case is about (`argocd` for the
shared one). `pytest --update-golden` rewrites the goldens; that run still fails, so that an update
is never taken for a pass.
"""

import pytest
from support import GOLDEN, RULES_OFF, Project

pytestmark = pytest.mark.usefixtures("second_opinion")
CASES = sorted(path.name.removesuffix(".intent.yaml") for path in GOLDEN.glob("*.intent.yaml"))


@pytest.mark.parametrize("case", CASES)
def test_intent_renders_to_golden(
    case: str, project: Project, request: pytest.FixtureRequest
) -> None:
    """The rendered manifests equal the golden file."""
    intent = (GOLDEN / f"{case}.intent.yaml").read_text()
    project.write("environments/dev/environment.yaml", intent)
    project.write("environments/dev/rules.yaml", RULES_OFF)
    areas = intent.splitlines()[0].removeprefix("# shows: ").split()
    everything = project.everything()
    assert everything.findings == []

    rendered = ""
    for folder, files in everything.files().items():
        for file, text in sorted(files.items()):
            area = folder if folder == "argocd" else file.split("/")[0]
            if area in areas and file.endswith(".yaml"):
                rendered += f"# --- {folder}/{file}\n" + text.split("\n", 1)[1]

    golden = GOLDEN / f"{case}.rendered.yaml"
    if request.config.getoption("--update-golden"):
        golden.write_text(rendered)
        pytest.fail(f"{golden.name} rewritten; read the diff, then run without --update-golden")
    assert rendered == golden.read_text()
