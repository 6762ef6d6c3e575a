"""The data source of packets: one partition a file, read by iggyscope."""

import sys
import threading

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from ._captures import captures_of, pour
from ._program import Program, ProgramError, command_of

# order_ns is the latest time so far in the file: packets are taken in the order of their file.
PACKETS = (
    "file string, order_ns long, packet long, time_ns long, linktype long, "
    "original_length long, pair string, ports string, fragment boolean, digest long, bytes binary"
)


class _File(InputPartition):
    def __init__(self, path):
        self.path = path


class PacketSource(DataSource):
    """Packets of captures: ``spark.read.format("iggyscope").load("captures/")``.

    Options: ``command``, and ``unreadable``: ``fail`` (the default) or ``skip``.
    """

    @classmethod
    def name(cls):
        return "iggyscope"

    def schema(self):
        return PACKETS

    def reader(self, schema):
        return _PacketReader(self.options)


class _PacketReader(DataSourceReader):
    def __init__(self, options):
        self._path = options["path"]
        self._command = command_of(options.get("command"))
        self._skips = options.get("unreadable", "fail") == "skip"

    def partitions(self):
        return [_File(path) for path in captures_of(self._path)]

    def read(self, partition):
        file = partition.path
        args = [*self._command, "export", "packets", "-"]
        with Program(args, file) as program:
            feeder = threading.Thread(target=pour, args=(file, program.stdin), daemon=True)
            feeder.start()
            try:
                with pa.ipc.open_stream(program.stdout) as stream:
                    latest = None
                    for batch in stream:
                        batch, latest = _placed(batch, file, latest)
                        yield batch
            except pa.ArrowInvalid:
                pass  # Nothing came: the exit code tells why.
            try:
                program.finish()
            except ProgramError as error:
                if not self._skips:
                    raise
                print(f"left out: {error}", file=sys.stderr)


def _placed(batch, file, latest):
    """A batch with its file and order; the latest time so far goes on to the next."""
    order = pc.cumulative_max(batch.column("time_ns"), start=latest)
    name = pa.array([file], pa.string()).take(pa.array([0] * batch.num_rows))
    columns = [name, order, *batch.columns]
    names = ["file", "order_ns", *batch.schema.names]
    last = order[-1].as_py() if batch.num_rows > 0 else latest
    return pa.RecordBatch.from_arrays(columns, names), last
