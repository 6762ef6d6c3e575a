"""Executors that die within a job, held against one run on the whole.

usage: dying_executor.py COMMAND FOLDER; FOLDER has whole.arrow, pieces/ with captures,
pieces.json with how many packets stand before each piece, and deadly, a command that kills the
executor that calls it when the first rows are out, once for reading and once for dissecting.
"""

import json
import pathlib
import sys

from cluster import cluster
from iggyscope_spark import transactions
from rows import expected, of_spark, tell


def main():
    """Runs one job on two executors."""
    command, folder = sys.argv[1:]
    place = pathlib.Path(folder)
    before = json.loads((place / "pieces.json").read_text(encoding="utf-8"))
    spark = cluster(2, folder)
    found = transactions(spark, str(place / "pieces"), partitions=2, command=command)
    rows = [of_spark(row, before) for row in found.collect()]
    tell("dying executors", rows, expected(place))
    spark.stop()
    print("died", sorted(path.name for path in place.glob("died-*")))


main()
