"""Write a file so that it is there whole or not at all, and readable by its owner only."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ringfence.model.errors import DriverError


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content appears under ``target`` when the block ends well (write, fsync, rename).

    Raises DriverError when the world refuses; an older file of that name is then untouched.
    """
    partial: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        partial = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    except OSError as error:
        raise DriverError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
