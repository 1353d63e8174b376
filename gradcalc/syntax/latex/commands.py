"""The commands of LaTeX that are read, and what each of them is."""

from gradcalc.syntax.names import SUBSCRIPTS

#: A token: its kind, its text (for a name its one spelling) and its range in the source.
Tok = tuple[str, str, int, int]


def words(text: str) -> list[str]:
    """A list that reads more easily without quotes."""
    return text.split()


_GREEK = words(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma"
    " tau upsilon phi chi psi omega"
)
_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
#: The name of each Greek letter, and the letter of each name.
LETTER_NAMES = dict(zip(_LETTERS, _GREEK, strict=True))
LETTER_NAMES.update((letter.upper(), name.title()) for letter, name in [*LETTER_NAMES.items()])
LETTER_NAMES.update({"ϵ": "epsilon", "ϑ": "theta", "ϕ": "phi", "ϱ": "rho", "ς": "sigma"})
NAME_LETTERS = {name: letter for letter, name in reversed(LETTER_NAMES.items())}
#: \varepsilon is \epsilon, unless both stand in one text.
VARIANTS = {f"var{name}": name for name in ("epsilon", "theta", "phi", "rho", "sigma", "kappa")}

FUNCTIONS = {
    **{
        name: name
        for name in words(
            "exp log sin cos tan sinh cosh tanh max min det arcsin arccos arctan abs norm"
        )
    },
    "ln": "log",
    "lg": "log10",
    "sgn": "sign",
    "Tr": "trace",
    "tr": "trace",
}
#: Names of functions that are written otherwise here.
OTHER_NAMES = {"sgn": "sign", "lse": "logsumexp", "lg": "log10", "ln": "log"}
#: f^{-1} of these is the inverse function.
INVERSES = {
    **{f: f"arc{f}" for f in ("sin", "cos", "tan")},
    **{f: f"arc{f}" for f in ("sinh", "cosh", "tanh")},
}
#: Those that are read as functions without a backslash in front of an operand, too.
PLAIN_FUNCTIONS = frozenset(words("sin cos tan exp log ln sinh cosh tanh"))
#: Greek letters that are functions directly in front of a bracket.
LETTER_FUNCTIONS = {"sigma": "sigmoid", "Phi": "normal_cdf", "Gamma": "gamma"}

OPERATORS = {
    **dict.fromkeys(("cdot", "cdotp", "bullet"), ("times", "·")),
    **dict.fromkeys(("times", "ast"), ("times", "*")),
    **dict.fromkeys(("odot", "circ"), ("times", "⊙")),
    "otimes": ("times", "outer"),
    "div": ("times", "/"),
    "slash": ("times", "/"),
    **dict.fromkeys(("le", "leq", "leqslant"), ("compare", "<=")),
    **dict.fromkeys(("ge", "geq", "geqslant"), ("compare", ">=")),
    **dict.fromkeys(("ne", "neq"), ("compare", "!=")),
    "lt": ("compare", "<"),
    "gt": ("compare", ">"),
    **dict.fromkeys(("land", "wedge"), ("and", "and")),
    **dict.fromkeys(("equiv", "triangleq", "coloneqq", "doteq"), ("=", "=")),
    **dict.fromkeys(("quad", "qquad"), ("quad", "")),
    **dict.fromkeys(("implies", "iff", "Rightarrow", "Leftrightarrow"), ("arrow", "")),
    **dict.fromkeys(("to", "rightarrow", "longrightarrow", "Longrightarrow"), ("arrow", "")),
    "over": ("over", ""),
    "mid": ("bar", "|"),
    **dict.fromkeys(("approx", "simeq", "thickapprox"), ("approx", "")),
    "in": ("in", ""),
    "partial": ("partial", "∂"),
    "nabla": ("nabla", "∇"),
    "infty": ("name", "inf"),
    "ell": ("name", "ell"),
    "prime": ("'", "'"),
    **dict.fromkeys(("top", "intercal"), ("top", "⊤")),
    **dict.fromkeys(("star", "dagger"), ("star", "star")),
    **dict.fromkeys(("dots", "ldots", "cdots", "dotsc", "dotsb", "vdots", "ddots"), ("dots", "")),
    "sum": ("big", "sum"),
    "prod": ("big", "prod"),
    "underbrace": ("brace", "_"),
    "overbrace": ("brace", "^"),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), ("frac", "")),
    "sqrt": ("sqrt", ""),
    "colon": (":", ":"),
    "hline": ("skip", ""),
}
#: Commands without a meaning for the value.
BLANKS = frozenset(
    words(
        "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag"
        " allowbreak nobreak noindent centering relax bf rm it sf tt cal bfseries mathstrut strut"
        " par hfill hfil break newline smallskip medskip bigskip null kern thinspace medspace"
        " thickspace negthinspace enspace enskip boldmath unboldmath tiny small large"
        " normalsize footnotesize scriptsize Large LARGE huge Huge mathop mathrel"
        " mathbin mathord mathopen mathclose"
    )
)
#: Those that vanish with their argument.
DROPPED = frozenset(
    words("label tag hspace vspace phantom hphantom vphantom color ref eqref cite footnote")
)
#: Commands that only say how their argument looks.
FONTS = frozenset(
    words(
        "mathbf bold boldsymbol bm pmb vec mathcal mathscr mathfrak mathbb mathds mathbbm boxed"
        " ensuremath mathnormal smash cancel underline overrightarrow Bbb symbf"
        " symbfit mathbfit emph"
    )
)
#: Commands of upright words.
WORDS = frozenset(words("mathrm mathit mathsf mathtt operatorname operatorname* mathnormal up"))
TEXTS = frozenset(
    words(
        "text textrm textbf textit textnormal textsf texttt mbox hbox textsc intertext"
        " shortintertext textup"
    )
)
#: Marks above a name, which become part of it.
ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "tilde": "tilde",
    "widetilde": "tilde",
    "bar": "bar",
    "overline": "bar",
    "dot": "dot",
    "ddot": "ddot",
    "check": "check",
    "breve": "breve",
    "mathring": "ring",
}
#: Small letters, digits and signs below the line, and what they are.
SMALL = {**SUBSCRIPTS, ord("₊"): "+", ord("₋"): "-", ord("₌"): "="}
#: How many arguments each kind of token takes.
ARGUMENTS = {"frac": 2, "sqrt": 1, "font": 1, "accent": 1, "brace": 1, "^": 1, "_": 1}

