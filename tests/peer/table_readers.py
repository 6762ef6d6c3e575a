"""Reads tables of transactions as their users do, and holds them against the records.

usage: table_readers.py FOLDER, which has NAME.parquet, NAME.arrow and NAME.ndjson. Prints what
differs, and at the end how many rows were compared.
"""

import json
import pathlib
import sys

import duckdb
import pandas
import pyarrow
import pyarrow.parquet


def expected(record):
    """The cells that follow from a record of -T ndjson."""
    request, response = record["request"] or {}, record["response"] or {}
    return {
        "transaction": record["transaction"],
        "conversation": record["conversation"],
        "transport": record.get("transport", "tcp"),
        "client": record["client"],
        "server": record["server"],
        "framing": record["framing"],
        "release": record["release"],
        "command": record["command"],
        "code": record["code"],
        "status": response.get("status"),
        "status_name": response.get("status_name"),
        "request_packet": request.get("packet"),
        "request_length": request.get("length"),
        "response_packet": response.get("packet"),
        "response_length": response.get("length"),
        "response_time_us": record["response_time_us"],
    }


def nanoseconds(side):
    """The time of a side in nanoseconds since 1970."""
    if side is None:
        return None
    whole, fraction = side["time"].removesuffix("Z").split(".")
    return pandas.Timestamp(whole, tz="UTC").value + int(fraction)


def check(name, folder, records):
    """Yields what differs between a capture's records and its tables."""
    path = str(folder / f"{name}.parquet")
    file = pyarrow.parquet.ParquetFile(path)
    table = file.read()
    with pyarrow.ipc.open_stream(folder / f"{name}.arrow") as stream:
        arrow = stream.read_all()
    arrow.validate(full=True)
    if not table.equals(arrow):
        yield "Parquet and Arrow differ"
    rows = table.to_pylist()
    if len(rows) != len(records):
        yield f"{len(rows)} rows, {len(records)} records"
    for row, record in zip(rows, records):
        cells = expected(record)
        for side in ("request", "response"):
            nanos = nanoseconds(record[side])
            cells[f"{side}_time_ns"] = nanos
            moment = row[f"{side}_time"]
            told = None if moment is None else pandas.Timestamp(moment).value
            if told != (None if nanos is None else nanos // 1000 * 1000):
                yield f"{side}_time is {moment}, not {nanos} ns"
            text = row[side]
            if (None if text is None else json.loads(text)) != record[side]:
                yield f"{side} of {record['transaction']} differs"
        if json.loads(row["issues"]) != record["issues"]:
            yield f"issues of {record['transaction']} differ"
        for column, value in cells.items():
            if row[column] != value:
                yield f"{column} is {row[column]!r}, not {value!r}"
    for i in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(i)
        for column in range(group.num_columns):
            if group.column(column).compression != "ZSTD":
                yield f"{group.column(column).path_in_schema} is not compressed by zstd"
            # Kept for each group until the file ends, these would be most of the memory.
            if group.column(column).path_in_schema in ("request", "response", "issues"):
                if group.column(column).statistics is not None:
                    yield f"group {i} keeps values of column {column} in the footer"
    frame = pandas.read_parquet(path)
    if len(frame) != len(records):
        yield f"pandas reads {len(frame)} rows"
    counts = duckdb.execute(
        "select command, count(*), count(response), sum(request_length), "
        "count(request->>'$.fields') from read_parquet(?) group by 1",
        [path],
    ).fetchall()
    told = {}
    for record in records:
        count = told.setdefault(record["command"], [0, 0, None, 0])
        count[0] += 1
        count[1] += record["response"] is not None
        if record["request"] is not None:
            count[2] = (count[2] or 0) + record["request"]["length"]
            count[3] += record["request"]["fields"] is not None
    if {command: list(values) for command, *values in counts} != told:
        yield f"DuckDB counts {counts}"


def main():
    """Checks every capture of the folder."""
    folder = pathlib.Path(sys.argv[1])
    rows = 0
    for path in sorted(folder.glob("*.ndjson")):
        with path.open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        rows += len(records)
        for difference in list(check(path.stem, folder, records))[:5]:
            print(f"{path.stem}: {difference}")
    print(f"{rows} rows")


main()
