"""Executors of Spark as processes of their own on this machine, and the processor time of each."""

import os
import pathlib

from rows import session

PER_SECOND = os.sysconf("SC_CLK_TCK")


def cluster(executors, folder):
    """A session on so many executors of one core; what these log goes to the folder."""
    import pyspark

    # Executors write beside Spark's own files, so these are linked from a folder that can go.
    home = pathlib.Path(folder) / "spark"
    home.mkdir()
    installed = pathlib.Path(os.environ.get("SPARK_HOME", pyspark.__path__[0]))
    for name in ("bin", "jars"):
        (home / name).symlink_to(installed / name)
    os.environ["SPARK_HOME"] = str(home)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    # On a busy machine JVMs answer late, and executors that do not answer count as lost.
    patience = {"spark.network.timeout": "600s", "spark.executor.heartbeatInterval": "60s"}
    return session(f"local-cluster[{executors},1,1024]", **patience)


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
        times[number] = sum(int(time) for time in fields[11:15]) / PER_SECOND
        if b"--executor-id" in command:
            executors[number] = int(command[command.index(b"--executor-id") + 1])
    found = {}
    for number, time in times.items():
        executor = None
        while number in parents and number != os.getpid():
            executor = executors.get(number, executor)
            number = parents[number]
        if executor is not None and number == os.getpid():
            found[executor] = found.get(executor, 0.0) + time
    return found
