"""Every page shows what really happens, and every link leads somewhere."""

import doctest
import re
import tomllib
from pathlib import Path

import pytest

import gradcalc
from gradcalc.cli import evaluate
from gradcalc.cli.main import gradcalc as command

from .pages import FUNCTIONS, PAGES, ROOT, SESSION, commands, functions_page, refreshed

TEXTS = {path.name: path.read_text(encoding="utf-8") for path in PAGES}


@pytest.mark.parametrize("name", TEXTS)
def test_sessions(name: str, tmp_path: Path) -> None:
    """If not: python -m tests.docs.update"""
    assert refreshed(TEXTS[name], tmp_path) == TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_no_session_shows_a_traceback(name: str) -> None:
    assert "Traceback" not in TEXTS[name]
    assert "not found" not in TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_python_sessions(name: str) -> None:
    # Only the blocks: the closing fence is no part of what is printed.
    blocks = re.findall(r"^```pycon\n(.*?)^```$", TEXTS[name], re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, name, name, 0)
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_docstrings() -> None:
    from gradcalc.services import evaluate as module

    assert doctest.testmod(gradcalc).failed == 0
    assert doctest.testmod(module).failed == 0


def test_functions_page_is_fresh() -> None:
    """If not: python -m tests.docs.update"""
    assert FUNCTIONS.read_text(encoding="utf-8") == functions_page()


def test_the_command_line_page_has_the_help() -> None:
    sessions = SESSION.findall(TEXTS["command-line.md"])
    assert "$ gradcalc --help\n" in [line for s in sessions for line in commands(s)]


def test_every_option_is_explained() -> None:
    page = TEXTS["command-line.md"]
    _, _, own_words = page.partition("## Options")
    for parameter in command.params:
        name = max(parameter.opts, key=len)
        assert f"`{name}" in own_words, name
    for format in evaluate.FORMATS:
        assert f"`{format}`" in own_words


def test_readme_shows_the_headline() -> None:
    assert '$ gradcalc "(x+y)*z" --x -2 --y 5 --z -4\n' in TEXTS["README.md"]
    # The two lines for a fresh machine. A test fetches nothing: .ci/run runs them.
    lines = TEXTS["README.md"].splitlines()
    venv = "python3 -m venv .venv && .venv/bin/python -m pip install"
    assert f'{venv} . && .venv/bin/gradcalc "(x+y)*z" --x -2 --y 5 --z -4' in lines
    assert f"{venv} -e '.[test]' && .venv/bin/python -m pytest" in lines
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert "test" in tomllib.load(file)["project"]["optional-dependencies"]


@pytest.mark.parametrize("name", [*TEXTS, "CHANGELOG.md"])
def test_links(name: str) -> None:
    (path,) = [p for p in (*PAGES, ROOT / "CHANGELOG.md") if p.name == name]
    text = re.sub(
        r"^```.*?^```$|`[^`\n]+`", "", path.read_text(encoding="utf-8"), flags=re.M | re.S
    )
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = (path.parent / file) if file else path
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            slugs = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in slugs, target


def test_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]", text, re.M)
    assert gradcalc.__version__ in text


def test_ci_finds_the_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"sed -n 's/(.*?)/\\1/p' README.md", script)
    pattern = pattern.replace(r"\(", "(").replace(r"\)", ")")
    found = [
        m.group(1) for line in TEXTS["README.md"].splitlines() if (m := re.match(pattern, line))
    ]
    assert found[0] == "python -m pytest"
