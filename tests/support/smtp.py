"""What arrived by mail? A real SMTP server on this machine that keeps what it is given, or refuses it when told to."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as POLICY

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """`messages` in order of arrival; set `answer` to e.g. "451 4.3.0 Later" to refuse what comes next."""

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.answer = "250 OK"
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keep the message unless `answer` refuses it; its envelope's receivers become the header X-Envelope-To."""
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=POLICY)
            assert isinstance(message, EmailMessage)
            message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
            self.messages.append(message)
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        """The messages for `address`, oldest first."""
        return [message for message in self.messages if message["X-Envelope-To"] == address]


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink that listens on a free port for the length of the block."""
    sink = Sink()
    sink.port = free_port()  # aiosmtpd cannot choose one: with port 0 it then tries to reach port 0
    controller = Controller(sink, hostname=sink.host, port=sink.port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
