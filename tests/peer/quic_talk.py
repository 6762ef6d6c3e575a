"""A client and a server of aioquic that talk over a network made of a queue.

Reads what to say from standard input as JSON and writes the datagrams that passed the tap,
which stands before the server, with the key log of both:

    {"exchanges": [["request in hex", "reply in hex"], ...], ...}
    {"datagrams": [[seconds, from port, to port, "hex"], ...], "keys": "...", "replies": 3}

Each exchange takes a stream of its own. See Talk for what else may be asked for.
"""

import heapq
import io
import json
import random
import sys

from aioquic.buffer import Buffer
from aioquic.quic import events, packet, packet_builder
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.retry import QuicRetryTokenHandler
from aioquic.tls import CipherSuite

SERVER = ("192.0.2.2", 8080)
FIRST_PORT = 50000
DELAY = 0.001
MAX_SECONDS = 600


class AnyBit(int):
    """The fixed bit as RFC 9287 has it: sent as 0, and taken as it comes."""

    def __rand__(self, other):
        return 1

    def __and__(self, other):
        return 1


class Talk:
    def __init__(self, asked):
        self.exchanges = [
            (bytes.fromhex(request), bytes.fromhex(reply))
            for request, reply in asked["exchanges"]
        ]
        # Streams under way at once.
        self.window = asked.get("window", 1)
        # Of datagrams, how many are lost or late, on either side of the tap.
        self.loss = asked.get("loss", 0)
        self.late = asked.get("late", 0)
        self.random = random.Random(asked.get("seed", 1))
        # Exchanges between two key updates, by either side in turn; 0 for none.
        self.update_every = asked.get("updateEvery", 0)
        # Exchanges after which the client sends from another port; 0 for never.
        self.move_after = asked.get("moveAfter", 0)
        self.retry = QuicRetryTokenHandler() if asked.get("retry") else None
        # A connection before this one, of which the session is resumed.
        self.resume = asked.get("resume", False)
        # Requests that go with the first flight of a resumed session, and whether they count.
        self.early = asked.get("early", 0)
        self.forget = asked.get("forget", False)
        # What the client says after a Retry, with all it sent before: "same" hello or a "new"
        # one. aioquic itself forgets early data then.
        self.hello = asked.get("hello", "new")
        self.reset = asked.get("reset", [])
        self.asked = asked
        self.keys = io.StringIO()
        self.tapped = []
        self.tickets = {}
        self.ticket = None
        self.now = 0.0
        self.replies = 0

    def configuration(self, is_client):
        asked = self.asked
        made = QuicConfiguration(
            is_client=is_client,
            alpn_protocols=["iggy"],
            secrets_log_file=self.keys if is_client else None,
            connection_id_length=asked.get("clientId" if is_client else "serverId", 8),
            max_data=asked.get("maxData", 1048576),
            max_stream_data=asked.get("maxStreamData", 1048576),
            server_name="iggy.example" if is_client else None,
            session_ticket=self.ticket if is_client else None,
        )
        if "suite" in asked:
            made.cipher_suites = [CipherSuite[asked["suite"]]]
        if "version" in asked:
            made.supported_versions = [asked["version"]]
            made.original_version = asked["version"]
        if "versions" in asked:
            # Those that both know, as the server prefers them; the client begins with the last.
            made.supported_versions = asked["versions"]
            made.original_version = asked["versions"][-1]
        made.verify_mode = 0
        if not is_client:
            made.load_cert_chain(asked["certificate"], asked["key"])
        return made

    def run(self):
        if self.resume:
            self.connection(FIRST_PORT, self.exchanges[:1], resumed=False)
            if self.forget:
                self.tickets.clear()
        port = FIRST_PORT if self.asked.get("samePort") else FIRST_PORT + 1
        self.connection(port, self.exchanges, resumed=self.resume)
        return {
            "datagrams": self.tapped,
            "keys": self.keys.getvalue(),
            "replies": self.replies,
        }

    def connection(self, port, exchanges, resumed):
        client = QuicConnection(
            configuration=self.configuration(True),
            session_ticket_handler=lambda ticket: setattr(self, "ticket", ticket),
        )
        if self.asked.get("clientId") == 0:
            # Further ids of no bytes would be offered.
            client._replenish_connection_ids = lambda: None
        if self.early and self.retry is not None:
            connect = client._connect
            client._connect = lambda now: self.connect_again(client, connect, now)
        self.client, self.server, self.port = client, None, port
        self.queue, self.order = [], 0
        self.heard = {}
        self.done, self.left = 0, list(exchanges)
        self.streams = {}
        client.connect(SERVER, now=self.now)
        if resumed:
            for _ in range(self.early):
                self.ask()
        self.flush()
        end = self.now + MAX_SECONDS
        while self.done < len(exchanges) and self.now < end:
            if not self.step():
                break
        client.close(self.asked.get("error", 0), reason_phrase="bye")
        self.flush()
        while self.queue:
            self.step()
        self.now += 1

    def connect_again(self, client, connect, now):
        """Begins a connection, or after a Retry begins it again as RFC 9000 section 17.2.5.3."""
        if not client._retry_count:
            connect(now=now)
            return
        loss = client._loss
        for space in loss.spaces:
            sent = list(space.sent_packets.values())
            loss._on_packets_lost(congestion_event=False, now=now, packets=sent, space=space)
        if self.hello == "new":
            connect(now=now)
            return
        for version, pair in client._cryptos_initial.items():
            pair.setup_initial(cid=client._peer_cid.cid, is_client=True, version=version)

    def step(self):
        """Goes on to the next thing that happens; false where nothing will."""
        ends = [end for end in (self.client, self.server) if end is not None]
        timers = [(end.get_timer(), end) for end in ends if end.get_timer() is not None]
        timer, who = min(timers, key=lambda found: found[0], default=(None, None))
        if self.queue and (timer is None or self.queue[0][0] <= timer):
            self.now, _, to_server, data, port = heapq.heappop(self.queue)
            self.deliver(to_server, data, port)
        elif timer is not None and not self.client._state.value >= 3:
            self.now = max(self.now, timer)
            who.handle_timer(now=self.now)
        else:
            return False
        self.events()
        self.flush()
        return True

    def send(self, to_server, data, port):
        is_lost = self.random.random() < self.loss
        delay = DELAY * (self.random.uniform(1, 8) if self.random.random() < self.late else 1)
        if not to_server:
            self.tap(SERVER[1], port, data)
        if not is_lost:
            self.order += 1
            heapq.heappush(self.queue, (self.now + delay, self.order, to_server, data, port))

    def tap(self, source, destination, data):
        self.tapped.append([round(self.now, 6), source, destination, data.hex()])

    def deliver(self, to_server, data, port):
        if not to_server:
            self.client.receive_datagram(data, SERVER, now=self.now)
            return
        self.tap(port, SERVER[1], data)
        address = ("192.0.2.1", port)
        if self.server is None:
            self.accept(data, address)
        if self.server is not None:
            self.server.receive_datagram(data, address, now=self.now)

    def accept(self, data, address):
        header = packet.pull_quic_header(Buffer(data=data), host_cid_length=8)
        if header.packet_type != packet.QuicPacketType.INITIAL:
            return
        original, retried = header.destination_cid, None
        if self.retry is not None:
            if not header.token:
                source = self.random.randbytes(8)
                token = self.retry.create_token(
                    address=address,
                    original_destination_connection_id=original,
                    retry_source_connection_id=source,
                    now=self.now,
                )
                answer = packet.encode_quic_retry(
                    version=header.version,
                    source_cid=source,
                    destination_cid=header.source_cid,
                    original_destination_cid=original,
                    retry_token=token,
                )
                self.send(False, answer, address[1])
                return
            original, retried = (
                self.retry.validate_token(
                    address=address,
                    destination_cid=header.destination_cid,
                    token=header.token,
                    now=self.now,
                ),
                header.destination_cid,
            )
        self.server = QuicConnection(
            configuration=self.configuration(False),
            original_destination_connection_id=original,
            retry_source_connection_id=retried,
            session_ticket_fetcher=lambda label: self.tickets.pop(label, None),
            session_ticket_handler=lambda ticket: self.tickets.update({ticket.ticket: ticket}),
        )

    def ask(self):
        if not self.left:
            return
        stream = self.client.get_next_available_stream_id()
        request, reply = self.left.pop(0)
        self.streams[stream] = reply
        self.client.send_stream_data(stream, request, end_stream=True)

    def events(self):
        while (event := self.client.next_event()) is not None:
            if isinstance(event, events.HandshakeCompleted):
                for _ in range(self.window):
                    self.ask()
            if isinstance(event, (events.StreamDataReceived, events.StreamReset)):
                if isinstance(event, events.StreamReset) or event.end_stream:
                    self.answered()
        while self.server is not None and (event := self.server.next_event()) is not None:
            if not isinstance(event, events.StreamDataReceived):
                continue
            self.heard[event.stream_id] = self.heard.get(event.stream_id, 0) + len(event.data)
            if event.end_stream:
                self.answer(event.stream_id)

    def answer(self, stream):
        reply = self.streams[stream]
        if stream // 4 in self.reset:
            self.server.send_stream_data(stream, reply[: len(reply) // 2])
            self.server.reset_stream(stream, error_code=7)
        else:
            self.server.send_stream_data(stream, reply, end_stream=True)

    def answered(self):
        self.done += 1
        self.replies += 1
        if self.update_every and self.done % self.update_every == 0:
            turn = self.done // self.update_every % 2
            (self.client if turn else self.server).request_key_update()
        if self.done == self.move_after:
            self.port += 1000
            self.client.change_connection_id()
        self.ask()

    def flush(self):
        for data, _ in self.client.datagrams_to_send(now=self.now):
            self.send(True, data, self.port)
        if self.server is not None:
            for data, (_, port) in self.server.datagrams_to_send(now=self.now):
                self.send(False, data, port)


def main():
    asked = json.load(sys.stdin)
    if asked.get("grease"):
        for module in (packet, packet_builder):
            module.PACKET_FIXED_BIT = AnyBit(0)
    json.dump(Talk(asked).run(), sys.stdout)


main()
