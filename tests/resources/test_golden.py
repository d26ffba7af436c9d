"""Golden pairs: `<case>.intent.yaml` renders to `<case>.rendered.yaml`, byte for byte.

The intent's first line names the folders of rendered/ENV that the case is about (`argocd` for the
shared one). `pytest --update-golden` rewrites the goldens; that run still fails, so that an update
is never taken for a pass.
"""

import json

import pytest
import yaml
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


@pytest.mark.parametrize("case", CASES)
def test_files_inside_config_maps_are_what_they_are_called(case: str) -> None:
    """Whoever reads a file that ends in .yml, .yaml or .json finds that in it, and no other language."""
    for file in (GOLDEN / f"{case}.rendered.yaml").read_text().split("# --- ")[1:]:
        manifest = yaml.safe_load(file.partition("\n")[2])
        for name, text in (
            manifest.get("data", {}).items() if manifest["kind"] == "ConfigMap" else ()
        ):
            if name.endswith((".yml", ".yaml")):
                assert isinstance(yaml.safe_load(text), dict), name
            elif name.endswith(".json"):
                assert json.loads(text), name
