from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, cast

GZIP = b"\x1f\x8b"


def is_packed(path: Path) -> bool:
    """Whether a file begins as gzip does, whatever its name says."""
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if need be."""
    return cast("IO[bytes]", gzip.open(path)) if is_packed(path) else path.open("rb")
