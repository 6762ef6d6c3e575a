"""Transactions of packets that were brought together by conversation."""

import itertools
import json
import re
import subprocess
import sys
import threading

import pyarrow as pa
from pyspark.sql import functions

from ._clocks import clocks_of
from ._packets import PacketSource
from ._pcapng import SECTION, Writer, interface
from ._program import Program, command_of

SIDES = ("request", "response")
# Numbers within one run, which mean nothing beside those of other runs.
LOCAL = ("transaction", "conversation")
BY = {"pair": ["pair"], "connection": ["pair", "ports"]}


def register(spark):
    """Makes ``spark.read.format("iggyscope")`` known to a session."""
    spark.dataSource.register(PacketSource)


def packets(spark, path, hosts=None, command=None, unreadable="fail"):
    """The packets of all captures, with the host that saw each, as ``hosts`` finds it."""
    if unreadable not in ("fail", "skip"):
        raise ValueError(f'unreadable is "fail" or "skip", not "{unreadable}"')
    register(spark)
    reader = spark.read.format("iggyscope").option("unreadable", unreadable)
    if command is not None:
        reader = reader.option("command", command)
    host = functions.regexp_extract("file", hosts, 1) if hosts else functions.lit("")
    return reader.load(path).withColumn("host", host)


def transactions(
    spark,
    path,
    partitions=None,
    command=None,
    arguments=(),
    by="pair",
    hosts=None,
    unreadable="fail",
):
    """The transactions of all captures of a folder, a pattern or a bucket, as one data frame.

    ``partitions`` is how many iggyscopes the shuffled packets go to; Spark's own number unless
    told. ``arguments`` are given to each of them, such as ``["--keylog", "keys.log"]``.
    ``by="connection"`` divides finer, also what one pair of hosts says to each other, and refuses
    fragments. ``hosts`` is a regular expression whose first group is the host in a file's name:
    clocks are then set by the packets that two hosts saw, and these are taken once.
    ``unreadable="skip"`` goes on without files that are no captures. The numbers of transactions
    and conversations belong to one run and are left out.
    """
    if by not in BY:
        raise ValueError(f'by is "pair" or "connection", not "{by}"')
    found = packets(spark, path, hosts, command, unreadable)
    if hosts:
        found = _set_clocks(found, clocks_of(found))
    if by == "connection":
        found = found.withColumn("ports", _unfragmented())
    args = [*command_of(command), "-T", "arrow", *arguments, "-"]
    divided = (
        found.repartition(*BY[by]) if partitions is None else found.repartition(partitions, *BY[by])
    )
    ordered = divided.sortWithinPartitions("order_ns", "file", "packet")
    return ordered.mapInArrow(_dissected(args, bool(hosts)), _schema(args))


def _unfragmented():
    """The ports, or an error that names the packet where fragments have none."""
    where = functions.concat_ws(" ", "file", "packet")
    words = functions.concat(
        functions.lit('a fragment, whose connection is not known; use by="pair": '), where
    )
    return functions.when(
        functions.col("fragment"), functions.raise_error(words).cast("string")
    ).otherwise(functions.col("ports"))


def _set_clocks(found, clocks):
    for host, (offset, _) in clocks.items():
        if offset == 0:
            continue
        is_host = functions.col("host") == host
        for name in ("time_ns", "order_ns"):
            column = functions.col(name)
            moved = functions.when(is_host, column - offset).otherwise(column)
            found = found.withColumn(name, moved)
    return found


def _dissected(args, by_host):
    def dissect(batches):
        # A partition without packets needs no program.
        first = next((batch for batch in batches if batch.num_rows > 0), None)
        if first is None:
            return
        with Program(args, "a partition") as program:
            writer = Writer(program.stdin, by_host)
            failures = []
            feeder = threading.Thread(
                target=_feed,
                args=(writer, itertools.chain([first], batches), program.stdin, failures),
            )
            feeder.start()
            with pa.ipc.open_stream(program.stdout) as stream:
                for batch in stream:
                    yield _mapped(batch, writer.places)
            feeder.join()
            if failures:
                raise failures[0]
            program.finish()
            if writer.copies > 0:
                print(f"iggyscope: {writer.copies} copies of packets left out", file=sys.stderr)

    return dissect


def _feed(writer, batches, sink, failures):
    """Writes all packets. A failure ends the task, since what is missing would not show."""
    try:
        writer.start()
        for batch in batches:
            writer.write(batch)
    except BrokenPipeError:
        pass  # The exit code tells why it went.
    except BaseException as error:
        failures.append(error)
    finally:
        try:
            sink.close()
        except BrokenPipeError:
            pass


def _mapped(batch, places):
    """A batch with packet numbers as they are in the files, and the names of these."""
    rows = batch.to_pydict()
    for side in SIDES:
        found = [None if n is None else places[n] for n in rows[f"{side}_packet"]]
        rows[f"{side}_file"] = [None if place is None else place[0] for place in found]
        rows[f"{side}_packet"] = [None if place is None else place[1] for place in found]
        rows[side] = [
            text
            if text is None
            else re.sub(r'^\{"packet":\d+', f'{{"packet":{place[1]}', text, count=1)
            for text, place in zip(rows[side], found)
        ]
    rows["issues"] = [_mapped_issues(text, places) for text in rows["issues"]]
    schema = batch.schema
    for side in SIDES:
        schema = schema.append(pa.field(f"{side}_file", pa.string()))
    for name in LOCAL:
        schema = schema.remove(schema.get_field_index(name))
    return pa.RecordBatch.from_pydict({n: rows[n] for n in schema.names}, schema=schema)


def _mapped_issues(text, places):
    """Issues with file and packet number of the captures."""
    if text is None or text == "[]":
        return text
    issues = json.loads(text)
    for issue in issues:
        if issue["packet"] is not None:
            issue["file"], issue["packet"] = places[issue["packet"]]
    return json.dumps(issues, separators=(",", ":"), ensure_ascii=False)


def _schema(args):
    """The columns of transactions, as iggyscope itself tells them of an empty capture."""
    from pyspark.sql.pandas.types import from_arrow_schema

    finished = subprocess.run(args, input=SECTION + interface(1), capture_output=True, check=False)
    if finished.returncode != 0:
        words = finished.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"iggyscope ended with {finished.returncode}: {words}")
    with pa.ipc.open_stream(finished.stdout) as stream:
        batch = pa.RecordBatch.from_pylist([], schema=stream.schema)
        return from_arrow_schema(_mapped(batch, None).schema)
