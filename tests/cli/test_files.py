"""Values in files: what is read, and what is refused."""

import json
import os
import pickle
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from gradcalc.cli.values import read_value, read_values
from gradcalc.errors import GradcalcError
from gradcalc.services.values import Seed

from .conftest import Run


def value(path: Path) -> Any:
    return read_value("x", f"@{path}", Seed(0))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def error(path: Path) -> GradcalcError:
    """What is said of a bad file: a diagnostic, and no other exception."""
    with pytest.raises(GradcalcError) as caught:
        read_values(str(path), Seed(0)) if path.suffix == ".npz" else value(path)
    assert str(caught.value)
    return caught.value


MATRIX = [[1.0, 2.0], [3.0, 4.0]]

TEXTS: dict[str, tuple[str, str | bytes, Any]] = {
    "commas": (".csv", "1,2\n3,4\n", MATRIX),
    "commas and blanks": (".csv", " 1, 2\n 3 , 4\n", MATRIX),
    "semicolons": (".csv", "1;2\n3;4\n", MATRIX),
    "tabs": (".csv", "1\t2\n3\t4\n", MATRIX),
    "blanks": (".txt", "1 2\n 3   4\n", MATRIX),
    "commas in a text": (".txt", "1,2\n3,4", MATRIX),
    "other line ends": (".csv", "1,2\r\n3,4\r\n", MATRIX),
    "old line ends": (".csv", "1,2\r3,4\r", MATRIX),
    "empty lines": (".csv", "\n1,2\n\n  \n3,4\n\n", MATRIX),
    "comments": (".txt", "# x; y\n1 2 # first\n3 4\n", MATRIX),
    "a mark at the start": (".csv", b"\xef\xbb\xbf1,2\r\n3,4\r\n", MATRIX),
    "UTF-16": (".csv", "1,2\r\n3,4\r\n".encode("utf-16"), MATRIX),
    "a header": (".csv", "a,b\n1,2\n3,4\n", MATRIX),
    "a header with quotes": (".csv", '"a, kg","b"\n1,2\n3,4\n', MATRIX),
    "a header of one column": (".csv", "a\n1\n2\n", [1.0, 2.0]),
    "a header and a number": (".csv", "a\n2\n", 2.0),
    "a header of one column, with blanks": (".csv", "height in cm\n1\n2\n", [1.0, 2.0]),
    "a header with commas": (".csv", "a, kg\tb, m\n1\t2\n3\t4\n", MATRIX),
    "a header with separators in quotes": (".csv", '"a, ""kg""",b 5" wide,c\n1,2,3\n', [1, 2, 3]),
    "a header with blanks in quotes": (".csv", '"a b" "c d"\n1 2\n3 4\n', MATRIX),
    "quotes": (".csv", '"1","2"\n 3 , "4.0" \n', MATRIX),
    "quotes and semicolons": (".csv", '"1";" 2"\n"−3";4\n', [[1.0, 2.0], [-3.0, 4.0]]),
    "quotes and blanks": (".txt", '"1" "2"\n3  "4"\n', MATRIX),
    "quotes below a header": (".csv", '"a, kg","b"\n"1","2"\n"3","4"\n', MATRIX),
    "a number in quotes": (".csv", '"2"\n', 2.0),
    "truth values": (".csv", "true,True,TRUE\nfalse,False,FALSE\n", [[True] * 3, [False] * 3]),
    "truth values among numbers": (".txt", "1 true\nFalse 0.5\n", [[1.0, 1.0], [0.0, 0.5]]),
    "truth values in quotes": (".csv", '"true","false"\n', [True, False]),
    "truth values below a header": (".csv", "a,b\ntrue,2\n3,false\n", [[1.0, 2.0], [3.0, 0.0]]),
    "a truth value": (".txt", "true\n", 1.0),
    "a row": (".csv", "1,2,3\n", [1.0, 2.0, 3.0]),
    "a column": (".csv", "1\n2\n3\n", [1.0, 2.0, 3.0]),
    "a row of blanks": (".txt", "1 -2 3", [1.0, -2.0, 3.0]),
    "a number": (".csv", "-2e-3\n", -2e-3),
    "other numbers": (".txt", "1_000 −2\n.5 1.\n", [[1000.0, -2.0], [0.5, 1.0]]),
    "no numbers": (".csv", "nan,inf\n-inf,1e400\n", [[np.nan, np.inf], [-np.inf, np.inf]]),
    "an expression": (".txt", "pi/4", np.pi / 4),
    "an expression with blanks": (".txt", "2 * pi\n", 2 * np.pi),
    "an expression with commas": (".txt", "max(1,\n 2)\n", 2.0),
    "an expression in a table": (".csv", "sqrt(2)", np.sqrt(2)),
    "a difference": (".txt", "3 - 1", 2.0),
    "nested lists": (".txt", "[[1, 2],\n [3, 4]]\n", MATRIX),
    "nested lists of expressions": (".txt", "[1/2, -(1+1)]", [0.5, -2.0]),
    "JSON": (".json", "[[1, 2], [3, 4.0]]", MATRIX),
    "JSON, a number": (".json", "-2", -2.0),
    "JSON, a text": (".json", '"pi/4"', np.pi / 4),
    "JSON, texts": (".json", '[1, "1/4", "-(2^2)"]', [1.0, 0.25, -4.0]),
    "JSON of our own": (".json", '["NaN", "Infinity", "-Infinity"]', [np.nan, np.inf, -np.inf]),
    "JSON of Python": (".json", "[NaN, Infinity, -Infinity]", [np.nan, np.inf, -np.inf]),
    "JSON, big numbers": (".json", f"[1, {10**400}, 1e400, {2**63}]", [1, np.inf, np.inf, 2.0**63]),
    "JSON, truth values": (
        ".json",
        "[[true, false], [false, true]]",
        [[True, False], [False, True]],
    ),
    "JSON, truth values among numbers": (".json", "[true, 2, false]", [1.0, 2.0, 0.0]),
    "JSON, truth values among texts": (".json", '[true, "1/4", false]', [1.0, 0.25, 0.0]),
    "JSON, a truth value": (".json", "true", 1.0),
    "JSON, nothing": (".json", "[[], []]", np.zeros((2, 0))),
}


