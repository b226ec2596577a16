"""A forked kernel shows what a stock kernel shows."""

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = [
    "import sys, os, logging, warnings\nprint(sys.argv[0], sys.path, os.getcwd())",
    "import numpy as np, pandas as pd, matplotlib.pyplot as plt\n"
    "rng = np.random.default_rng(7)\nframe = pd.DataFrame(rng.normal(size=(400, 3)))",
    "frame.head(3)",
    "frame[0].plot.hist(bins=20);",
    "figure, axes = plt.subplots(figsize=(3, 2))\n"
    "axes.scatter(frame[0], frame[1])\nfigure",
    "import seaborn as sns\nsns.boxplot(frame);",
    "from sklearn.linear_model import LogisticRegression\n"
    "LogisticRegression().fit(frame, frame[0] > 0).coef_",
    "LogisticRegression()",
    "logging.getLogger('course').warning('a warning in the log')",
    "print('to standard error', file=sys.stderr)",
    "import sagemaker.core.resources as r\nr.TrainingJob.__name__",
    "from sagemaker.train import ModelTrainer\nModelTrainer.__module__",
    "logging.getLogger('sagemaker.jumpstart').warning('from the SDK')",
    "!echo from the shell",
    "%matplotlib inline",
    "plt.get_backend()",
    "1 / 0",
]


def outputs(provisioner: str, monkeypatch: pytest.MonkeyPatch, folder: str) -> list:
    from jupyter_client.provisioning import KernelProvisionerFactory

    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", provisioner)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS]
    )
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=True,
        timeout=120,
        resources={"metadata": {"path": folder}},
    )
    client.execute()
    return [[dict(output) for output in cell.outputs] for cell in notebook.cells]


def test_outputs_are_those_of_a_stock_kernel(monkeypatch, tmp_path):
    stock = outputs("local-provisioner", monkeypatch, str(tmp_path))
    forked = outputs("mla-forked", monkeypatch, str(tmp_path))
    for source, expected, found in zip(CELLS, stock, forked, strict=True):
        assert found == expected, source
    figures = [
        out for cell in forked for out in cell if "image/png" in out.get("data", ())
    ]
    assert len(figures) >= 3


@pytest.mark.parametrize(
    "fit",
    [
        "from sklearn.ensemble import HistGradientBoostingClassifier as M; m = M()",
        "from sklearn.cluster import KMeans as M; m = M(8, n_init=1)",
        "from xgboost import XGBClassifier as M; m = M(n_jobs=2, n_estimators=5)",
        "from sklearn.ensemble import RandomForestClassifier as M; m = M(n_jobs=2)",
    ],
)
def test_models_fit_with_two_threads(start, fit):
    kernel = start()
    kernel.run(
        "import numpy as np, threadpoolctl\n"
        "X = np.random.default_rng(0).normal(size=(5000, 8)); y = X[:, 0] > 0\n"
        f"{fit}\n"
        "with threadpoolctl.threadpool_limits(2): m.fit(X, y)"
    )
    assert kernel.run("print(len(m.predict(X)))") == "5000\n"


def test_linear_algebra_has_the_threads_of_a_stock_kernel(start):
    ask = (
        "import numpy, threadpoolctl\n"
        "print([p['num_threads'] for p in threadpoolctl.threadpool_info()"
        " if p['user_api'] == 'blas'][:1])"
    )
    assert start().run(ask) == start("local-provisioner").run(ask)


def test_kernels_do_not_share_their_randomness(start):
    ask = "import numpy, random; print(numpy.random.rand(), random.random())"
    assert start().run(ask) != start().run(ask)


def test_the_courses_own_code_is_read_anew(start):
    assert start().run("import sys; print('helpers' in sys.modules)") == "False\n"


def test_a_kernel_that_exits_reports_its_code(start):
    kernel = start()
    process = kernel.manager.provisioner.process
    kernel.client.execute("import os; os._exit(7)")
    assert process.wait() == 7
