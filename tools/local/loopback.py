"""Keeps an emulator off the network: it listens on the loopback addresses only."""

import socket


def bind_to_loopback():
    """Makes every socket that would be bound to all interfaces bind to loopback instead."""
    loopback = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
    bind = socket.socket.bind

    def bind_loopback(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            address = (loopback.get(address[0], address[0]), *address[1:])
        return bind(self, address)

    socket.socket.bind = bind_loopback
