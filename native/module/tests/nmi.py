#!/usr/bin/env python3
"""usage: nmi.py SOCKET COUNT: injects COUNT NMIs through QEMU's human monitor at the UNIX socket, as fast as it answers. Says how many."""
import socket
import sys


def prompt(connection):
    text = b""
    while not text.endswith(b"(qemu) "):
        part = connection.recv(4096)
        if not part:
            return False
        text += part
    return True


def main():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    sent = 0
    if prompt(connection):
        while sent < int(sys.argv[2]):
            connection.sendall(b"nmi\n")
            if not prompt(connection):
                break
            sent += 1
    print(sent)


try:
    main()
except (BrokenPipeError, ConnectionResetError):
    pass
