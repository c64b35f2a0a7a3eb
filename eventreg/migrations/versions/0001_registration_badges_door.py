"""The tables of events, people, registration, badges and the door, with outbox, jobs, links and the record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_registration_badges_door"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.create_index("ix_attempt_key_at", "attempt", ["key", "at"])
    op.create_table(
        "audit_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_ref", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("commitments", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_line"),
        sa.UniqueConstraint("chain", "seq", name="uq_audit_line_chain_seq"),
    )
    op.create_index("ix_audit_line_object", "audit_line", ["chain", "object_kind", "object_ref"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("short_name", sa.JSON(), nullable=False),
        sa.Column("aims", sa.JSON(), nullable=False),
        sa.Column("city", sa.JSON(), nullable=False),
        sa.Column("venue", sa.JSON(), nullable=False),
        sa.Column("host", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("zone_label", sa.JSON(), nullable=False),
        sa.Column("default_lang", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opens_local", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_local", sa.String(), nullable=False),
        sa.Column("closes_fold", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_moved_on", sa.Date()),
        sa.Column("deadline_reason", sa.JSON(), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("confirm_hours", sa.Integer(), nullable=False),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("help_email", sa.String(), nullable=False),
        sa.Column("help_phone", sa.String(), nullable=False),
        sa.Column("wifi", sa.String(), nullable=False),
        sa.Column("programme_on", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grace_minutes BETWEEN 0 AND 15", name="ck_event_grace_range"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("slug", name="uq_event_slug"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("file", sa.String()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("code", name="uq_job_code"),
    )
    op.create_index("ix_job_state", "job", ["state"])
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_uses", sa.Integer()),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("hash", name="uq_link_hash"),
    )
    op.create_index("ix_link_ref", "link", ["ref"])
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("about_kind", sa.String(), nullable=False),
        sa.Column("about_ref", sa.String(), nullable=False),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_answer", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sa.UniqueConstraint("cause", name="uq_mail_cause"),
        sa.UniqueConstraint("message_id", name="uq_mail_message_id"),
    )
    op.create_index("ix_mail_event_id", "mail", ["event_id", "id"])
    op.create_index("ix_mail_state_due", "mail", ["state", "due_at"])
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("acronym", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("merged_into_id", sa.Integer()),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merged_into_id"], ["organisation.id"], name="fk_organisation_merged_into_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("code", name="uq_organisation_code"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_latin", sa.String(), nullable=False),
        sa.Column("name_arabic", sa.String(), nullable=False),
        sa.Column("email", sa.String()),
        sa.Column("email_ascii", sa.String()),
        sa.Column("email_key", sa.String()),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("code", name="uq_person_code"),
        sa.UniqueConstraint("email_key", name="uq_person_email_key"),
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("limit", sa.Integer()),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint('"limit" IS NULL OR "limit" >= 0', name="ck_pool_limit_not_negative"),
        sa.CheckConstraint("taken >= 0", name="ck_pool_taken_not_negative"),
        sa.PrimaryKeyConstraint("id", name="pk_pool"),
        sa.UniqueConstraint("event_id", "kind", "key", name="uq_pool_event_id_kind_key"),
    )
    op.create_table(
        "account",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_account_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", name="pk_account"),
    )
    op.create_table(
        "audit_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("before", sa.String()),
        sa.Column("after", sa.String()),
        sa.Column("salt", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["audit_line.id"], name="fk_audit_value_line_id_audit_line"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_value"),
    )
    op.create_index("ix_audit_value_line_id", "audit_value", ["line_id"])
    op.create_table(
        "badge_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_badge_batch_created_by_id_person"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_badge_batch_event_id_event"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_badge_batch_job_id_job"),
        sa.PrimaryKeyConstraint("id", name="pk_badge_batch"),
        sa.UniqueConstraint("event_id", "number", name="uq_badge_batch_event_id_number"),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("hash", sa.String()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_device_event_id_event"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_device_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("code", name="uq_device_code"),
        sa.UniqueConstraint("hash", name="uq_device_hash"),
    )
    op.create_index("ix_device_event_id", "device", ["event_id"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("passes_deadline", sa.Boolean(), nullable=False),
        sa.Column("passes_limit", sa.Boolean(), nullable=False),
        sa.Column("expires_local", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_invitation_created_by_id_person"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_invitation_event_id_event"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("event_id", "code", name="uq_invitation_event_id_code"),
    )
    op.create_index("ix_invitation_email_key", "invitation", ["email_key"])
    op.create_index("ix_invitation_event_id", "invitation", ["event_id"])
    op.create_table(
        "organisation_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("is_alias", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_organisation_name_organisation_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_name"),
        sa.UniqueConstraint("organisation_id", "key", name="uq_organisation_name_organisation_id_key"),
    )
    op.create_index("ix_organisation_name_key", "organisation_name", ["key"])
    op.create_index("ix_organisation_name_organisation_id", "organisation_name", ["organisation_id"])
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_role_grant_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
        sa.UniqueConstraint("person_id", "event_id", "role", name="uq_role_grant_person_id_event_id_role"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_room_event_id_event"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
    )
    op.create_index("ix_room_event_id", "room", ["event_id"])
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_sign_in_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("hash", name="uq_sign_in_hash"),
    )
    op.create_index("ix_sign_in_person_id", "sign_in", ["person_id"])
    op.create_table(
        "track",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("look", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_track_event_id_event"),
        sa.PrimaryKeyConstraint("id", name="pk_track"),
        sa.UniqueConstraint("event_id", "slug", name="uq_track_event_id_slug"),
    )
    op.create_index("ix_track_event_id", "track", ["event_id"])
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String()),
        sa.Column("made_by", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("name_latin", sa.String(), nullable=False),
        sa.Column("name_arabic", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("wants_visa_letter", sa.Boolean(), nullable=False),
        sa.Column("consents_photo", sa.Boolean(), nullable=False),
        sa.Column("consents_contact", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.Integer()),
        sa.Column("passed_deadline", sa.Boolean(), nullable=False),
        sa.Column("passed_limit", sa.Boolean(), nullable=False),
        sa.Column("in_grace", sa.Boolean(), nullable=False),
        sa.Column("door_note", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("address_confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("sort_latin", sa.String(), nullable=False),
        sa.Column("sort_arabic", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_registration_event_id_event"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_registration_invitation_id_invitation"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_registration_organisation_id_organisation"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_registration_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_registration"),
        sa.UniqueConstraint("event_id", "code", name="uq_registration_event_id_code"),
        sa.UniqueConstraint("event_id", "person_id", name="uq_registration_event_id_person_id"),
        sa.UniqueConstraint("key", name="uq_registration_key"),
    )
    op.create_index("ix_registration_event_arabic", "registration", ["event_id", "sort_arabic", "id"])
    op.create_index("ix_registration_event_latin", "registration", ["event_id", "sort_latin", "id"])
    op.create_index("ix_registration_event_registered", "registration", ["event_id", "registered_at", "id"])
    op.create_index("ix_registration_event_state", "registration", ["event_id", "state"])
    op.create_table(
        "registration_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("invitation_id", sa.Integer()),
        sa.Column("corrects", sa.String(), nullable=False),
        sa.Column("keeps_needs", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_registration_draft_event_id_event"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_registration_draft_invitation_id_invitation"),
        sa.PrimaryKeyConstraint("id", name="pk_registration_draft"),
        sa.UniqueConstraint("code", name="uq_registration_draft_code"),
        sa.UniqueConstraint("hash", name="uq_registration_draft_hash"),
    )
    op.create_index("ix_registration_draft_event_id", "registration_draft", ["event_id"])
    op.create_table(
        "registration_needs",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("diet", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name="fk_registration_needs_registration_id_registration"
        ),
        sa.PrimaryKeyConstraint("registration_id", name="pk_registration_needs"),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_ticket_event_id_event"),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name="fk_ticket_registration_id_registration"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("token", name="uq_ticket_token"),
    )
    op.create_index("ix_ticket_event_id", "ticket", ["event_id"])
    op.create_index("ix_ticket_registration", "ticket", ["registration_id", "revoked_at"])
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("full_pool", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True)),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_waiting_entry_event_id_event"),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name="fk_waiting_entry_registration_id_registration"),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_entry"),
        sa.UniqueConstraint("event_id", "position", name="uq_waiting_entry_event_id_position"),
    )
    op.create_index("ix_waiting_entry_registration_id", "waiting_entry", ["registration_id"])
    op.create_index("ix_waiting_entry_state", "waiting_entry", ["event_id", "state", "position"])
    op.create_table(
        "badge_print",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("face_hash", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["badge_batch.id"], name="fk_badge_print_batch_id_badge_batch"),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name="fk_badge_print_registration_id_registration"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_badge_print_ticket_id_ticket"),
        sa.PrimaryKeyConstraint("id", name="pk_badge_print"),
    )
    op.create_index("ix_badge_print_batch_id", "badge_print", ["batch_id"])
    op.create_index("ix_badge_print_registration_id", "badge_print", ["registration_id"])
    op.create_index("ix_badge_print_ticket", "badge_print", ["ticket_id"])
    op.create_table(
        "scan",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer()),
        sa.Column("ticket_id", sa.Integer()),
        sa.Column("device_id", sa.Integer()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("undoes_id", sa.String()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offset_s", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_scan_device_id_device"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_scan_event_id_event"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_scan_person_id_person"),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name="fk_scan_registration_id_registration"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_scan_ticket_id_ticket"),
        sa.ForeignKeyConstraint(["undoes_id"], ["scan.id"], name="fk_scan_undoes_id_scan"),
        sa.PrimaryKeyConstraint("id", name="pk_scan"),
    )
    op.create_index("ix_scan_event_at", "scan", ["event_id", "at"])
    op.create_index("ix_scan_event_day", "scan", ["event_id", "day", "registration_id"])
    op.create_index("ix_scan_registration", "scan", ["registration_id", "at"])


def downgrade() -> None:
    op.drop_table("scan")
    op.drop_table("badge_print")
    op.drop_table("waiting_entry")
    op.drop_table("ticket")
    op.drop_table("registration_needs")
    op.drop_table("registration_draft")
    op.drop_table("registration")
    op.drop_table("track")
    op.drop_table("sign_in")
    op.drop_table("room")
    op.drop_table("role_grant")
    op.drop_table("organisation_name")
    op.drop_table("invitation")
    op.drop_table("device")
    op.drop_table("badge_batch")
    op.drop_table("audit_value")
    op.drop_table("account")
    op.drop_table("pool")
    op.drop_table("person")
    op.drop_table("organisation")
    op.drop_table("mail")
    op.drop_table("link")
    op.drop_table("job")
    op.drop_table("event")
    op.drop_table("audit_line")
    op.drop_table("attempt")
