"""Transactions of captures in pieces on Spark, held against one run on the whole.

usage: compare.py COMMAND FOLDER; FOLDER has NAME/whole.arrow, NAME/arguments.json, NAME/pieces/
with captures, and NAME/pieces.json with how many packets stand before each piece.
"""

import json
import pathlib
import sys

from iggyscope_spark import transactions
from rows import expected, of_spark, session, tell


def main():
    """Compares every capture of the folder."""
    command, folder = sys.argv[1:]
    spark = session()
    for place in sorted(pathlib.Path(folder).iterdir()):
        before = json.loads((place / "pieces.json").read_text(encoding="utf-8"))
        arguments = json.loads((place / "arguments.json").read_text(encoding="utf-8"))
        found = transactions(
            spark, str(place / "pieces"), partitions=2, command=command, arguments=arguments
        )
        rows = [of_spark(row, before) for row in found.collect()]
        tell(place.name, rows, expected(place))
    spark.stop()


main()
