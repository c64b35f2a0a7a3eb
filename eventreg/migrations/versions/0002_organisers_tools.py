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
    op.create_table(
        "bulk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_bulk_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulk_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk")),
        sa.UniqueConstraint("code", name=op.f("uq_bulk_code")),
    )
    with op.batch_alter_table("bulk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_event_id"), ["event_id"], unique=False)
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("head_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("names_until_local", sa.String(), nullable=False),
        sa.Column("names_until_at", sa.DateTime(timezone=True)),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_delegation_created_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delegation_event_id_event")),
        sa.ForeignKeyConstraint(["head_id"], ["person.id"], name=op.f("fk_delegation_head_id_person")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_delegation_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_delegation_event_id_code")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_head_id"), ["head_id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("shape", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_import_batch_event_id_event")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_import_batch_job_id_job")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_batch_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_import_batch_code")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_batch_state"), ["state"], unique=False)
    op.create_table(
        "invitation_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_invitation_batch_created_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_invitation_batch_event_id_event")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_invitation_batch_job_id_job")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_batch")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_invitation_batch_event_id_code")),
    )
    with op.batch_alter_table("invitation_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_batch_event_id"), ["event_id"], unique=False)
    op.create_table(
        "organisation_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["source_id"], ["organisation.id"], name=op.f("fk_organisation_merge_source_id_organisation")),
        sa.ForeignKeyConstraint(["target_id"], ["organisation.id"], name=op.f("fk_organisation_merge_target_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_merge")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_merge_code")),
    )
    with op.batch_alter_table("organisation_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_merge_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_merge_target_id"), ["target_id"], unique=False)
    op.create_table(
        "organisation_not_the_same",
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["high_id"], ["organisation.id"], name=op.f("fk_organisation_not_the_same_high_id_organisation")),
        sa.ForeignKeyConstraint(["low_id"], ["organisation.id"], name=op.f("fk_organisation_not_the_same_low_id_organisation")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_organisation_not_the_same")),
    )
    with op.batch_alter_table("organisation_not_the_same", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_not_the_same_high_id"), ["high_id"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_saved_filter_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("code", name=op.f("uq_saved_filter_code")),
    )
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.create_index("ix_saved_filter_event", ["event_id", "person_id"], unique=False)
    op.create_table(
        "bulk_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk.id"], name=op.f("fk_bulk_item_bulk_id_bulk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_item")),
        sa.UniqueConstraint("bulk_id", "ref", name=op.f("uq_bulk_item_bulk_id_ref")),
    )
    with op.batch_alter_table("bulk_item", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_item_open", ["bulk_id", "outcome", "rank"], unique=False)
    op.create_table(
        "import_file",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_file_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_import_file")),
    )
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("waited", sa.Boolean(), nullable=False),
        sa.Column("undo", sa.JSON()),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "line", name=op.f("uq_import_row_batch_id_line")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_outcome", ["batch_id", "outcome", "done", "line"], unique=False)
    op.create_table(
        "delegation_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name_latin", sa.String(), nullable=False),
        sa.Column("name_arabic", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("link_code", sa.String()),
        sa.Column("link_sent_at", sa.DateTime(timezone=True)),
        sa.Column("registration_id", sa.Integer()),
        sa.Column("is_named_by_head", sa.Boolean(), nullable=False),
        sa.Column("was_complete", sa.Boolean(), nullable=False),
        sa.Column("given_back_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegation.id"], name=op.f("fk_delegation_place_delegation_id_delegation")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_delegation_place_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_place")),
        sa.UniqueConstraint("delegation_id", "number", name=op.f("uq_delegation_place_delegation_id_number")),
        sa.UniqueConstraint("link_code", name=op.f("uq_delegation_place_link_code")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_delegation_place_registration_id")),
    )
    op.create_table(
        "registration_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch", sa.Integer()),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_registration_decision_event_id_event")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_decision_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_decision")),
    )
    with op.batch_alter_table("registration_decision", schema=None) as batch_op:
        batch_op.create_index("ix_registration_decision_batch", ["event_id", "batch"], unique=False)
        batch_op.create_index("ix_registration_decision_event", ["event_id", "applied_at", "undone_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_decision_registration_id"), ["registration_id"], unique=False)
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moderated", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("venue_capacity", sa.Integer()))
        batch_op.add_column(sa.Column("delegation_max", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("answers_swept_on", sa.Date()))
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passes_moderation", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("category", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column("organisation_id", sa.Integer()))
        batch_op.add_column(sa.Column("batch_id", sa.Integer()))
        batch_op.add_column(sa.Column("remind_days", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("remind_at", sa.DateTime(timezone=True)))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True)))
        batch_op.create_index(batch_op.f("ix_invitation_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_invitation_remind_at", ["remind_at"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_invitation_organisation_id_organisation"), "organisation", ["organisation_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_invitation_batch_id_invitation_batch"), "invitation_batch", ["batch_id"], ["id"])
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer()))
        batch_op.add_column(sa.Column("search_key", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column("sort_ar", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column("sort_fr", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column("sort_en", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.create_index(batch_op.f("ix_organisation_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_sort_ar"), ["sort_ar"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_sort_en"), ["sort_en"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_sort_fr"), ["sort_fr"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_organisation_parent_id_organisation"), "organisation", ["parent_id"], ["id"])
    with op.batch_alter_table("organisation_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bones", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.create_index("ix_organisation_name_bones", ["bones"], unique=False)
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch_op.add_column(sa.Column("delegation_id", sa.Integer()))
        batch_op.add_column(sa.Column("is_entered", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.create_index("ix_registration_event_category", ["event_id", "category"], unique=False)
        batch_op.create_index("ix_registration_event_country", ["event_id", "country"], unique=False)
        batch_op.create_index("ix_registration_event_organisation", ["event_id", "organisation_name"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_registration_delegation_id_delegation"), "delegation", ["delegation_id"], ["id"])
    with op.batch_alter_table("registration_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delegation_code", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.create_index(batch_op.f("ix_registration_draft_delegation_code"), ["delegation_code"], unique=False)
    with op.batch_alter_table("registration_needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gender", sa.String(), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column("answers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    # what was full is a limit's kind and key from now on
    op.execute("UPDATE waiting_entry SET full_pool = 'category:' || category WHERE full_pool = 'category'")
    op.execute("UPDATE waiting_entry SET full_pool = 'event:' WHERE full_pool = 'event'")
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.drop_column("category")


def downgrade() -> None:
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sa.VARCHAR(), server_default=sa.text("('')"), nullable=False))
    with op.batch_alter_table("registration_needs", schema=None) as batch_op:
        batch_op.drop_column("answers")
        batch_op.drop_column("gender")
    with op.batch_alter_table("registration_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_draft_delegation_code"))
        batch_op.drop_column("delegation_code")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_registration_delegation_id_delegation"), type_="foreignkey")
        batch_op.drop_index("ix_registration_event_organisation")
        batch_op.drop_index("ix_registration_event_country")
        batch_op.drop_index("ix_registration_event_category")
        batch_op.drop_column("is_entered")
        batch_op.drop_column("delegation_id")
        batch_op.drop_column("answers")
    with op.batch_alter_table("organisation_name", schema=None) as batch_op:
        batch_op.drop_index("ix_organisation_name_bones")
        batch_op.drop_column("bones")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_organisation_parent_id_organisation"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_organisation_sort_fr"))
        batch_op.drop_index(batch_op.f("ix_organisation_sort_en"))
        batch_op.drop_index(batch_op.f("ix_organisation_sort_ar"))
        batch_op.drop_index(batch_op.f("ix_organisation_parent_id"))
        batch_op.drop_column("sort_en")
        batch_op.drop_column("sort_fr")
        batch_op.drop_column("sort_ar")
        batch_op.drop_column("search_key")
        batch_op.drop_column("parent_id")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_invitation_batch_id_invitation_batch"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_invitation_organisation_id_organisation"), type_="foreignkey")
        batch_op.drop_index("ix_invitation_remind_at")
        batch_op.drop_index(batch_op.f("ix_invitation_batch_id"))
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("remind_at")
        batch_op.drop_column("remind_days")
        batch_op.drop_column("batch_id")
        batch_op.drop_column("organisation_id")
        batch_op.drop_column("category")
        batch_op.drop_column("passes_moderation")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("answers_swept_on")
        batch_op.drop_column("delegation_max")
        batch_op.drop_column("venue_capacity")
        batch_op.drop_column("moderated")
    with op.batch_alter_table("registration_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_decision_registration_id"))
        batch_op.drop_index("ix_registration_decision_event")
        batch_op.drop_index("ix_registration_decision_batch")
    op.drop_table("registration_decision")
    op.drop_table("delegation_place")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_outcome")
    op.drop_table("import_row")
    op.drop_table("import_file")
    with op.batch_alter_table("bulk_item", schema=None) as batch_op:
        batch_op.drop_index("ix_bulk_item_open")
    op.drop_table("bulk_item")
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.drop_index("ix_saved_filter_event")
    op.drop_table("saved_filter")
    with op.batch_alter_table("organisation_not_the_same", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_not_the_same_high_id"))
    op.drop_table("organisation_not_the_same")
    with op.batch_alter_table("organisation_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_merge_target_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_merge_source_id"))
    op.drop_table("organisation_merge")
    with op.batch_alter_table("invitation_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_batch_event_id"))
    op.drop_table("invitation_batch")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_state"))
        batch_op.drop_index(batch_op.f("ix_import_batch_event_id"))
    op.drop_table("import_batch")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_head_id"))
        batch_op.drop_index(batch_op.f("ix_delegation_event_id"))
    op.drop_table("delegation")
    with op.batch_alter_table("bulk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_event_id"))
    op.drop_table("bulk")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_event_id"))
        batch_op.drop_index("ix_stored_file_about")
    op.drop_table("stored_file")
    op.drop_table("question_form")
