"""The organiser's tools: own questions, moderation, delegations, imports, merged organisations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_organisers_tools"
down_revision = "0001_registration_badges_door"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_form")),
        sa.UniqueConstraint("event_id", "purpose", "version", name=op.f("uq_question_form_event_id_purpose_version")),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("about_kind", sa.String(), nullable=False),
        sa.Column("about_ref", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("code", name=op.f("uq_stored_file_code")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index("ix_stored_file_about", ["about_kind", "about_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_event_id"), ["event_id"], unique=False)
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passes_moderation", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    with op.batch_alter_table("registration_needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gender", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column("answers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.drop_column("category")


def downgrade() -> None:
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sa.VARCHAR(), nullable=False))
    with op.batch_alter_table("registration_needs", schema=None) as batch_op:
        batch_op.drop_column("answers")
        batch_op.drop_column("gender")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("answers")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_column("passes_moderation")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_event_id"))
        batch_op.drop_index("ix_stored_file_about")
    op.drop_table("stored_file")
    op.drop_table("question_form")