@pytest.mark.parametrize(("suffix", "content", "wanted"), TEXTS.values(), ids=TEXTS.keys())
def test_texts(tmp_path: Path, suffix: str, content: str | bytes, wanted: Any) -> None:
    found = value(written(tmp_path, f"x{suffix}", content))
    np.testing.assert_array_equal(found, wanted, strict=False)
    assert np.shape(found) == np.shape(wanted)
    truths = np.asarray(wanted).dtype == bool
    assert isinstance(found, float) or found.dtype == (bool if truths else np.float64)


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", ">f8", "<i4", ">i2", "u1", "bool"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy(tmp_path: Path, dtype: str, order: Any) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]], dtype=dtype, order=order)
    np.save(tmp_path / "x.npy", array)
    found = value(tmp_path / "x.npy")
    np.testing.assert_array_equal(found, array)
    assert found.dtype == {"f4": np.float32, "bool": np.bool_}.get(dtype, np.float64)


def test_npy_of_any_shape(tmp_path: Path) -> None:
    for array in (np.float64(3), np.array(2), np.zeros((0, 3)), np.ones((1, 2, 1, 3))):
        np.save(tmp_path / "x.npy", array)
        found = value(tmp_path / "x.npy")
        assert np.shape(found) == array.shape
        np.testing.assert_array_equal(found, array)
        assert array.shape or type(found) is float


def test_npz(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"W": np.eye(3), "x_1": np.arange(3), "s": np.float32(2)}
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "v.npz", **arrays)
        found = read_values(str(tmp_path / "v.npz"), Seed(0))
        assert found.keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array)


def test_values_of_json(tmp_path: Path) -> None:
    path = written(
        tmp_path, "v.json", '{"W": [[1, 2], [3, 4]], "x": -1, "y": "[pi, 0]", "x₁": [], "t": true}'
    )
    found = read_values(str(path), Seed(0))
    assert list(found) == ["W", "x", "y", "x_1", "t"]
    np.testing.assert_array_equal(found["W"], MATRIX)
    np.testing.assert_array_equal(found["y"], [np.pi, 0])
    assert (found["x"], found["t"]) == (-1.0, 1.0)
    assert found["x_1"].shape == (0,)


