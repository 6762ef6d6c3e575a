"""Executors of Spark as processes of their own on this machine."""

import os
import pathlib

from rows import session


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
