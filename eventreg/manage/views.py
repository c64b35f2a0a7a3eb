"""The pages of organisers: one module per subject, all on one blueprint."""

from __future__ import annotations

from eventreg.manage import (
    access_page,
    audit,
    call,
    call_form,
    call_late,
    call_offer,
    call_preview,
    chair,
    chair_assign,
    chair_balance,
    chair_conflicts,
    chair_criteria,
    components,
    delegations,
    form,
    form_copy,
    form_preview,
    form_questions,
    form_sections,
    groups,
    invitation_batches,
    invitations,
    mail,
    merges,
    moderation,
    organisation,
    organisations,
    people,
    people_bulk,
    people_filters,
    people_print,
    person,
    person_answers,
    places,
    proposal,
    proposal_merge,
    proposal_twins,
    proposals,
    settings,
    today,
    waiting,
)
from eventreg.manage.blueprint import bp

PAGES = (
    today, people, people_bulk, people_filters, people_print, person, person_answers, organisations, organisation, merges, waiting,
    moderation, invitations, invitation_batches, delegations, groups, form, form_questions, form_sections, form_preview, form_copy,
    settings, places, call, call_form, call_late, call_offer, call_preview, proposals, proposal, proposal_merge, proposal_twins,
    chair, chair_criteria, chair_assign, chair_balance, chair_conflicts, mail, audit, access_page, components,
)  # fmt: skip

__all__ = ["PAGES", "bp"]
