"""Packets as pcapng for iggyscope, and where each of them came from."""

import struct
from array import array

SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
NANOSECONDS = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
# Keys of packets that are remembered, so that copies are known.
MAX_REMEMBERED = 65_536


def block(kind, body):
    """A block of pcapng."""
    body += b"\0" * (-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def interface(linktype):
    """The block that describes an interface whose times are nanoseconds."""
    return block(1, struct.pack("<HHI", linktype, 0, 0) + NANOSECONDS)


class Places:
    """File and number of each packet that was written, in eight bytes a packet."""

    def __init__(self):
        self._names = []
        self._indexes = {}
        self._files = array("I")
        self._numbers = array("I")

    def add(self, file, number):
        """Notes where the next packet came from."""
        index = self._indexes.get(file)
        if index is None:
            index = self._indexes[file] = len(self._names)
            self._names.append(file)
        self._files.append(index)
        self._numbers.append(number)

    def __getitem__(self, number):
        return self._names[self._files[number - 1]], self._numbers[number - 1]


class Copies:
    """Knows packets that came from another origin already: as often as they came from there."""

    def __init__(self):
        self._recent = {}

    def has(self, key, origin):
        """Whether this packet is a copy of one that was taken."""
        seen = self._recent.get(key)
        if seen is None:
            self._recent[key] = {origin: 1}
            if len(self._recent) > MAX_REMEMBERED:
                del self._recent[next(iter(self._recent))]
            return False
        taken = max(seen.values())
        seen[origin] = seen.get(origin, 0) + 1
        return seen[origin] <= taken


class Writer:
    """Writes batches of packets, without copies; ``places`` tells where each came from."""

    def __init__(self, sink, by_host):
        self._sink = sink
        self._by_host = by_host
        self._of_files, self._of_hosts = Copies(), Copies()
        self._interfaces = {}
        self.places = Places()
        self.copies = 0

    def start(self):
        """Writes what a file begins with."""
        self._sink.write(SECTION)

    def write(self, batch):
        """Writes a batch; copies are counted."""
        columns = batch.to_pydict()
        for file, host, number, time, linktype, original, digest, data in zip(
            columns["file"],
            columns["host"],
            columns["packet"],
            columns["time_ns"],
            columns["linktype"],
            columns["original_length"],
            columns["digest"],
            columns["bytes"],
        ):
            if self._of_files.has((time, digest, original), file) or (
                self._by_host and self._of_hosts.has(digest, host)
            ):
                self.copies += 1
                continue
            self.places.add(file, number)
            self._packet(time, linktype, original, data)

    def _packet(self, time, linktype, original, data):
        index = self._interfaces.get(linktype)
        if index is None:
            index = self._interfaces[linktype] = len(self._interfaces)
            self._sink.write(interface(linktype))
        high, low = time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF
        head = struct.pack("<IIIII", index, high, low, len(data), original)
        self._sink.write(block(6, head + data))
