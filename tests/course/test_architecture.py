"""The arrows of the design: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import helpers
from helpers.authoring import tidy
from helpers.authoring.manifest import ROOT, course
from tests.course.gates.packages import PACKAGES, imports, modules

STANDARD = frozenset(sys.stdlib_module_names)
# What a folder or module must not import, and why.
FORBIDDEN = [
    ("localaws", ("helpers",), "the endpoint knows nothing of the course"),
    (
        "localaws/jobs",
        ("localaws.sagemaker", "localaws.server", "localaws.services"),
        "",
    ),
    ("localaws/jobs", ("boto3", "botocore", "moto"), "jobs know /opt/ml, not AWS"),
    ("localaws/algorithms", ("boto3", "botocore", "moto"), "nor do the algorithms"),
    (
        "localaws/wrangler",
        ("moto", "localaws.jobs", "localaws.sagemaker", "localaws.services"),
        "the program of an image knows the public interfaces alone",
    ),
    (
        "localaws/clarify",
        ("moto", "localaws.jobs", "localaws.sagemaker", "localaws.services"),
        "nor does Clarify's know more",
    ),
    (
        "localaws/pii",
        ("moto", "localaws.jobs", "localaws.sagemaker", "localaws.services"),
        "nor does what finds personal data",
    ),
    (
        "localaws/quality",
        ("moto", "localaws.jobs", "localaws.sagemaker", "localaws.services"),
        "nor do the rules of Glue Data Quality",
    ),
    (
        "localaws/glue_runtime",
        ("moto", "localaws.server", "localaws.services", "localaws.sagemaker"),
        "what runs in a job reaches AWS as its script does",
    ),
    (
        "localaws/spark_runtime",
        ("moto", "localaws.server", "localaws.services", "localaws.sagemaker"),
        "nor does an application know more",
    ),
    (
        "localaws/brew",
        ("moto", "localaws.jobs", "localaws.sagemaker", "localaws.services"),
        "the program of a DataBrew job knows the public interfaces alone",
    ),
    (
        "localaws/flink_runtime",
        ("boto3", "botocore", "moto", "localaws.server", "localaws.services"),
        "what runs in an application reaches AWS as its program does",
    ),
    (
        "localaws/kafka",
        ("boto3", "botocore", "moto", "localaws.server", "localaws.services"),
        "a broker knows the Kafka protocol alone",
    ),
    (
        "localaws/policies",
        ("boto3", "botocore", "moto", "localaws.services", "localaws.server"),
        "policies know documents and questions alone",
    ),
    ("localaws/sagemaker", ("moto", "localaws.server"), "the engine uses boto3"),
    ("localaws/services", ("localaws.server",), "layers do not call back"),
    ("localaws/client.py", ("moto", "localaws.server"), "the client speaks HTTP"),
    ("helpers/kernels", ("helpers.authoring", "helpers.checks", "localaws"), ""),
    ("helpers/labelling", ("helpers.authoring", "localaws.server", "moto"), ""),
    ("helpers/checks", ("helpers.authoring", "localaws", "moto"), "checks read AWS"),
    (
        "helpers/grading/sandbox",
        ("boto3", "moto", "helpers.authoring", "helpers.checks"),
        "the wall knows neither AWS nor a lab",
    ),
    (
        "helpers/grading/intake",
        ("boto3", "localaws", "helpers.checks"),
        "it only reads",
    ),
    ("helpers/grading/reports", ("boto3", "localaws", "helpers.checks"), "nor do they"),
    ("helpers/cloud.py", ("helpers.authoring", "localaws.server", "moto"), ""),
]
LEAVES = ["check.py", "samples.py", "show.py"]
LEAF_MAY = {"boto3", "pandas", "matplotlib", "helpers", "IPython", "PIL"}
MOTO = ("localaws/server.py", "localaws/compat.py", "localaws/services")
# Lab 1.1 has too many rows for the JSON of `check.inputs`: it lands them by a call.
NOTEBOOK_MAY = {
    "helpers",
    "helpers.complaints",
    "helpers.garments",
    "helpers.labelling",
    "helpers.loans",
    "helpers.mortgages",
    "helpers.patients",
    "helpers.payments",
    "helpers.samples",
}


def within(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def below(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.suffix else sorted(path.rglob("*.py"))


@pytest.mark.parametrize(
    ("place", "names", "why"), FORBIDDEN, ids=lambda x: str(x)[:40]
)
def test_no_arrow_points_back(place, names, why):
    found = {
        str(path.relative_to(ROOT)): name
        for path in below(place)
        if path.is_file()
        for name in imports(path)
        if within(name, names)
    }
    assert found == {}, why


@pytest.mark.parametrize("leaf", LEAVES)
def test_leaves_import_little(leaf):
    roots = {name.split(".")[0] for name in imports(ROOT / "helpers" / leaf)}
    assert roots - STANDARD <= LEAF_MAY


def test_jobs_and_algorithms_start_without_any_library():
    program = """
