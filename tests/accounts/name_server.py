"""A name server on loopback that answers TXT questions, over UDP and TCP."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from django.test import override_settings

# What a server does in place of an answer.
SILENT, FAILS = "silent", "fails"


@dataclass
class NameServer:
    """records: the values of the TXT records by name. behaviour: what it does in place of answering.

    addresses: those of a host, one after the other, each for one question; the last one is said for ever.
    """

    port: int = 0
    records: dict[str, list[str]] = field(default_factory=dict)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    behaviour: str = ""
    truncates: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, wire: bytes, *, is_tcp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if self.behaviour == SILENT:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if self.behaviour == FAILS:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif self.truncates and not is_tcp:
            response.flags |= dns.flags.TC
        elif question.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            self._say_address(response, name, question.rdtype)
        else:
            self._fill(response, name)
        return response.to_wire(max_size=65_535)

    def _say_address(self, response: dns.message.Message, name: str, kind: dns.rdatatype.RdataType) -> None:
        if name not in self.addresses:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif kind == dns.rdatatype.A:
            left = self.addresses[name]
            address = left.pop(0) if len(left) > 1 else left[0]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "A", address))

    def _fill(self, response: dns.message.Message, name: str) -> None:
        if target := self.aliases.get(name):
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{target}."))
            name = target
        if name not in self.records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif values := self.records[name]:
            # A string of a TXT record has 255 characters at most: a longer value stands in several.
            texts = [" ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255)) for value in values]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))


def _serve_udp(server: NameServer, udp: socket.socket) -> None:
    while True:
        try:
            wire, peer = udp.recvfrom(65_535)
            if answer := server.answer(wire, is_tcp=False):
                udp.sendto(answer, peer)
        except OSError:  # closed
            return


def _serve_tcp(server: NameServer, tcp: socket.socket) -> None:
    while True:
        try:
            connection, _peer = tcp.accept()
        except OSError:  # closed
            return
        with connection:
            [size] = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))
            if answer := server.answer(connection.recv(size, socket.MSG_WAITALL), is_tcp=True):
                connection.sendall(struct.pack("!H", len(answer)) + answer)


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Start one, and let the settings name it."""
    server = NameServer()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
    ):
        tcp.bind(("127.0.0.1", 0))
        server.port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", server.port))
        tcp.listen()
        threads = [
            threading.Thread(target=_serve_udp, args=(server, udp), daemon=True),
            threading.Thread(target=_serve_tcp, args=(server, tcp), daemon=True),
        ]
        for thread in threads:
            thread.start()
        with override_settings(DNS_RESOLVERS=[("127.0.0.1", server.port)]):
            yield server
        for closed in (udp, tcp):
            closed.shutdown(socket.SHUT_RDWR) if closed is tcp else closed.close()
    for thread in threads:
        thread.join(timeout=1)
