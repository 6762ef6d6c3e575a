"""What each file of a folder is: whole, cut, foreign, or a copy of another one."""

import hashlib
import json
import threading

import pyarrow as pa

from pyspark.sql import Window, functions

from ._captures import captures_of, pour
from ._program import CUT, Program, command_of

FILES = "file string, bytes long, sha256 string, packets long, state string, note string"


def files(spark, path, command=None):
    """One row a file: ``state`` is whole, cut, unreadable, or copy (``note`` names of which).

    Cut files count up to where they end; unreadable ones fail ``transactions`` unless it is told
    to skip them; packets of copies are taken once.
    """
    paths = [(file,) for file in captures_of(path)]
    args = [*command_of(command), "info", "-T", "json", "-"]
    listed = spark.createDataFrame(paths, "file string").repartition(len(paths))
    looked = listed.mapInArrow(_looked(args), FILES)
    alike = Window.partitionBy("sha256").orderBy("file")
    first = functions.first("file").over(alike)
    is_copy = functions.col("file") != first
    return (
        looked.withColumn("first", first)
        .withColumn("note", functions.when(is_copy, functions.col("first")).otherwise(looked.note))
        .withColumn("state", functions.when(is_copy, "copy").otherwise(looked.state))
        .drop("first")
    )


def _looked(args):
    def look(batches):
        for batch in batches:
            rows = [_look(args, file) for file in batch.column("file").to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)

    return look


SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("packets", pa.int64()),
        ("state", pa.string()),
        ("note", pa.string()),
    ]
)


def _look(args, file):
    digest, size = hashlib.sha256(), 0

    def note(chunk):
        nonlocal size
        size += len(chunk)
        digest.update(chunk)

    with Program(args, file) as program:
        feeder = threading.Thread(target=pour, args=(file, program.stdin, note))
        feeder.start()
        said = program.stdout.read()
        code = program.wait()
        feeder.join()
        words = program.words
    found = json.loads(said)[0] if code in (0, CUT) else None
    return {
        "file": file,
        "bytes": size,
        "sha256": digest.hexdigest(),
        "packets": None if found is None else found["packets"],
        "state": {0: "whole", CUT: "cut"}.get(code, "unreadable"),
        "note": words.removeprefix("iggyscope: ").removeprefix("standard input: ") or None,
    }
