"""Imports point one way: a module uses its own layer and those above it in this list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradcalc

PACKAGE = Path(gradcalc.__file__).parent

#: From what everything may use to what nothing uses.
LAYERS = (
    ("machine",),
    ("source",),
    ("errors",),
    ("ops",),
    ("syntax",),
    ("graph",),
    ("engine",),
    ("report", "shared"),
    ("services",),
    ("render",),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
#: The one place for each of the libraries.
HOMES = {"click": "cli", "rich": "render", "lark": "syntax/grammar.py"}
#: The public names are imported on first use, the command line by whoever runs the package.
ENTRIES = ("__init__.py", "__main__.py")

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or inside of a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            # "from gradcalc import ops" imports gradcalc.ops.
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    if name_of(path) in ENTRIES:
        return
    layer = name_of(path).removesuffix(".py").partition("/")[0]
    for name in imports(path):
        package, _, rest = name.partition(".")
        used = rest.partition(".")[0]
        if package == "gradcalc" and used in LEVEL:
            assert LEVEL[used] <= LEVEL[layer], f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_stay_in_their_place(path: Path) -> None:
    for name in imports(path):
        package = name.partition(".")[0]
        if package in HOMES:
            assert name_of(path).startswith(HOMES[package]), f"{name_of(path)} imports {name}"


def test_every_module_is_in_a_layer() -> None:
    top = {name_of(path).removesuffix(".py").partition("/")[0] for path in MODULES}
    assert top - {"__init__", "__main__"} == LEVEL.keys()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_are_short(path: Path) -> None:
    if path.name != "_native_table.py":
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400
