"""Rows of Spark and of one run in the same form."""

import json
import os
import pathlib

import pyarrow as pa
from pyspark.sql import SparkSession

LOCAL = ("transaction", "conversation")


def session(master="local[2]", **settings):
    """A session that listens nowhere but on loopback."""
    builder = (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
    )
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def whole_number(before, file, number):
    """The number in the whole capture of a packet of a piece."""
    known = before[os.path.basename(file)]
    return known[number - 1] if isinstance(known, list) else known + number


def of_spark(row, before):
    """A row of Spark's with the packet numbers of the whole capture.

    ``before`` has by file how many packets stand before it, or the number of each.
    """
    row = row.asDict()
    for side in ("request", "response"):
        file = row.pop(f"{side}_file")
        row.pop(f"{side}_time")
        if file is None:
            continue
        number = whole_number(before, file, row[f"{side}_packet"])
        row[f"{side}_packet"] = number
        value = json.loads(row[side])
        value["packet"] = number
        row[side] = value
    issues = json.loads(row["issues"])
    for issue in issues:
        if "file" in issue:
            issue["packet"] = whole_number(before, issue.pop("file"), issue["packet"])
    row["issues"] = issues
    return json.dumps(row, sort_keys=True)


def of_whole(row):
    """A row of the one run in the same form."""
    row = {name: value for name, value in row.items() if name not in LOCAL}
    for side in ("request", "response"):
        row.pop(f"{side}_time")
        if row[side] is not None:
            row[side] = json.loads(row[side])
    row["issues"] = json.loads(row["issues"])
    return json.dumps(row, sort_keys=True)


def expected(place):
    """The rows of one run on the whole, sorted."""
    with pa.ipc.open_stream(pathlib.Path(place) / "whole.arrow") as stream:
        return sorted(of_whole(row) for row in stream.read_all().to_pylist())


def tell(name, rows, wanted):
    """Prints whether rows are as wanted, and the first that is not."""
    rows = sorted(rows)
    for one, other in zip(rows, wanted):
        if one != other:
            print(f"{name}: {len(rows)} rows\n  {one}\n  {other}")
            break
    print(f"{name} {len(wanted)} {rows == wanted}", flush=True)
