"""How clocks of hosts differ, by the packets that two of them saw."""

from pyspark.sql import functions

# Fewer packets that two hosts saw say nothing of their clocks.
MIN_SHARED = 3


def clocks_of(packets):
    """Offset of each host's clock in nanoseconds from the first host's, and packets shared.

    Only packets count that each host saw once. A host that shares packets with no other one, nor
    by way of others, stays as it is: ``(0, 0)``.
    """
    marks = (
        packets.where("pair != ''")
        .groupBy("host", "digest")
        .agg(functions.count("*").alias("times"), functions.min("time_ns").alias("time"))
        .where("times = 1")
        .drop("times")
    )
    others = marks.select(
        functions.col("host").alias("other"), "digest", functions.col("time").alias("other_time")
    )
    compared = (
        marks.join(others, "digest")
        .where("host < other")
        .groupBy("host", "other")
        .agg(
            functions.count("*").alias("shared"),
            functions.percentile_approx(functions.expr("other_time - time"), 0.5).alias("offset"),
        )
        .where(f"shared >= {MIN_SHARED}")
        .collect()
    )
    hosts = sorted(row.host for row in packets.select("host").distinct().collect())
    return _spanned(hosts, [(r.host, r.other, r.shared, r.offset) for r in compared])


def _spanned(hosts, compared):
    """Offsets by way of the pairs that share most."""
    clocks = {}
    for start in hosts:
        if start in clocks:
            continue
        clocks[start] = (0, 0)
        while reach := [
            (shared, known, new, offset if known == one else -offset)
            for one, other, shared, offset in compared
            for known, new in ((one, other), (other, one))
            if known in clocks and new not in clocks
        ]:
            shared, known, new, offset = max(reach)
            clocks[new] = (clocks[known][0] + offset, shared)
    return clocks
