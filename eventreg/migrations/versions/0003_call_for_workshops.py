"""The call for workshops: proposals, co-organisers, concept notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_call_for_workshops"
down_revision = "0002_organisers_tools"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("opens_local", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_local", sa.String(), nullable=False),
        sa.Column("closes_fold", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("moved_on", sa.Date()),
        sa.Column("moved_reason", sa.JSON(), nullable=False),
        sa.Column("intro", sa.JSON(), nullable=False),
        sa.Column("per_person", sa.Integer()),
        sa.Column("per_organisation", sa.Integer()),
        sa.Column("results_on", sa.Date()),
        sa.Column("notes_local", sa.String(), nullable=False),
        sa.Column("notes_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grace_minutes BETWEEN 0 AND 15", name=op.f("ck_call_grace_range")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_call_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_call")),
    )
    op.create_table(
        "late_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("expires_local", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_late_invitation_created_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_late_invitation_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_invitation")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_late_invitation_event_id_code")),
    )
    with op.batch_alter_table("late_invitation", schema=None) as batch_op:
        batch_op.create_index("ix_late_invitation_email", ["event_id", "email_key"], unique=False)
    op.create_table(
        "proposal_format",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_proposal_format_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_format")),
        sa.UniqueConstraint("event_id", "slug", name=op.f("uq_proposal_format_event_id_slug")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("track_id", sa.Integer()),
        sa.Column("format_id", sa.Integer()),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("sectors", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("entered_at", sa.DateTime(timezone=True)),
        sa.Column("in_grace", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=False),
        sa.Column("merged_into_id", sa.Integer()),
        sa.Column("late_id", sa.Integer()),
        sa.Column("sort_title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_proposal_event_id_event")),
        sa.ForeignKeyConstraint(["format_id"], ["proposal_format.id"], name=op.f("fk_proposal_format_id_proposal_format")),
        sa.ForeignKeyConstraint(["late_id"], ["late_invitation.id"], name=op.f("fk_proposal_late_id_late_invitation")),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"], name=op.f("fk_proposal_lead_id_person")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["proposal.id"], name=op.f("fk_proposal_merged_into_id_proposal")),
        sa.ForeignKeyConstraint(["track_id"], ["track.id"], name=op.f("fk_proposal_track_id_track")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_proposal_event_id_code")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_proposal_event_id_number")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_event_sent", ["event_id", "sent_at", "id"], unique=False)
        batch_op.create_index("ix_proposal_event_state", ["event_id", "state", "id"], unique=False)
        batch_op.create_index("ix_proposal_event_title", ["event_id", "sort_title", "id"], unique=False)
        batch_op.create_index("ix_proposal_event_track", ["event_id", "track_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_late_id"), ["late_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_lead_id"), ["lead_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_off_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["begun_by_id"], ["person.id"], name=op.f("fk_note_begun_by_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_note_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_note_proposal_id_number")),
    )
    op.create_table(
        "note_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_note_reminder_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_reminder")),
        sa.UniqueConstraint("proposal_id", "days", "until", name=op.f("uq_note_reminder_proposal_id_days_until")),
    )
    op.create_table(
        "proposal_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_proposal_merge_event_id_event")),
        sa.ForeignKeyConstraint(["source_id"], ["proposal.id"], name=op.f("fk_proposal_merge_source_id_proposal")),
        sa.ForeignKeyConstraint(["target_id"], ["proposal.id"], name=op.f("fk_proposal_merge_target_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_merge")),
        sa.UniqueConstraint("code", name=op.f("uq_proposal_merge_code")),
    )
    with op.batch_alter_table("proposal_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_merge_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_merge_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_merge_target_id"), ["target_id"], unique=False)
    op.create_table(
        "proposal_not_same",
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["high_id"], ["proposal.id"], name=op.f("fk_proposal_not_same_high_id_proposal")),
        sa.ForeignKeyConstraint(["low_id"], ["proposal.id"], name=op.f("fk_proposal_not_same_low_id_proposal")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_proposal_not_same")),
    )
    with op.batch_alter_table("proposal_not_same", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_not_same_high_id"), ["high_id"], unique=False)
    op.create_table(
        "proposal_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_proposal_part_changed_by_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_part_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_part")),
        sa.UniqueConstraint("proposal_id", "section", name=op.f("uq_proposal_part_proposal_id_section")),
    )
    op.create_table(
        "proposal_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_proposal_person_added_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_proposal_person_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_person_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_person_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_person")),
        sa.UniqueConstraint("code", name=op.f("uq_proposal_person_code")),
    )
    with op.batch_alter_table("proposal_person", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_person_person", ["person_id", "proposal_id"], unique=False)
        batch_op.create_index("ix_proposal_person_proposal", ["proposal_id", "role", "rank"], unique=False)
    op.create_table(
        "proposal_search",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_proposal_search_event_id_event")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_search_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_search")),
    )
    with op.batch_alter_table("proposal_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_search_event_id"), ["event_id"], unique=False)
    op.create_table(
        "proposal_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("in_grace", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_version_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_proposal_version_sent_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_version")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_proposal_version_proposal_id_number")),
    )
    op.create_table(
        "note_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_note_part_changed_by_id_person")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_note_part_note_id_note")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_part")),
        sa.UniqueConstraint("note_id", "section", name=op.f("uq_note_part_note_id_section")),
    )
    op.create_table(
        "note_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_note_text_note_id_note")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_note_text_proposed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_text")),
        sa.UniqueConstraint("note_id", "turn", name=op.f("uq_note_text_note_id_turn")),
    )
    op.create_table(
        "proposal_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_proposal_edit_changed_by_id_person")),
        sa.ForeignKeyConstraint(["part_id"], ["proposal_part.id"], name=op.f("fk_proposal_edit_part_id_proposal_part")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_edit")),
        sa.UniqueConstraint("part_id", "revision", name=op.f("uq_proposal_edit_part_id_revision")),
    )
    op.create_table(
        "note_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("thread_id", sa.Integer()),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body_name", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_text_id", sa.Integer()),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["asked_text_id"], ["note_text.id"], name=op.f("fk_note_comment_asked_text_id_note_text")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_note_comment_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_note_comment_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["person.id"], name=op.f("fk_note_comment_resolved_by_id_person")),
        sa.ForeignKeyConstraint(["thread_id"], ["note_comment.id"], name=op.f("fk_note_comment_thread_id_note_comment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_comment")),
        sa.UniqueConstraint("code", name=op.f("uq_note_comment_code")),
    )
    with op.batch_alter_table("note_comment", schema=None) as batch_op:
        batch_op.create_index("ix_note_comment_proposal", ["proposal_id", "section", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_comment_thread_id"), ["thread_id"], unique=False)
    op.create_table(
        "note_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_name", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["member_id"], ["proposal_person.id"], name=op.f("fk_note_signature_member_id_proposal_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_note_signature_person_id_person")),
        sa.ForeignKeyConstraint(["text_id"], ["note_text.id"], name=op.f("fk_note_signature_text_id_note_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_signature")),
    )
    with op.batch_alter_table("note_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_signature_text_id"), ["text_id"], unique=False)
        batch_op.create_index(
            "uq_note_signature_body",
            ["text_id", "body"],
            unique=True,
            sqlite_where=sa.text("void_at IS NULL"),
            postgresql_where=sa.text("void_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("note_signature", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_note_signature_body", sqlite_where=sa.text("void_at IS NULL"), postgresql_where=sa.text("void_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_note_signature_text_id"))
    op.drop_table("note_signature")
    with op.batch_alter_table("note_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_comment_thread_id"))
        batch_op.drop_index("ix_note_comment_proposal")
    op.drop_table("note_comment")
    op.drop_table("proposal_edit")
    op.drop_table("note_text")
    op.drop_table("note_part")
    op.drop_table("proposal_version")
    with op.batch_alter_table("proposal_search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_search_event_id"))
    op.drop_table("proposal_search")
    with op.batch_alter_table("proposal_person", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_person_proposal")
        batch_op.drop_index("ix_proposal_person_person")
    op.drop_table("proposal_person")
    op.drop_table("proposal_part")
    with op.batch_alter_table("proposal_not_same", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_not_same_high_id"))
    op.drop_table("proposal_not_same")
    with op.batch_alter_table("proposal_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_merge_target_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_merge_source_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_merge_event_id"))
    op.drop_table("proposal_merge")
    op.drop_table("note_reminder")
    op.drop_table("note")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_lead_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_late_id"))
        batch_op.drop_index("ix_proposal_event_track")
        batch_op.drop_index("ix_proposal_event_title")
        batch_op.drop_index("ix_proposal_event_state")
        batch_op.drop_index("ix_proposal_event_sent")
    op.drop_table("proposal")
    op.drop_table("proposal_format")
    with op.batch_alter_table("late_invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_late_invitation_email")
    op.drop_table("late_invitation")
    op.drop_table("call")
