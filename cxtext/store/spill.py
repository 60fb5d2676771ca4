"""Room on disk for what doesn't fit in memory: Arrow files in a temporary folder that goes away by itself."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from cxtext.errors import OutputError


class Spill:
    """A temporary folder of Arrow tables; use it as a context manager.

    Workers in other processes get ``str(spill.path)`` and call the module's functions. Set ``TMPDIR`` to choose
    the disk: about twice the size of the input is needed.
    """

    def __init__(self) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="cxtext-"))
        except OSError as error:
            raise OutputError(f"no room for temporary files ({error.strerror or error}); set TMPDIR") from None

    def __enter__(self) -> Spill:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def put(file: Path, table: pa.Table) -> Path:
    """Write one table, uncompressed so that slices of it can be read without the rest."""
    try:
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks(), max_chunksize=1 << 30)
    except OSError as error:
        why = " ".join(str(error.strerror or error).split())
        raise OutputError(f"{file.parent}: no room for temporary files ({why}); set TMPDIR") from None
    return file


def get(file: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table that `put` wrote, memory-mapped: only the touched pages cost memory."""
    with pa.memory_map(str(file)) as source:
        table = pa.ipc.open_file(source).read_all()
    return table if columns is None else table.select(columns)
