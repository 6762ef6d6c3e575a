"""Folders that are not as they should be, on Spark, held against one run on the whole.

usage: bad_input.py COMMAND FOLDER; FOLDER has whole.arrow, whole.parquet, mixed/ and hosts/ with
captures, numbers.json with the packets' numbers in the whole, and deadly, a command that kills
the worker that calls it, once for reading and once for dissecting.
"""

import json
import pathlib
import sys

import pyarrow as pa
from iggyscope_spark import clocks_of, files, packets, transactions
from pyspark.errors import PySparkException
from rows import expected, of_spark, session, tell


def main():
    """Prints a line for each check."""
    command, folder = sys.argv[1:]
    place = pathlib.Path(folder)
    before = json.loads((place / "numbers.json").read_text(encoding="utf-8"))
    wanted = expected(place)
    # Four failures end a task, as on a cluster; local Spark alone would end at the first.
    spark = session("local[2,4]")

    def compare(name, path, **options):
        found = transactions(spark, str(place / path), partitions=2, **options)
        tell(name, [of_spark(row, before) for row in found.collect()], wanted)

    table = spark.read.parquet(str(place / "whole.parquet"))
    with pa.ipc.open_stream(place / "whole.arrow") as stream:
        arrow = stream.read_all().drop_columns(["request_time", "response_time"])
    read = table.drop("request_time", "response_time").orderBy("transaction").toArrow()
    print("parquet", read.to_pylist() == arrow.to_pylist())
    moments = table.selectExpr("max(abs(unix_micros(request_time) - request_time_ns div 1000))")
    print("moments", moments.collect()[0][0])

    for row in files(spark, str(place / "mixed"), command=command).orderBy("file").collect():
        name = row.file.split("/")[-1]
        note = (row.note or "").split("/")[-1]
        print(name, row.state, row.packets, note, sep=" | ")
    try:
        transactions(spark, str(place / "mixed"), command=command).collect()
    except PySparkException as error:
        words = str(error)
        print("named", "foreign.pcap" in words, "not a capture" in words)
    compare("skipped", "mixed", command=command, unreadable="skip")
    compare("divided finer", "mixed", command=command, unreadable="skip", by="connection")

    hosts = r"/(\w+)\.pcapng$"
    seen = packets(spark, str(place / "hosts"), hosts=hosts, command=command)
    for host, (offset, shared) in clocks_of(seen).items():
        print("clock", host, offset, shared > 100)
    compare("two hosts", "hosts", command=command, hosts=hosts)

    compare("dying workers", "hosts", command=str(place / "deadly"), hosts=hosts)
    print("died", sorted(path.name for path in place.glob("died-*")))
    spark.stop()


main()