import sys
import localaws.jobs, localaws.algorithms, localaws.clarify, localaws.wrangler
print(*{name.partition(".")[0] for name in sys.modules})
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"boto3", "botocore", "moto", "numpy", "pandas", "sklearn", "xgboost"}
    assert heavy & set(done.stdout.split()) == set()


def test_moto_stays_in_its_rooms():
    rooms = [ROOT / room for room in MOTO]
    users = [path for path in modules("localaws") if any(map(is_moto, imports(path)))]
    assert [p for p in users if not set(rooms) & {p, *p.parents}] == []


def is_moto(name: str) -> bool:
    return within(name, ("moto",))


def test_nobody_imports_what_only_authors_run():
    rooms = [path for path in modules(*PACKAGES) if "authoring" not in path.parts]
    used = [(path, name) for path in rooms for name in imports(path)]
    assert [one for one in used if within(one[1], ("helpers.authoring",))] == [
        one for one in used if of_the_manifest(*one)
    ]


def of_the_manifest(path: Path, name: str) -> bool:
    """Whether the grader asks the one list of lessons and labs, as it may."""
    grader = ROOT / "helpers/grading" in path.parents
    return grader and within(name, ("helpers.authoring.manifest",))


def test_the_grader_has_the_endpoint_in_its_roles_alone():
    users = {p for p in modules("helpers/grading") for n in imports(p) if of_aws(n)}
    assert {path.parent.name for path in users} == {"roles"}


def of_aws(name: str) -> bool:
    # the kernel's walls are the same for a submission and for a job
    return within(name, ("boto3", "localaws", "moto")) and not within(
        name, ("localaws.jobs.isolation",)
    )


@pytest.mark.parametrize("path", course().sources(), ids=lambda path: path.stem)
def test_notebooks_see_the_face_of_helpers_only(path):
    source = "\n".join(c.source for c in tidy.read(path).cells if c.cell_type == "code")
    used = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            used.add(node.module)
        elif isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
    ours = {name for name in used if within(name, PACKAGES)}
    assert ours <= NOTEBOOK_MAY


def test_the_face_is_written_out():
    assert sorted(helpers.__all__) == ["check", "cloud", "sample", "show"]
    assert all(hasattr(helpers, name) for name in helpers.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_of_imports(package):
    graph = {name_of(path): direct(path) for path in modules(package)}
    graph = {name: {n for n in uses if n in graph} for name, uses in graph.items()}
    assert circle(graph) == []


def test_a_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def direct(path: Path) -> set[str]:
    """Give the modules that a module imports as it is imported itself."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in names if (ROOT / file_of(name)).is_file()}
            # A package's submodule that is imported from it is no use of the package.
            found |= {node.module} if len(names - found) else set()
    return found - {name_of(path)}


def file_of(name: str) -> str:
    return name.replace(".", "/") + ".py"


def circle(graph: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for used in sorted(graph[name]):
            found = visit(used, [*trail, name])
            if found:
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := visit(name, []))), [])
