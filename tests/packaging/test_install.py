"""A wheel, an sdist and an editable install each work, from outside of the source tree.

Nothing is fetched: the build backend and the dependencies are those of the Python that runs the
tests, and the package itself goes into a fresh virtual environment.
"""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROBE = """
import gradcalc
from gradcalc.syntax import grammar
print(gradcalc.__file__)
print(gradcalc.backprop("(x+y)*z", x=-2, y=5, z=-4).gradients)
print(grammar.grammar_text().splitlines()[0])
print(grammar.load_table() == grammar.build_table(grammar.grammar_text()))
"""


def call(*arguments: str | Path, cwd: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        arguments, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Machine:
    """A virtual environment that sees the libraries of this Python, but not its gradcalc."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False)
        self.bin = folder / ("Scripts" if sys.platform == "win32" else "bin")
        self.python = self.bin / "python"
        site = call(
            self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        ).strip()
        # Of a folder that a .pth file names, the .pth files are not read: whatever is installed
        # there as editable stays out of sight.
        (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def install(self, *what: str | Path) -> None:
        options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-cache-dir")
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", self.python)
        call(*pip, "install", "--ignore-installed", *options, *what, cwd=self.folder)

    def check(self, home: Path) -> None:
        """The package works, and comes from ``home``."""
        where, gradients, grammar, fresh = call(
            self.python, "-c", PROBE, cwd=self.folder
        ).splitlines()
        assert Path(where).resolve().is_relative_to(home)
        assert gradients == "{'x': -4.0, 'y': -4.0, 'z': 3.0}"
        assert grammar.startswith("//")
        assert fresh == "True"
        for command in ((self.bin / "gradcalc",), (self.python, "-m", "gradcalc")):
            arguments = ("x*y", "--x", "3", "--y", "4", "--get", "dx")
            assert call(*command, *arguments, cwd=self.folder) == "4\n"
            assert call(*command, "--version", cwd=self.folder).startswith("gradcalc ")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist of this source tree, and a wheel made from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    # Without --no-isolation, build would fetch the backend.
    call(sys.executable, "-m", "build", "--no-isolation", f"--outdir={folder}", ROOT, cwd=folder)
    return folder


def the(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_wheel(dist: Path, machine: Machine) -> None:
    wheel = the(dist, "*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"gradcalc/grammar/native.lark", "gradcalc/py.typed", "gradcalc/__main__.py"} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    # The package and its metadata, and nothing beside them.
    assert {name.split("/")[0].split("-")[0] for name in names} == {"gradcalc"}
    machine.install(wheel)
    machine.check(machine.folder)


def test_sdist(dist: Path, machine: Machine) -> None:
    sdist = the(dist, "*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"grammar/native.lark", "gradcalc/__init__.py", "pyproject.toml"} <= names
    assert {"README.md", "LICENSE", "CHANGELOG.md", "docs/language.md"} <= names
    machine.install(sdist)
    machine.check(machine.folder)


def test_editable(machine: Machine) -> None:
    """Its files, the grammar among them, stay in the source tree."""
    machine.install("--editable", ROOT)
    machine.check(ROOT)


def test_a_copy_of_the_source_tree(machine: Machine, dist: Path) -> None:
    """``pip install .`` of an unpacked sdist, which is all that a packager has."""
    with tarfile.open(the(dist, "*.tar.gz")) as archive:
        # The first releases of 3.11 have no filters yet.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(machine.folder)
    machine.install(the(machine.folder, "gradcalc-*"))
    machine.check(machine.folder)
