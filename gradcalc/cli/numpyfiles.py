"""Values in NumPy's files: ``.npy`` with one array, ``.npz`` with several by name.

Nothing is unpickled, and nothing is allocated before it is known that the file has that much in it.

Source: NEP 1 (the format of ``.npy``).
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any
from zipfile import ZipFile

import numpy as np
from numpy.lib import format as npy

from gradcalc.cli.reading import unreadable
from gradcalc.cli.values import name_of
from gradcalc.errors import GradcalcError
from gradcalc.ops.shapes import described, size_of
from gradcalc.services.values import Value, real_array

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
#: A compressed file that unpacks to more bytes than this, and to more than so many times its size,
#: is taken for a trap. Of numbers that differ at all, deflate saves much less.
MOST_BYTES = 1 << 28
MOST_TIMES = 200


def read_npy(path: str, name: str) -> Value:
    """The number or array in a ``.npy`` file, as the value of ``name``.

    Raises:
        GradcalcError: ``bad-value``, ``unreadable-file``.
    """
    with _opened(path) as file:
        return _array(file, _size(file), path, name)


def read_npz(path: str) -> dict[str, Value]:
    """The arrays in a ``.npz`` file, compressed or not, by their names.

    Raises:
        GradcalcError: ``bad-value``, ``unreadable-file``.
    """
    values: dict[str, Value] = {}
    with _opened(path) as file:
        try:
            with ZipFile(file) as archive:
                _check_size(archive, _size(file), path)
                for member in archive.infolist():
                    key = member.filename
                    name = name_of(key.removesuffix(".npy"))
                    if not name or not key.endswith(".npy"):
                        raise _bad(f"{path} holds {key}, which is no array with a name")
                    if name in values:
                        raise _bad(f"{path} holds {name} twice")
                    with archive.open(member) as stream:
                        values[name] = _array(stream, member.file_size, f"{key} in {path}", name)
        except (GradcalcError, MemoryError):
            raise
        except Exception as error:  # each way of compression has exceptions of its own
            reason = str(error) or "it breaks off"
            raise _bad(f"{path} is no .npz file that can be read: {reason}") from None
    return values


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    """A file that can be read at any place: of a pipe, all that came out of it."""
    try:
        file = open(path, "rb")  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    with file:
        try:
            yield file if file.seekable() else BytesIO(file.read())
        except OSError as error:
            raise unreadable(path, error) from None


def _size(file: IO[bytes]) -> int:
    """How many bytes a file has that is at its start."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _bad(message: str, help: str = "numpy.save and numpy.savez write such files") -> GradcalcError:
    return GradcalcError("bad-value", message, help=help)


def _check_size(archive: ZipFile, size: int, path: str) -> None:
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > max(MOST_BYTES, MOST_TIMES * size):
        message = (
            f"{path} unpacks to {unpacked:,} bytes, {unpacked // max(size, 1):,} times its size"
        )
        raise _bad(message, "numpy.savez writes it without compression")


def _array(stream: IO[bytes], size: int, where: str, name: str) -> Value:
    """The array in a stream of ``size`` bytes."""
    shape, fortran_order, dtype = _header(stream, where)
    if dtype.hasobject:
        message = f"{where} holds Python objects, which are not unpickled"
        raise _bad(message, "save an array of numbers: numpy.save(file, array.astype(float))")
    needed, there = size_of(shape) * dtype.itemsize, size - stream.tell()
    if needed > there:
        message = f"{where} breaks off: an array of {described(shape)} takes {needed:,} bytes"
        raise _bad(f"{message}, and {there:,} are there", "save it again")
    data = stream.read(needed)
    if len(data) < needed:
        raise _bad(f"{where} breaks off", "save it again")
    try:
        array = np.frombuffer(data, dtype, size_of(shape)) if needed else np.empty(0, dtype)
        array = array.reshape(shape, order="F" if fortran_order else "C")
    except (ValueError, OverflowError) as error:
        raise _bad(f"{where} is no array: {error}") from None
    return real_array(name, array)


def _header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(stream)
    except ValueError:
        raise _bad(f"{where} is no .npy file") from None
    if version not in HEADERS:
        raise _bad(f"{where} is of version {version[0]}.{version[1]} of the .npy format")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            shape, fortran_order, dtype = HEADERS[version](stream)
        for size in shape:
            if isinstance(size, bool) or size < 0:
                raise ValueError(f"a size of {size}")
    except Exception as error:  # the header is a Python literal: everything can be wrong with it
        raise _bad(f"{where} has a broken header: {str(error).partition(chr(10))[0]:.60}") from None
    return shape, fortran_order, dtype
