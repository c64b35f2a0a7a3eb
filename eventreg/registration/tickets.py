"""The ticket as a PDF."""
from __future__ import annotations


def pdf(registration, event, ticket) -> bytes:
    raise NotImplementedError
