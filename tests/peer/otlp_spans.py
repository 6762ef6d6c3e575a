"""Reads OTLP/JSON with the published protobuf definitions.

usage: otlp_spans.py FILE; each line is an ExportTraceServiceRequest. Fails on a field that the
definitions do not have, and prints how many spans, ids and errors there are.
"""

import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2


def with_base64_ids(value):
    """OTLP's JSON has ids in hex where protobuf's own has base64."""
    if isinstance(value, list):
        return [with_base64_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64encode(bytes.fromhex(item)).decode()
        if key in ("traceId", "spanId")
        else with_base64_ids(item)
        for key, item in value.items()
    }


def main():
    """Checks every line."""
    spans = []
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            request = json_format.ParseDict(
                with_base64_ids(json.loads(line)),
                trace_service_pb2.ExportTraceServiceRequest(),
            )
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
    for span in spans:
        assert len(span.trace_id) == 16 and len(span.span_id) == 8, span
        assert span.start_time_unix_nano <= span.end_time_unix_nano, span
    ids = {span.trace_id + span.span_id for span in spans}
    errors = sum(span.status.code == 2 for span in spans)
    print(len(spans), len(ids), errors)


main()
