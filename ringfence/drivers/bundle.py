"""Write evidence into one file that can be carried to another machine."""

import tarfile
import tempfile
from pathlib import Path
from typing import BinaryIO

from ringfence.drivers.files import whole_file
from ringfence.drivers.sources import Source


def write_bundle(source: Source, target: Path) -> int:
    """Write all artifacts into a .tar.gz and give their number; raises DriverError when it cannot be written."""
    with whole_file(target) as stream:
        return _write(source, stream)


def _write(source: Source, stream: BinaryIO) -> int:
    count = 0
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6) as archive:
        for name in source.names():
            # A member's size stands before its content, so the content is spooled first; logs may be large.
            with tempfile.SpooledTemporaryFile(max_size=16 * 1024 * 1024) as spool:
                for chunk in source.chunks(name):
                    spool.write(chunk)
                info = tarfile.TarInfo(name)
                info.size = spool.tell()
                info.mode = 0o600
                modified_at = source.modified_at(name)
                info.mtime = int(modified_at.timestamp()) if modified_at else 0
                spool.seek(0)
                archive.addfile(info, spool)
            count += 1
    return count
