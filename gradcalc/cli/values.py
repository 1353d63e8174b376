"""The values that the user gives: texts on the command line, and files."""

import re

from gradcalc.cli.reading import read_text
from gradcalc.errors import GradcalcError, closest
from gradcalc.graph.complaints import OPTIONS
from gradcalc.services.values import A_VALUE, Seed, Value, constant
from gradcalc.source import Source
from gradcalc.syntax.brackets import with_commas
from gradcalc.syntax.names import canonical, is_name

#: The endings of files with the value of one name.
FILES = (".npy", ".json", ".csv", ".txt")
#: Several numbers: an array without its brackets.
NUMBERS = re.compile(r"\s*[-+.\deE]+(?:[,;\s]+[-+.\deE]+)+\s*")
AN_ARRAY = "an array is written [1, 2]"


def read_value(name: str, text: str, seed: Seed) -> Value:
    """The value of ``--NAME TEXT``: a constant expression, or ``@FILE`` with a number or an array.

    Args:
        seed: of random values in the expression.

    Raises:
        GradcalcError: ``bad-value`` and whatever is wrong with the expression or the file.
    """
    if not text.startswith("@"):
        try:
            return constant_of(Source(text, f"--{name}"), name, seed)
        except GradcalcError as error:
            if text.lower().endswith(FILES):
                error.help = f"the value in a file is --{name} @{text.lstrip('-@')}"
            raise
    path = text[1:]
    suffix = _suffix(path)
    if suffix == "npy":
        from gradcalc.cli.numpyfiles import read_npy

        return read_npy(path, name)
    if suffix == "json":
        from gradcalc.cli.jsonvalues import read_json

        return read_json(read_text(path), name, seed)
    if suffix in ("csv", "txt"):
        from gradcalc.cli.texttables import read_table

        source = read_text(path)
        return read_table(source, lambda: constant_of(source, name, seed), headers=suffix == "csv")
    help = "a value is read from a .npy, .csv, .txt or .json file"
    if suffix == "npz":
        help = f"a .npz file has arrays by name: --values {path}"
    what = path or "a file without a name"
    raise GradcalcError("bad-value", f"--{name} cannot be read from {what}", help=help)


def read_values(path: str, seed: Seed) -> dict[str, Value]:
    """The values in a file by name: of a JSON object, or of the arrays of a ``.npz`` file.

    Raises:
        GradcalcError: ``bad-value``, ``unreadable-file``, ``binary-file``.
    """
    suffix = _suffix(path)
    if suffix == "json":
        from gradcalc.cli.jsonvalues import read_json_object

        return read_json_object(read_text(path), seed)
    if suffix == "npz":
        from gradcalc.cli.numpyfiles import read_npz

        return read_npz(path)
    message = f"cannot read values from {path}"
    raise GradcalcError("bad-value", message, help="values are read from a .json or .npz file")


def constant_of(source: Source, name: str, seed: Seed) -> Value:
    """The value of a constant expression that is given to ``name``.

    Raises:
        GradcalcError: ``bad-value`` and whatever is wrong with the expression.
    """
    try:
        return constant(source, name, seed)
    except GradcalcError as error:
        if error.code == "empty-program":
            message = f"the value of {name} is empty"
            help = f"give a constant expression, {A_VALUE}"
            raise GradcalcError("bad-value", message, help=help) from None
        if array := _array(source.text):
            has_example = AN_ARRAY in error.help
            written = f"an array is written {array}"
            error.help = error.help.replace(AN_ARRAY, written) if has_example else written
        long = [option for option in OPTIONS if len(option) > 3]
        if source.name == f"--{name}" and (near := closest(name, long)) != name:
            error.help += f"\ndid you mean the option --{near}?" if near else ""
        raise


def _array(text: str) -> str:
    """The array that a value without brackets may be, as it is written; else nothing."""
    if not NUMBERS.fullmatch(text):
        return ""
    return with_commas(f"[{';'.join(text.strip().splitlines())}]", 0)


def name_of(key: str) -> str:
    """The name that a key of a file stands for; an empty text for what is no name."""
    name = canonical(key)
    return name if is_name(name) else ""


def _suffix(path: str) -> str:
    return path.rpartition(".")[2].lower()