class Trap:
    """What would make a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


def header(shape: object, descr: object = "<f8", version: bytes = b"\x01\x00") -> bytes:
    text = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text


def saved(array: Any, **options: Any) -> bytes:
    stream = BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


NPY: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is no .npy file"),
    "no array": (b"1,2,3\n", "is no .npy file"),
    "cut in the header": (saved(np.eye(2))[:40], "broken header"),
    "cut in the numbers": (saved(np.eye(2))[:-1], "takes 32 bytes, and 31 are there"),
    "objects": (
        saved(np.array([{}]), allow_pickle=True),
        "Python objects, which are not unpickled",
    ),
    "complex": (saved(np.array([1j])), "complex numbers"),
    "texts": (saved(np.array(["a"])), "entries of type <U1"),
    "dates": (saved(np.array(["2020-01-01"], dtype="M8[D]")), "entries of type datetime64[D]"),
    "records": (saved(np.zeros(2, dtype=[("a", "f8")])), "entries of type"),
    "a huge size": (header((10**18,)) + bytes(80), "takes 8,000,000,000,000,000,000 bytes"),
    "huge sizes": (header((10**6,) * 60) + bytes(80), "breaks off"),
    "nothing of a huge size": (header((0, 10**30)), "is no array"),
    "too many axes": (header((1,) * 100) + bytes(8), "is no array"),
    "a negative size": (header((-1,)) + bytes(80), "broken header"),
    "a truth value for a size": (header((True,)) + bytes(8), "broken header: a size of True"),
    "a size that is no number": (header(("a",)) + bytes(80), "broken header"),
    "no shape": (header(3) + bytes(80), "broken header"),
    "no type": (header((1,), "zz") + bytes(80), "broken header"),
    "a strange type": (header((1,), [[]]) + bytes(80), "broken header"),
    "another version": (header((1,), version=b"\x09\x00") + bytes(80), "version 9.0"),
    "no literal": (b"\x93NUMPY\x01\x00\x08\x00{[}:1}  \n", "broken header"),
}


@pytest.mark.parametrize(("data", "message"), NPY.values(), ids=NPY.keys())
def test_bad_npy(tmp_path: Path, data: bytes, message: str) -> None:
    path = written(tmp_path, "x.npy", data)
    assert message in error(path).message
    with zipfile.ZipFile(tmp_path / "v.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", data)
    assert message in error(tmp_path / "v.npz").message


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    trap = Trap(tmp_path / "trapped")
    np.save(tmp_path / "x.npy", np.array([trap]), allow_pickle=True)
    written(tmp_path, "y.npy", pickle.dumps(trap))
    error(tmp_path / "x.npy")
    error(tmp_path / "y.npy")
    assert not (tmp_path / "trapped").exists()


def test_bad_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", x=np.arange(100.0))
    data = (tmp_path / "v.npz").read_bytes()
    assert "is no .npz file" in error(written(tmp_path, "cut.npz", data[:-50])).message
    assert "is no .npz file" in error(written(tmp_path, "no.npz", b"PK")).message
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    assert "is no .npz file" in error(written(tmp_path, "changed.npz", bytes(changed))).message
    for name in ("readme.txt", "a b.npy", ".npy"):
        with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
            archive.writestr(name, saved(np.eye(2)))
        assert "no array with a name" in error(tmp_path / "v.npz").message
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("x_1.npy", saved(np.eye(2)))
        archive.writestr("x₁.npy", saved(np.eye(2)))
    assert "x_1 twice" in error(tmp_path / "v.npz").message


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_any_byte_of_a_npz_may_be_wrong(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "v.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("x.npy", saved(np.arange(5.0)))
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        # The date of a member may be any.
        with suppress(GradcalcError):
            (found,) = read_values(str(path), Seed(0)).values()
            np.testing.assert_array_equal(found, np.arange(5.0))
    middle = data.index(b"x.npy") + 60
    path.write_bytes(data[:middle] + b"\xff\xff" + data[middle + 2 :])
    assert "is no .npz file that can be read: " in error(path).message


def test_a_file_that_unpacks_to_very_much(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "v.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x.npy", "w") as member,
    ):
        member.write(header((33 << 20,)))
        for _ in range(33):
            member.write(bytes(8 << 20))
    assert "unpacks to" in error(tmp_path / "v.npz").message


@pytest.mark.parametrize("suffix", ["csv", "txt", "json"])
@pytest.mark.parametrize(
    "data",
    [b"\x00\x01\x02", b"1,\xff\n", b"PK\x03\x04\xff", "1,2".encode("utf-16-le"), b"[" * 5000],
)
def test_texts_that_are_none(tmp_path: Path, suffix: str, data: bytes) -> None:
    error(written(tmp_path, f"x.{suffix}", data))


def test_what_is_no_file(tmp_path: Path) -> None:
    for suffix in ("npy", "csv", "txt", "json"):
        assert error(tmp_path / f"none.{suffix}").code == "unreadable-file"
        (tmp_path / f"folder.{suffix}").mkdir()
        assert error(tmp_path / f"folder.{suffix}").code == "unreadable-file"
    assert error(tmp_path / "none.npz").code == "unreadable-file"
    assert error(tmp_path / "x\0.npy").code == "unreadable-file"


def test_pipes_with_names(tmp_path: Path) -> None:
    def sent(name: str, data: bytes) -> Path:
        path = tmp_path / name
        os.mkfifo(path)
        Thread(target=path.write_bytes, args=(data,)).start()
        return path

    archive = BytesIO()
    np.savez(archive, x=MATRIX)
    for name, data in (
        ("x.npy", saved(MATRIX)),
        ("x.csv", b"1,2\n3,4"),
        ("x.json", b"[[1,2],[3,4]]"),
    ):
        np.testing.assert_array_equal(value(sent(name, data)), MATRIX)
    found = read_values(str(sent("x.npz", archive.getvalue())), Seed(0))
    np.testing.assert_array_equal(found["x"], MATRIX)
    assert "takes 32 bytes, and 31 are there" in error(sent("cut.npy", saved(MATRIX)[:-1])).message


def test_another_file_is_suggested_for_one_that_is_not_there(tmp_path: Path) -> None:
    written(tmp_path, "deep.npy", b"")
    (tmp_path / "deer.npy").mkdir()
    assert error(tmp_path / "deer.npy").help == ""
    assert error(tmp_path / "deed.npy").help == f"did you mean {tmp_path / 'deep.npy'}?"
    written(tmp_path, "ops.py", b"")
    where = f"it was looked for in the folder {tmp_path}"
    assert error(tmp_path / "nops.npy").help == where  # not a file of another kind and name


def test_a_file_is_suggested_beside_one_that_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a link to itself the system cannot say what it is."""
    monkeypatch.chdir(tmp_path)
    Path("loop.csv").symlink_to("loop.csv")
    assert error(Path("data.csv")).help == f"it was looked for in the folder {Path.cwd()}"
    written(tmp_path, "date.csv", "1")
    assert error(Path("data.csv")).help == "did you mean date.csv?"
    assert error(Path("no/data.csv")).help == "there is no folder no"


