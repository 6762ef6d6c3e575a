"""Iggy's transactions from captures of any number, on Spark.

Packets are read by iggyscope, one partition a file, and shuffled by their pair of addresses, so
that a connection whose packets lie in several files comes together; one iggyscope a partition
makes transactions of them. Packet numbers map back to file and number.

    from iggyscope_spark import transactions
    transactions(spark, "captures/").groupBy("command").count().show()

Every executor needs the command ``iggyscope`` (npm, deb, or ``deno install``); ``IGGYSCOPE`` in
the environment, or the argument ``command``, names another one.
"""

import glob
import json
import os
import re
import shlex
import struct
import subprocess
import threading

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

__all__ = ["PacketSource", "register", "transactions"]

CAPTURE = re.compile(r"\.(pcap|pcapng|cap)\d*(\.(gz|zst))?$", re.IGNORECASE)
PACKETS = (
    "file string, packet long, time_ns long, linktype long, original_length long, "
    "pair string, bytes binary"
)
# The exit code of a capture that is cut or damaged: what was understood before counts.
CUT = 4
SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)


def _command(given=None):
    return shlex.split(given or os.environ.get("IGGYSCOPE", "iggyscope"))


def _files(path):
    """The captures of a folder, or of a pattern, sorted."""
    found = glob.glob(f"{path}/**", recursive=True) if os.path.isdir(path) else glob.glob(path)
    files = sorted(file for file in found if os.path.isfile(file) and CAPTURE.search(file))
    if not files:
        raise ValueError(f"no captures in {path}")
    return files


class _File(InputPartition):
    def __init__(self, path):
        self.path = path


class PacketSource(DataSource):
    """Packets of captures: ``spark.read.format("iggyscope").load("captures/")``."""

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
        self._command = _command(options.get("command"))

    def partitions(self):
        return [_File(path) for path in _files(self._path)]

    def read(self, partition):
        args = [*self._command, "export", "packets", partition.path]
        with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            said = _drained(child.stderr)
            try:
                with pa.ipc.open_stream(child.stdout) as stream:
                    for batch in stream:
                        name = pa.array([partition.path] * batch.num_rows, pa.string())
                        fields = ["file", *batch.schema.names]
                        yield pa.RecordBatch.from_arrays([name, *batch.columns], fields)
            except pa.ArrowInvalid:
                pass  # Nothing came: the exit code tells why.
            _finish(child, said, partition.path)


def _drained(stream):
    """Reads a stream aside; what it said is in the list once the thread ended."""
    lines = []
    thread = threading.Thread(target=lambda: lines.extend(stream), daemon=True)
    thread.start()
    return thread, lines


def _finish(child, said, about):
    thread, lines = said
    code = child.wait()
    thread.join()
    if code not in (0, CUT):
        words = b"".join(lines).decode(errors="replace").strip()
        raise RuntimeError(f"iggyscope ended with {code} on {about}: {words}")


def _block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _write(batches, sink, places):
    """Writes packets as pcapng, and keeps where each came from."""
    interfaces = {}
    try:
        sink.write(SECTION)
        for batch in batches:
            columns = batch.to_pydict()
            for file, number, time, linktype, original, data in zip(
                columns["file"],
                columns["packet"],
                columns["time_ns"],
                columns["linktype"],
                columns["original_length"],
                columns["bytes"],
            ):
                if linktype not in interfaces:
                    interfaces[linktype] = len(interfaces)
                    nanoseconds = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
                    sink.write(_block(1, struct.pack("<HHI", linktype, 0, 0) + nanoseconds))
                head = struct.pack(
                    "<IIIII",
                    interfaces[linktype],
                    time >> 32 & 0xFFFFFFFF,
                    time & 0xFFFFFFFF,
                    len(data),
                    original,
                )
                sink.write(_block(6, head + data))
                places.append((file, number))
    except BrokenPipeError:
        pass  # The exit code tells why it went.
    finally:
        sink.close()


def _mapped(batch, places):
    """A batch with packet numbers as they are in the files, and the names of these."""
    rows = batch.to_pydict()
    for side in ("request", "response"):
        numbers = rows[f"{side}_packet"]
        found = [None if n is None else places[n - 1] for n in numbers]
        rows[f"{side}_file"] = [None if place is None else place[0] for place in found]
        rows[f"{side}_packet"] = [None if place is None else place[1] for place in found]
        rows[side] = [
            text
            if text is None
            else re.sub(r'^\{"packet":\d+', f'{{"packet":{place[1]}', text)
            for text, place in zip(rows[side], found)
        ]
    rows["issues"] = [_mapped_issues(text, places) for text in rows["issues"]]
    schema = batch.schema.append(pa.field("request_file", pa.string()))
    schema = schema.append(pa.field("response_file", pa.string()))
    for name in ("transaction", "conversation"):
        index = schema.get_field_index(name)
        schema = schema.remove(index)
    return pa.RecordBatch.from_pydict({n: rows[n] for n in schema.names}, schema=schema)


def _mapped_issues(text, places):
    if text is None or text == "[]":
        return text
    issues = json.loads(text)
    for issue in issues:
        if issue["packet"] is not None:
            issue["packet"] = places[issue["packet"] - 1][1]
    return json.dumps(issues, separators=(",", ":"), ensure_ascii=False)


def _dissected(args):
    def dissect(batches):
        with subprocess.Popen(
            args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child:
            places = []
            said = _drained(child.stderr)
            writer = threading.Thread(target=_write, args=(batches, child.stdin, places))
            writer.start()
            with pa.ipc.open_stream(child.stdout) as stream:
                for batch in stream:
                    yield _mapped(batch, places)
            writer.join()
            _finish(child, said, "a partition")

    return dissect


def _schema(args):
    """The columns of transactions, as iggyscope itself tells them of an empty capture."""
    from pyspark.sql.pandas.types import from_arrow_schema

    empty = SECTION + _block(1, struct.pack("<HHI", 1, 0, 0))
    finished = subprocess.run(args, input=empty, capture_output=True, check=True)
    with pa.ipc.open_stream(finished.stdout) as stream:
        batch = pa.RecordBatch.from_pylist([], schema=stream.schema)
        return from_arrow_schema(_mapped(batch, []).schema)


def register(spark):
    """Makes ``spark.read.format("iggyscope")`` known to a session."""
    spark.dataSource.register(PacketSource)


def transactions(spark, path, partitions=None, command=None):
    """The transactions of all captures of a folder or a pattern, as one data frame.

    ``partitions`` is how many iggyscopes the shuffled packets go to; Spark's own number unless
    told. The numbers of transactions and conversations belong to one run and are left out.
    """
    register(spark)
    reader = spark.read.format("iggyscope")
    if command is not None:
        reader = reader.option("command", command)
    args = [*_command(command), "-T", "arrow", "-"]
    packets = reader.load(path)
    divided = (
        packets.repartition("pair")
        if partitions is None
        else packets.repartition(partitions, "pair")
    )
    ordered = divided.sortWithinPartitions("time_ns", "file", "packet")
    return ordered.mapInArrow(_dissected(args), _schema(args))
