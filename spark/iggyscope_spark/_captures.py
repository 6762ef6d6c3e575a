"""The captures of a folder, a pattern or a bucket, and their bytes."""

import glob
import os
import re
import shutil

CAPTURE = re.compile(r"\.(pcap|pcapng|cap)\d*(\.(gz|zst))?$", re.IGNORECASE)
REMOTE = re.compile(r"^[a-z][a-z0-9+.-]+://")


def captures_of(path):
    """The captures of a folder, of a pattern, or of an address such as ``s3://…``, sorted."""
    if REMOTE.match(path):
        found = list(_listed(path))
    elif os.path.isdir(path):
        found = glob.glob(f"{glob.escape(path)}/**", recursive=True)
    else:
        found = glob.glob(path)
    files = sorted(
        file
        for file in found
        if CAPTURE.search(file) and (REMOTE.match(file) or os.path.isfile(file))
    )
    if not files:
        raise ValueError(f"no captures in {path}")
    return files


def _listed(address):
    """Files of an object store or HDFS, as addresses."""
    from pyarrow import fs

    system, inside = fs.FileSystem.from_uri(address)
    prefix = address[: len(address) - len(inside)] if address.endswith(inside) else ""
    prefix = prefix or f"{address.split('://')[0]}://"
    info = system.get_file_info(inside)
    if info.type == fs.FileType.File:
        yield prefix + info.path
        return
    for entry in system.get_file_info(fs.FileSelector(inside, recursive=True)):
        if entry.type == fs.FileType.File:
            yield prefix + entry.path


def open_capture(file):
    """The bytes of a capture, as they are stored."""
    if not REMOTE.match(file):
        return open(file, "rb")
    from pyarrow import fs

    system, inside = fs.FileSystem.from_uri(file)
    return system.open_input_stream(inside, compression=None)


def pour(file, sink, note=None):
    """Copies a capture into a program; one that stops reading tells why by its exit code."""
    with open_capture(file) as source:
        try:
            if note is None:
                shutil.copyfileobj(source, sink, 1 << 20)
                return
            while chunk := source.read(1 << 20):
                note(chunk)
                if not sink.closed:
                    try:
                        sink.write(chunk)
                    except BrokenPipeError:
                        _close(sink)
        except (BrokenPipeError, ValueError):
            pass  # Closed at the other end, or here since the task ended.
        finally:
            _close(sink)


def _close(sink):
    try:
        sink.close()
    except BrokenPipeError:
        pass
