"""What may this link open? Every personal link of a mail: one purpose, expiring, revocable, kept as a hash only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, select, update
from sqlalchemy.orm import Mapped, mapped_column

from eventreg.core import tokens
from eventreg.core.db import Base, db


class Link(Base):
    """`max_uses` None is many times. `ref` is the code or id of what it opens; what that is, the purpose says."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    event_id: Mapped[int | None]
    ref: Mapped[str] = mapped_column(index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    max_uses: Mapped[int | None]
    uses: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]

    def state(self, now: datetime) -> str:
        """open, used, expired or revoked at `now`."""
        if self.revoked_at is not None:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        if self.max_uses is not None and self.uses >= self.max_uses:
            return "used"
        return "open"


def make(
    purpose: str,
    ref: str,
    *,
    now: datetime,
    expires_at: datetime,
    event_id: int | None = None,
    max_uses: int | None = None,
    data: dict[str, Any] | None = None,
) -> str:
    """Make a link inside the running transaction; returns its secret, which is nowhere else afterwards."""
    secret = tokens.new_secret()
    db.session.add(
        Link(
            hash=tokens.hash_secret(secret), purpose=purpose, event_id=event_id, ref=ref, data=data or {},
            created_at=now, expires_at=expires_at, max_uses=max_uses, uses=0,
        )
    )  # fmt: skip
    return secret


def find(secret: str) -> Link | None:
    """The link of this secret, whatever its state; None when there is none."""
    if not 20 <= len(secret) <= 100:
        return None
    return db.session.scalar(select(Link).where(Link.hash == tokens.hash_secret(secret)))


def use(link_id: int, now: datetime) -> bool:
    """Count one use inside the running transaction; False when it is no longer open."""
    allowed = (Link.max_uses.is_(None)) | (Link.uses < Link.max_uses)
    statement = update(Link).where(
        Link.id == link_id, Link.revoked_at.is_(None), Link.expires_at > now, allowed
    ).values(uses=Link.uses + 1)  # fmt: skip
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount)  # type: ignore[attr-defined]


def revoke(purpose: str, ref: str, now: datetime, *, event_id: int | None = None) -> int:
    """Revoke all open links of a purpose to one thing; how many there were. Inside the running transaction."""
    statement = update(Link).where(
        Link.purpose == purpose, Link.ref == ref, Link.event_id == event_id, Link.revoked_at.is_(None)
    ).values(revoked_at=now)  # fmt: skip
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]
