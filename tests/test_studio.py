"""The README's recipe for SageMaker Studio, in a home like Studio's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
FOREIGN = {
    "argv": ["/opt/conda/bin/python", "-m", "ipykernel_launcher", "-f", "{file}"],
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
}


@pytest.fixture
def studio(tmp_path: Path) -> dict[str, str]:
    """Environment of a Studio terminal: a home that persists, a Jupyter not ours."""
    home = tmp_path / "home" / "sagemaker-user"
    kernel = home / ".local" / "share" / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(FOREIGN))
    jupyter = home / ".jupyter" / "jupyter_server_config.py"
    jupyter.parent.mkdir()
    jupyter.write_text("c.ServerApp.quit_button = False\n")
    hidden = ("JUPYTER", "IPYTHON", "VIRTUAL_ENV", "AWS_", "LOCALAWS_", "XDG_")
    plain = {k: text for k, text in os.environ.items() if not k.startswith(hidden)}
    return plain | {
        "HOME": str(home),
        "CONDA_PREFIX": "/opt/conda",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "SAGEMAKER_APP_TYPE": "JupyterLab",
    }


@pytest.mark.timeout(120)
def test_the_kernel_stands_beside_those_of_studio(studio, tmp_path):
    home = Path(studio["HOME"])
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    # `make` finds the environment up to date: what is tested is the registration.
    done = ["make", "-o", ".venv/.learner", "kernel"]
    subprocess.run(done, cwd=ROOT, env=studio, check=True, capture_output=True)

    kernels = home / ".local" / "share" / "jupyter" / "kernels"
    found = json.loads((kernels / "mla" / "kernel.json").read_text())
    assert found["argv"][0] == str(ROOT / ".venv" / "bin" / "python")
    assert found["display_name"] == "MLA workbook"
    assert all(path.read_bytes() == content for path, content in before.items())

    cell = nbformat.v4.new_code_cell("import sys, helpers, localaws\nprint(sys.prefix)")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "lesson.ipynb")
    execute = ["jupyter", "execute", "--kernel_name=mla", "--inplace", "lesson.ipynb"]
    execute[0] = str(Path(sys.executable).with_name("jupyter"))
    subprocess.run(execute, cwd=tmp_path, env=studio, check=True, capture_output=True)
    [ran] = nbformat.read(tmp_path / "lesson.ipynb", as_version=4).cells
    assert ran.outputs[0].text.strip() == str(ROOT / ".venv")
