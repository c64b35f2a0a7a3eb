"""The organiser's tools: own questions, moderation, delegations, imports, merged organisations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_organisers_tools"
down_revision = "0001_registration_badges_door"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passes_moderation", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
    with op.batch_alter_table("registration_needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gender", sa.String(), server_default=sa.text("('')"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("registration_needs", schema=None) as batch_op:
        batch_op.drop_column("gender")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_column("passes_moderation")
