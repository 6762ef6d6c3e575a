"""Iggy's transactions from captures of any number, on Spark.

Packets are read by iggyscope, one partition a file, and shuffled by their pair of addresses, so
that a connection whose packets lie in several files comes together; one iggyscope a partition
makes transactions of them. Packet numbers map back to file and number.

    from iggyscope_spark import transactions
    transactions(spark, "captures/").groupBy("command").count().show()

Every executor needs this package, pyarrow, and the command ``iggyscope`` (npm, deb, or ``deno
install``); ``IGGYSCOPE`` in the environment, or the argument ``command``, names another one.
"""

from ._clocks import clocks_of
from ._files import files
from ._packets import PacketSource
from ._transactions import packets, register, transactions

__all__ = ["PacketSource", "clocks_of", "files", "packets", "register", "transactions"]
