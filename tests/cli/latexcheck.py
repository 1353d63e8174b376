"""A check of LaTeX without TeX: what would stop it, or come out as something else.

Of what gradcalc writes only: known commands, groups and environments that close, ``&`` where there
are columns and no more than declared, scripts in maths mode only, no special characters.
"""

import re

TOKEN = re.compile(
    r"\\begin\{[a-z*]+\}|\\end\{[a-z*]+\}|\\left|\\right|\\[A-Za-z]+|\\.|\n|.", re.DOTALL
)
GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"),
    *("omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi"),
    "Omega",
)
#: Commands of maths mode, those of text mode, and those of both.
MATHS = {
    *(*GREEK, "frac", "sqrt", "sum", "prod", "cdot", "odot", "times", "top", "partial", "infty"),
    *("le", "ge", "ne", "in", "lvert", "rvert", "lVert", "rVert", "lfloor", "rfloor", "lceil"),
    *("rceil", "mathrm", "mathbf", "mathbb", "operatorname", "text", "texttt", "hat", "tilde"),
    *("bar", "dot", "ddot", "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "ln"),
    *("max", "min", "det", "arcsin", "arccos", "arctan", "ldots", "backslash", "wedge", "sim"),
    *("vert", "Vert", "quad", "checkmark", "blank", "dots"),
}
TEXT = {
    "toprule",
    "midrule",
    "bottomrule",
    "endhead",
    "endfoot",
    "section",
    "noindent",
    "paragraph",
    "item",
}
DISPLAYS = ("align*", "gather*")
TABLES = ("tabular", "longtable")
GRIDS = (*TABLES, *DISPLAYS, "bmatrix", "cases")
ENVIRONMENTS = (*GRIDS, "center", "itemize")
#: How many columns at most.
COLUMNS = {"align*": 4, "gather*": 1, "cases": 2}
#: Commands of words in text mode.
WORDS = ("\\text", "\\texttt", "\\paragraph")


class Bad(AssertionError):
    """The text would not compile, or not as it is meant."""


def check(text: str) -> None:
    """Raise Bad for a text that is no piece of LaTeX."""
    if r"\begin{document}" in text:
        text = text.partition(r"\begin{document}")[2].partition(r"\end{document}")[0]
    text = re.sub(r"^%.*\n", "", text, flags=re.MULTILINE)
    # What is open: ("{", whether there is maths in it), ("$", None), ("left", None), or an
    # environment with the number of its columns and of the cells in the row so far.
    stack: list[tuple[str, object]] = []
    before = ""  # the command that a brace would belong to
    places = iter(TOKEN.finditer(text))
    for match in places:
        token = match[0]
        where = text[max(0, match.start() - 30) : match.end() + 10]
        maths = _maths(stack)
        if token.startswith("\\begin"):
            name = token[7:-1]
            if name not in ENVIRONMENTS or maths != (name in ("bmatrix", "cases")):
                raise Bad(f"{name} has no place at {where!r}")
            declared = COLUMNS.get(name, 0)
            if name in TABLES:
                letters = re.compile(r"\{@\{\}([lr]+)@\{\}\}").match(text, match.end())
                if not letters:
                    raise Bad(f"no columns at {where!r}")
                declared = len(letters[1])
                for _ in letters[0]:
                    next(places)
            stack.append((name, [declared, 1] if name in GRIDS else None))
        elif token.startswith("\\end{"):
            if not stack or stack[-1][0] != token[5:-1]:
                raise Bad(f"{token} at {where!r} closes {stack[-1:]}")
            name, columns = stack.pop()
            assert columns is None or isinstance(columns, list)
            # A table ends behind the end of a row.
            if columns and not (name in TABLES and columns[1] == 1):
                _end_row(name, columns, where)
        elif token in ("\\left", "\\right"):
            if not maths or not re.compile(r"[()\[\]]|\\[lr](?:[vV]ert|floor|ceil)\b").match(
                text, match.end()
            ):
                raise Bad(f"{token} needs a delimiter at {where!r}")
            if token == "\\left":
                stack.append(("left", None))
            elif not stack or stack.pop()[0] != "left":
                raise Bad(f"\\right without \\left at {where!r}")
        elif token == "\\\\" or token == "&":
            if not stack or stack[-1][0] not in GRIDS:
                raise Bad(f"{token} outside of a grid at {where!r}")
            name, columns = stack[-1]
            assert isinstance(columns, list)
            if token == "&":
                columns[1] += 1
            else:
                if re.compile(r"\s*[\[*]").match(text, match.end()):
                    raise Bad(f"an option at {where!r}")
                _end_row(name, columns, where)
        elif token == "{":
            stack.append(("{", maths and before not in WORDS))
        elif token == "}":
            if not stack or stack.pop()[0] != "{":
                raise Bad(f"}} closes nothing at {where!r}")
        elif token == "$":
            if stack and stack[-1][0] == "$":
                stack.pop()
            elif maths:
                raise Bad(f"$ in maths at {where!r}")
            else:
                stack.append(("$", None))
        elif token in "_^":
            if not maths or text[match.end()] != "{":
                raise Bad(f"{token} at {where!r}")
        elif token in "#%~":
            raise Bad(f"bare {token} at {where!r}")
        elif re.fullmatch(r"\\[A-Za-z]+", token):
            if token[1:] not in (MATHS if maths else TEXT):
                raise Bad(f"{token} at {where!r}")
        elif token[0] == "\\":
            if token[1] not in "#$%&_{}":
                raise Bad(f"{token} at {where!r}")
        elif not token.isprintable() and token != "\n":
            raise Bad(f"{token!r} at {where!r}")
        elif not token.isascii() and maths:
            raise Bad(f"{token} in maths at {where!r}")
        elif token == "\n" and maths and text[match.end() : match.end() + 1] == "\n":
            raise Bad("an empty line in maths")
        before = token
    if stack:
        raise Bad(f"left open: {stack}")


def _maths(stack: list[tuple[str, object]]) -> bool:
    """Whether the innermost that says so is maths mode."""
    for name, inside in reversed(stack):
        if name == "{":
            return bool(inside)
        if name in ("$", "left", "bmatrix", "cases", *DISPLAYS):
            return True
    return False


def _end_row(name: str, columns: object, where: str) -> None:
    """Count the cells of a row: a table has as many as declared, a matrix as in its first row."""
    assert isinstance(columns, list)
    declared, found = columns
    if name in TABLES and found != declared:
        raise Bad(f"{found} cells of {declared} at {where!r}")
    if name == "bmatrix" and declared and found != declared:
        raise Bad(f"rows of {declared} and of {found} at {where!r}")
    if name in COLUMNS and found > declared:
        raise Bad(f"{found} cells at {where!r}")
    if name == "bmatrix":
        columns[0] = found
    columns[1] = 1