def test_big_files(tmp_path: Path) -> None:
    """A million numbers."""
    array = np.random.default_rng(0).normal(size=(1000, 1000))
    text = "\n".join(",".join(map(repr, row)) for row in array.tolist())
    written(tmp_path, "x.csv", f"{','.join(f'c{i}' for i in range(1000))}\n{text}\n")
    written(tmp_path, "x.txt", text.replace(",", " "))
    written(tmp_path, "x.json", json.dumps(array.tolist()))
    np.save(tmp_path / "x.npy", array)
    for suffix in ("csv", "txt", "json", "npy"):
        np.testing.assert_array_equal(value(tmp_path / f"x.{suffix}"), array)


def test_random_values_have_a_seed_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, "v.json", '{"a": "randn(3)", "b": "randn(3)"}')
    first, again = (read_values(str(path), Seed(7)) for _ in range(2))
    np.testing.assert_array_equal(first["a"], again["a"])
    assert (first["a"] != first["b"]).all()
    np.testing.assert_array_equal(first["a"], read_value("a", "randn(3)", Seed(7)))


@pytest.mark.parametrize("path", ["net.txt", "./net.txt"])
def test_a_file_without_its_option(run: Run, tmp_path: Path, path: str) -> None:
    (tmp_path / path).write_text("x^2")
    ended = run(path, "--x", "3")
    assert ended.status == 2
    assert f"help: {path} is a file: its program is read with -f {path}" in ended.err


def test_a_sign_in_front_of_a_file(run: Run) -> None:
    assert "help: the value in a file is --x @sc.txt" in run("x", "--x", "-@sc.txt").err