#: Delimiters: whether they open, close or either, and what they are.
DELIMITERS = {
    "(": ("open", "("),
    ")": ("close", ")"),
    "[": ("open", "["),
    "]": ("close", "]"),
    "\\{": ("open", "\\{"),
    "\\}": ("close", "\\}"),
    "\\lbrace": ("open", "\\{"),
    "\\rbrace": ("close", "\\}"),
    "\\lbrack": ("open", "["),
    "\\rbrack": ("close", "]"),
    "\\lparen": ("open", "("),
    "\\rparen": ("close", ")"),
    "\\lvert": ("open", "|"),
    "\\rvert": ("close", "|"),
    "\\lVert": ("open", "‖"),
    "\\rVert": ("close", "‖"),
    "\\langle": ("open", "⟨"),
    "\\rangle": ("close", "⟩"),
    "\\lfloor": ("open", "⌊"),
    "\\rfloor": ("close", "⌋"),
    "\\lceil": ("open", "⌈"),
    "\\rceil": ("close", "⌉"),
    "⟨": ("open", "⟨"),
    "⟩": ("close", "⟩"),
    "⌊": ("open", "⌊"),
    "⌋": ("close", "⌋"),
    "⌈": ("open", "⌈"),
    "⌉": ("close", "⌉"),
    "|": ("bar", "|"),
    "\\vert": ("bar", "|"),
    "\\|": ("bar", "‖"),
    "\\Vert": ("bar", "‖"),
    "‖": ("bar", "‖"),
    "∥": ("bar", "‖"),
    ".": ("open", "."),
    "/": ("times", "/"),
}
CLOSED_BY = {
    "(": ")", "[": "]", "\\{": "\\}", "|": "|", "‖": "‖", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"
}  # fmt: skip
#: \left and the like: whether what follows opens, closes, or is whatever it is by itself.
SIZES = {
    "left": "open",
    "right": "close",
    **{f"{size}{side}": role
       for size in ("big", "Big", "bigg", "Bigg")
       for side, role in (("", ""), ("l", "open"), ("r", "close"), ("m", ""))},
}  # fmt: skip

#: Environments whose rows are statements, or parts of one.
TRANSPARENT = frozenset(
    words(
        "equation align aligned gather gathered split multline eqnarray displaymath math alignat"
        " alignedat flalign alignat subequations document center"
    )
)
MATRICES = frozenset(words("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array"))
CASES = frozenset(("cases", "dcases", "rcases", "numcases"))

#: Words between formulas.
PROSE = frozenset(
    words(
        "and where with so then hence thus since because let when as or but if for otherwise else"
        " is are we have given i.e. e.g. note that of the a in to by from"
    )
)
#: What cannot be read, and what to write.
A_RANGE = "write all the terms, or a sum: \\sum_{i=1}^{n} x_i"
UNSUPPORTED = {
    "pm": ("\\pm stands for two values", "write one formula with + and one with -"),
    "mp": ("\\mp stands for two values", "write one formula with + and one with -"),
    **dict.fromkeys(
        ("int", "iint", "oint"), ("an integral cannot be read", "gradcalc differentiates")
    ),
    "lim": ("a limit cannot be read", "gradcalc evaluates formulas at a point"),
    "binom": ("\\binom cannot be read", "write its value"),
    "choose": ("\\choose cannot be read", "write its value"),
    "argmax": ("argmax is no number", "write \\max, or give the index as a value"),
    "arg": ("\\arg cannot be read", "write \\max or \\min, or give the index as a value"),
    **dict.fromkeys(
        ("mapsto", "leftarrow", "gets"),
        ("this arrow cannot be read", "a definition is q = x + y"),
    ),
    **dict.fromkeys(
        ("sim", "propto", "cong", "ll", "gg", "subset", "subseteq", "cup", "cap", "setminus"),
        ("this relation has no value", "comparisons are <, \\le, >, \\ge, =, \\ne"),
    ),
    **dict.fromkeys(
        ("forall", "exists", "neg", "lnot", "vee", "lor"),
        ("logic cannot be read", "multiply conditions, as in \\mathbb{1}[x > 0, y > 0]"),
    ),
    **dict.fromkeys(
        ("newcommand", "def", "renewcommand", "DeclareMathOperator", "let", "input", "usepackage"),
        ("macros are not expanded", "write the formula out"),
    ),
    "oplus": ("\\oplus cannot be read", "write +"),
    "ominus": ("\\ominus cannot be read", "write -"),
    "overset": ("\\overset cannot be read", "leave the mark above out"),
    "underset": ("\\underset cannot be read", "write a subscript: \\max_{i}"),
    "stackrel": ("\\stackrel cannot be read", "leave the mark above out"),
    "substack": ("\\substack cannot be read", "separate the conditions by commas"),
    **dict.fromkeys(
        ("mod", "bmod"), ("this remainder cannot be read", "write \\mathrm{mod}(a, b)")
    ),
    "hdots": ("dots are left out terms", A_RANGE),
}
