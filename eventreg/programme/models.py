"""The tables of the programme: for now the rooms of the venue."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core.db import Base
from eventreg.core.i18n import Text, TextType


class Room(Base):
    """A room of the venue and how many people it holds."""

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[Text] = mapped_column(TextType)
    capacity: Mapped[int]
    rank: Mapped[int] = mapped_column(default=0)
