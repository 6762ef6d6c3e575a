"""How the Spark job grows with its executors: processor time of each, and wall time.

usage: spark_growth.py COMMAND CAPTURES EXECUTORS, with spark/ and tests/spark/ in PYTHONPATH as
whole paths

docs/scale.md has its figures, of captures that this makes:

    iggyscope-write synth tests/bench/spark_growth.yaml --bytes 5MB --rotate 22100kB \\
      -w captures/load.pcapng

Executors are processes of one task at a time each, on this machine. Wall time says little where
something else has its processors, so processor time is told too: where each executor has a
processor of its own, a job takes as long as its busiest executor.
"""

import os
import pathlib
import sys
import tempfile
import time

from cluster import cluster
from iggyscope_spark import transactions

PARTITIONS = 24
PER_SECOND = os.sysconf("SC_CLK_TCK")


def processor_seconds():
    """Processor time of each executor of this process with what it started, by its number."""
    parents, times, executors = {}, {}, {}
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (place / "stat").read_text(encoding="utf-8", errors="replace")
            command = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # It has ended.
        # The name in brackets may hold blanks. The last two times are of ended children.
        fields = stat[stat.rindex(")") + 2 :].split()
        number = int(place.name)
        parents[number] = int(fields[1])
        times[number] = sum(int(ticks) for ticks in fields[11:15]) / PER_SECOND
        if b"--executor-id" in command:
            executors[number] = int(command[command.index(b"--executor-id") + 1])
    found = {}
    for number, seconds in times.items():
        executor = None
        while number in parents and number != os.getpid():
            executor = executors.get(number, executor)
            number = parents[number]
        if executor is not None and number == os.getpid():
            found[executor] = found.get(executor, 0.0) + seconds
    return found


def run(spark, command, captures):
    """The job once; gives its wall time and the processor time of each executor."""
    started, before = time.monotonic(), processor_seconds()
    found = transactions(
        spark, captures, partitions=PARTITIONS, command=command, by="connection"
    )
    found.write.format("noop").mode("overwrite").save()
    wall = time.monotonic() - started
    after = processor_seconds()
    return wall, sorted(after[number] - before.get(number, 0.0) for number in after)


def main():
    """Runs the job to warm up, then once more, and prints what each executor took."""
    command, captures, executors = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        spark = cluster(int(executors), folder)
        run(spark, command, captures)
        wall, each = run(spark, command, captures)
        told = " ".join(f"{seconds:.1f}" for seconds in each)
        print(f"{executors} executors: {told} s of processors, {wall:.0f} s wall", flush=True)
        spark.stop()


main()
