"""A server and a client of Iggy's classic framing: ten pings, in a connection, for each line read.

usage: ping.py PORT
"""

import socket
import sys
import threading

REQUEST = bytes.fromhex("0400000001000000")
RESPONSE = bytes(8)


def serve(listener):
    """Answers every request of every connection."""
    while True:
        connection, _ = listener.accept()
        with connection:
            while connection.recv(len(REQUEST), socket.MSG_WAITALL):
                connection.sendall(RESPONSE)


def main():
    """Talks as long as lines come."""
    address = ("127.0.0.1", int(sys.argv[1]))
    listener = socket.create_server(address)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    for _ in sys.stdin:
        with socket.create_connection(address) as client:
            for _ in range(10):
                client.sendall(REQUEST)
                client.recv(len(RESPONSE), socket.MSG_WAITALL)


main()
