"""Writes the transactions of a folder of captures as Parquet, by date and command.

usage: spark-submit --py-files iggyscope_spark.zip to_parquet.py CAPTURES OUTPUT
"""

import sys

from iggyscope_spark import transactions
from pyspark.sql import SparkSession, functions


def main():
    """Reads, divides and writes."""
    captures, output = sys.argv[1:]
    spark = SparkSession.builder.appName("iggyscope").getOrCreate()
    found = transactions(spark, captures)
    time = functions.coalesce("request_time", "response_time")
    dated = found.withColumn("date", functions.to_date(time))
    dated.write.partitionBy("date", "command").mode("overwrite").parquet(output)
    spark.stop()


main()
