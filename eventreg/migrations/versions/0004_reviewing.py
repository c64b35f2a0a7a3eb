"""Reviewing and selection: criteria, conflicts, assignments, reviews, decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_reviewing"
down_revision = "0003_call_for_workshops"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "criteria_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True)),
        sa.Column("offered_by_id", sa.Integer()),
        sa.Column("frozen_at", sa.DateTime(timezone=True)),
        sa.Column("frozen_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["begun_by_id"], ["person.id"], name=op.f("fk_criteria_set_begun_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_criteria_set_event_id_event")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["person.id"], name=op.f("fk_criteria_set_frozen_by_id_person")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["person.id"], name=op.f("fk_criteria_set_offered_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria_set")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_criteria_set_event_id_number")),
    )
    op.create_table(
        "decision_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True)),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by_id", sa.Integer()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by_id", sa.Integer()),
        sa.Column("void_at", sa.DateTime(timezone=True)),
        sa.Column("void_by_id", sa.Integer()),
        sa.Column("void_words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_decision_list_approved_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_decision_list_event_id_event")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_decision_list_proposed_by_id_person")),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_decision_list_published_by_id_person")),
        sa.ForeignKeyConstraint(["void_by_id"], ["person.id"], name=op.f("fk_decision_list_void_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_list")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_decision_list_event_id_number")),
    )
    op.create_table(
        "quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lower", sa.Integer()),
        sa.Column("upper", sa.Integer()),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_quota_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("event_id", "kind", "key", name=op.f("uq_quota_event_id_kind_key")),
    )
    op.create_table(
        "reviewer",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("max_load", sa.Integer()),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile_at", sa.DateTime(timezone=True)),
        sa.Column("ties_at", sa.DateTime(timezone=True)),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_reviewer_event_id_event")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_reviewer_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reviewer_person_id_person")),
        sa.PrimaryKeyConstraint("event_id", "person_id", name=op.f("pk_reviewer")),
    )
    with op.batch_alter_table("reviewer", schema=None) as batch_op:
        batch_op.create_index("ix_reviewer_person", ["person_id"], unique=False)
    op.create_table(
        "reviewing",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True)),
        sa.Column("closes_local", sa.String(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True)),
        sa.Column("per_proposal", sa.Integer(), nullable=False),
        sa.Column("max_load", sa.Integer(), nullable=False),
        sa.Column("mixes_sectors", sa.Boolean(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("shows_others", sa.Boolean(), nullable=False),
        sa.Column("publishes", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen_key", sa.String(), nullable=False),
        sa.CheckConstraint("per_proposal BETWEEN 1 AND 20", name=op.f("ck_reviewing_per_proposal")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_reviewing_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_reviewing")),
    )
    op.create_table(
        "score_fit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_score_fit_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_fit")),
    )
    with op.batch_alter_table("score_fit", schema=None) as batch_op:
        batch_op.create_index("ix_score_fit_event", ["event_id", "id"], unique=False)
    op.create_table(
        "what_if",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_board", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_what_if_event_id_event")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_what_if_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if")),
        sa.UniqueConstraint("code", name=op.f("uq_what_if_code")),
    )
    with op.batch_alter_table("what_if", schema=None) as batch_op:
        batch_op.create_index("ix_what_if_event", ["event_id", "id"], unique=False)
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("guidance", sa.JSON(), nullable=False),
        sa.Column("anchors", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["criteria_set.id"], name=op.f("fk_criterion_set_id_criteria_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("set_id", "code", name=op.f("uq_criterion_set_id_code")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by_solver", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("reminded_days", sa.Integer()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_assignment_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_assignment_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("code", name=op.f("uq_assignment_code")),
        sa.UniqueConstraint("proposal_id", "person_id", name=op.f("uq_assignment_proposal_id_person_id")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_person", ["event_id", "person_id", "state"], unique=False)
        batch_op.create_index("ix_assignment_proposal", ["event_id", "proposal_id", "state"], unique=False)
    op.create_table(
        "conflict_suggestion",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.Column("dismissed_by_id", sa.Integer()),
        sa.Column("dismissed_words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["dismissed_by_id"], ["person.id"], name=op.f("fk_conflict_suggestion_dismissed_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_conflict_suggestion_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conflict_suggestion_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_suggestion_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("person_id", "proposal_id", name=op.f("pk_conflict_suggestion")),
    )
    with op.batch_alter_table("conflict_suggestion", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_suggestion_event", ["event_id", "dismissed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_suggestion_proposal_id"), ["proposal_id"], unique=False)
    op.create_table(
        "conflict_tie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer()),
        sa.Column("organisation_id", sa.Integer()),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("organisation_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["declared_by_id"], ["person.id"], name=op.f("fk_conflict_tie_declared_by_id_person")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_conflict_tie_event_id_event")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_conflict_tie_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conflict_tie_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_conflict_tie_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_tie")),
        sa.UniqueConstraint("code", name=op.f("uq_conflict_tie_code")),
    )
    with op.batch_alter_table("conflict_tie", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_tie_person", ["event_id", "person_id"], unique=False)
        batch_op.create_index("ix_conflict_tie_proposal", ["proposal_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("into_id", sa.Integer()),
        sa.Column("rank", sa.Integer()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("reminded_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_decision_event_id_event")),
        sa.ForeignKeyConstraint(["into_id"], ["proposal.id"], name=op.f("fk_decision_into_id_proposal")),
        sa.ForeignKeyConstraint(["list_id"], ["decision_list.id"], name=op.f("fk_decision_list_id_decision_list")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("list_id", "proposal_id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_proposal", ["event_id", "proposal_id"], unique=False)
    op.create_table(
        "review_talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_review_talk_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_talk_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_review_talk_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_talk")),
    )
    with op.batch_alter_table("review_talk", schema=None) as batch_op:
        batch_op.create_index("ix_review_talk_proposal", ["event_id", "proposal_id", "id"], unique=False)
    op.create_table(
        "what_if_choice",
        sa.Column("what_if_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("into_id", sa.Integer()),
        sa.Column("rank", sa.Integer()),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chosen_by_id"], ["person.id"], name=op.f("fk_what_if_choice_chosen_by_id_person")),
        sa.ForeignKeyConstraint(["into_id"], ["proposal.id"], name=op.f("fk_what_if_choice_into_id_proposal")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_what_if_choice_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["what_if_id"], ["what_if.id"], name=op.f("fk_what_if_choice_what_if_id_what_if")),
        sa.PrimaryKeyConstraint("what_if_id", "proposal_id", name=op.f("pk_what_if_choice")),
    )
    with op.batch_alter_table("what_if_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_what_if_choice_proposal_id"), ["proposal_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("proposal_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Integer()),
        sa.Column("to_committee", sa.String(), nullable=False),
        sa.Column("to_proposer", sa.String(), nullable=False),
        sa.Column("total", sa.Double()),
        sa.Column("is_submitted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_review_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_review_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_review_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["set_id"], ["criteria_set.id"], name=op.f("fk_review_set_id_criteria_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_review_assignment_id")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index("ix_review_person", ["event_id", "person_id"], unique=False)
        batch_op.create_index("ix_review_proposal", ["event_id", "proposal_id"], unique=False)
    op.create_table(
        "review_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_version_review_id_review")),
        sa.ForeignKeyConstraint(["set_id"], ["criteria_set.id"], name=op.f("fk_review_version_set_id_criteria_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_version")),
        sa.UniqueConstraint("review_id", "number", name=op.f("uq_review_version_review_id_number")),
    )
    op.create_table(
        "score",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer()),
        sa.Column("unable", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_score_criterion_id_criterion")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_score_review_id_review")),
        sa.PrimaryKeyConstraint("review_id", "criterion_id", name=op.f("pk_score")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_criterion_id"), ["criterion_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_criterion_id"))
    op.drop_table("score")
    op.drop_table("review_version")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index("ix_review_proposal")
        batch_op.drop_index("ix_review_person")
    op.drop_table("review")
    with op.batch_alter_table("what_if_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_what_if_choice_proposal_id"))
    op.drop_table("what_if_choice")
    with op.batch_alter_table("review_talk", schema=None) as batch_op:
        batch_op.drop_index("ix_review_talk_proposal")
    op.drop_table("review_talk")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_proposal")
    op.drop_table("decision")
    with op.batch_alter_table("conflict_tie", schema=None) as batch_op:
        batch_op.drop_index("ix_conflict_tie_proposal")
        batch_op.drop_index("ix_conflict_tie_person")
    op.drop_table("conflict_tie")
    with op.batch_alter_table("conflict_suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_suggestion_proposal_id"))
        batch_op.drop_index("ix_conflict_suggestion_event")
    op.drop_table("conflict_suggestion")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_proposal")
        batch_op.drop_index("ix_assignment_person")
    op.drop_table("assignment")
    op.drop_table("criterion")
    with op.batch_alter_table("what_if", schema=None) as batch_op:
        batch_op.drop_index("ix_what_if_event")
    op.drop_table("what_if")
    with op.batch_alter_table("score_fit", schema=None) as batch_op:
        batch_op.drop_index("ix_score_fit_event")
    op.drop_table("score_fit")
    op.drop_table("reviewing")
    with op.batch_alter_table("reviewer", schema=None) as batch_op:
        batch_op.drop_index("ix_reviewer_person")
    op.drop_table("reviewer")
    op.drop_table("quota")
    op.drop_table("decision_list")
    op.drop_table("criteria_set")
