"""Transactions of captures in pieces on Spark, held against one run on the whole.

usage: compare.py COMMAND FOLDER; FOLDER has NAME/whole.arrow, NAME/pieces/ with captures, and
NAME/pieces.json with how many packets stand before each piece.
"""

import json
import os
import pathlib
import sys

import pyarrow as pa
from iggyscope_spark import transactions
from pyspark.sql import SparkSession

LOCAL = ("transaction", "conversation")


def numbered(row, before):
    """A row of Spark's with the packet numbers of the whole capture."""
    row = row.asDict()
    for side in ("request", "response"):
        file = row.pop(f"{side}_file")
        if file is None:
            continue
        number = row[f"{side}_packet"] + before[os.path.basename(file)]
        row[f"{side}_packet"] = number
        value = json.loads(row[side])
        value["packet"] = number
        row[side] = value
    # Packets of issues are numbers in files that the row does not name.
    row["issues"] = [issue["message"] for issue in json.loads(row["issues"])]
    for moment in ("request_time", "response_time"):
        row.pop(moment)
    return row


def wholly(row):
    """A row of the one run in the same form."""
    for side in ("request", "response"):
        if row[side] is not None:
            row[side] = json.loads(row[side])
        row.pop(f"{side}_time")
    row["issues"] = [issue["message"] for issue in json.loads(row["issues"])]
    return {name: value for name, value in row.items() if name not in LOCAL}


def main():
    """Compares every capture of the folder."""
    command, folder = sys.argv[1:]
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    for place in sorted(pathlib.Path(folder).iterdir()):
        with pa.ipc.open_stream(place / "whole.arrow") as stream:
            expected = [wholly(row) for row in stream.read_all().to_pylist()]
        before = json.loads((place / "pieces.json").read_text(encoding="utf-8"))
        found = transactions(spark, str(place / "pieces"), partitions=3, command=command)
        rows = [numbered(row, before) for row in found.collect()]
        texts = [
            sorted(json.dumps(row, sort_keys=True) for row in all_rows)
            for all_rows in (rows, expected)
        ]
        if texts[0] != texts[1]:
            for one, other in zip(*texts):
                if one != other:
                    print(f"{place.name}:\n  {one[:600]}\n  {other[:600]}")
                    break
        print(f"{place.name} {len(rows)} {texts[0] == texts[1]}")
    spark.stop()


main()
