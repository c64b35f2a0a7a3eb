"""The concept note of an accepted workshop: read, written by part, commented on, signed, compared, taken away on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventreg.core import access, clock, downloads, refusals
from eventreg.core.access import requires
from eventreg.core.i18n import LANGS, page_lang
from eventreg.core.refusals import Refusal, Refused
from eventreg.proposals import (
    note_comments,
    note_forms,
    note_labels,
    note_paper,
    note_queries,
    note_readable,
    note_rules,
    notes,
    queries,
    rules,
    saving,
    shield,
)
from eventreg.proposals.blueprint import bp, call_here
from eventreg.proposals.models import Proposal, ProposalPerson
from eventreg.proposals.note_forms import NotePartForm
from eventreg.proposals.note_models import Note, NotePart
from eventreg.proposals.note_rules import NoteState
from eventreg.proposals.saving import Outcome
from eventreg.proposals.writing import Standing


@dataclass(frozen=True)
class Here:
    """The proposal of the address, and the viewer as one of its writers; None for the programme team."""

    proposal: Proposal
    member: ProposalPerson | None

    @property
    def closed(self) -> Refusal | None:
        """Why nothing can be written, signed or said here, or None."""
        return note_rules.why_not_write(self.proposal.state)


def _here(code: str) -> Here:
    """The proposal that has a note, for those who write it and for the programme team; 404 for anybody else."""
    proposal = queries.by_code(g.event.id, code) or abort(404)
    member = queries.writer(proposal.id, g.viewer.id)
    if not note_queries.has_note(proposal):
        abort(404)
    if member is None and ("OR" not in access.roles() or shield.is_hidden(proposal, g.viewer)):
        abort(404)
    return Here(proposal, member)


def _writing(code: str) -> Here:
    """The same, for those who write it alone."""
    here = _here(code)
    return here if here.member is not None else abort(404)


def _newest(here: Here) -> Note:
    return note_queries.newest(here.proposal.id) or abort(404)


# ---- read ------------------------------------------------------------------------------------------------------------


@bp.get("/proposals/<code>/notes", endpoint="notes")
@requires("note.read")
def note(code: str) -> str:
    """The version that counts: worked on, to be signed, or signed. Before the first, what a note is made of."""
    return _page(_here(code))


@bp.get("/proposals/<code>/notes/<int:number>", endpoint="note_version")
@requires("note.read")
def version(code: str, number: int) -> str:
    """An earlier version, as it was."""
    here = _here(code)
    return _page(here, note_queries.version(here.proposal.id, number) or abort(404))


def _page(here: Here, note: Note | None = None, *, refusal: str = "", typed: dict[str, str] | None = None, **more: Any) -> str:
    proposal = here.proposal
    versions = note_queries.versions(proposal.id)
    if not versions:
        return render_template(
            "proposals/note_new.html", here=here, proposal=proposal, call=call_here(), label=note_labels, refusal=refusal,
            sections=note_rules.SECTIONS, langs=LANGS, closed=refusals.say(here.closed) if here.closed else "", at=clock.now(),
        )  # fmt: skip
    shown = note or versions[0]
    threads = note_queries.threads(proposal.id)
    text = note_queries.text_of(shown) if shown.turn else None
    is_last = shown.id == versions[0].id
    problems = notes.judged(shown, proposal)[1] if shown.state == NoteState.DRAFT else {}
    member = here.member
    return render_template(
        "proposals/note.html", here=here, proposal=proposal, call=call_here(), note=shown, versions=versions, text=text,
        content=note_readable.content_of(shown), readable=note_readable, label=note_labels, sections=note_rules.SECTIONS,
        threads=threads, panel=note_readable.panel(proposal, shown, threads), is_last=is_last, refusal=refusal, typed=typed or {},
        wrong={note_rules.section_of(field) for field in problems}, length=note_queries.minutes_of(proposal),
        closed=refusals.say(here.closed) if here.closed else "", may=_may(here, shown, is_last), minutes_in=note_rules.length,
        waits=member is not None and shown.state == NoteState.PROPOSED and note_queries.waits_for(shown, member),
        comparable=len(note_readable.choices(versions)) > 1, at=clock.now(), **more,
    )  # fmt: skip


def _may(here: Here, note: Note, is_last: bool) -> dict[str, bool]:
    """What the viewer may do at this version."""
    writes = here.member is not None and here.closed is None and is_last
    return {
        "write": writes and note.state in note_rules.OPEN, "propose": writes and note.state == NoteState.DRAFT,
        "sign": writes and note.state == NoteState.PROPOSED and "OR" not in access.roles(),
        "ask": writes and note.state == NoteState.PROPOSED, "renew": writes and note.state == NoteState.SIGNED_OFF,
        "comment": here.closed is None and is_last,
    }  # fmt: skip


@bp.get("/proposals/<code>/notes/compare", endpoint="note_compare")
@requires("note.read")
def compare(code: str) -> str:
    """What changed between any two texts, word by word; without a choice, from the last but one to the last."""
    here = _here(code)
    choices = note_readable.choices(note_queries.versions(here.proposal.id))
    by_key = {choice.key: choice for choice in choices}
    new = by_key.get(request.args.get("new", "")) or (choices[-1] if choices else abort(404))
    old = by_key.get(request.args.get("old", "")) or choices[max(0, choices.index(new) - 1)]
    changes = note_readable.differences(note_readable.content_of_choice(old), note_readable.content_of_choice(new))
    return render_template(
        "proposals/note_compare.html", proposal=here.proposal, choices=choices, old=old, new=new, changes=changes
    )


@bp.get("/proposals/<code>/notes/<int:number>.pdf", endpoint="note_pdf")
@requires("note.read")
def paper(code: str, number: int) -> Response:
    """A version on paper, in the language of the address."""
    here = _here(code)
    found = note_queries.version(here.proposal.id, number) or abort(404)
    response = make_response(note_paper.pdf_of(here.proposal, found, g.event, lang=page_lang()))
    response.mimetype = "application/pdf"
    return downloads.attached(response, f"{here.proposal.code}-note-{number}-{page_lang()}.pdf")


# ---- write -----------------------------------------------------------------------------------------------------------


@bp.post("/proposals/<code>/notes", endpoint="begin_note")
@requires("note.write")
def begin(code: str) -> str | AnyResponse:
    """Begin the note, or its next version."""
    here = _writing(code)
    try:
        notes.begin(here.proposal.id, by=g.viewer.id, lang=request.form.get("lang", ""))
    except Refused as refused:
        return make_response(_page(_here(code), refusal=refusals.say(refused.refusal)), 409)
    return redirect(url_for(".notes", code=code), 303)


@bp.get("/proposals/<code>/notes/part/<section>", endpoint="note_part")
@requires("note.write")
def part(code: str, section: str) -> str:
    """One part of the version that is worked on; read only where nothing can be written."""
    here, note, stands = _part_here(code, section)
    form = note_forms.made(section, lang=note.lang, given=stands.answers, revision=stands.revision)
    if "check" in request.args:
        form.show(notes.judged(note, here.proposal)[1])
    return _part_page(here, note, form, stands)


def _part_here(code: str, section: str) -> tuple[Here, Note, NotePart]:
    here = _writing(code)
    note = _newest(here)
    return here, note, note_queries.parts(note.id).get(section) or abort(404)


@bp.post("/proposals/<code>/notes/part/<section>", endpoint="save_note_part")
@requires("note.write")
def save_part(code: str, section: str) -> str | AnyResponse:
    """Keep the part as typed, then say what is wrong with it; or, when somebody else was faster, show both."""
    here, note, stands = _part_here(code, section)
    form = note_forms.made(section, lang=note.lang, given={}, revision=stands.revision)
    number, is_knowing = _number(request.form.get("version", ""), note.number), form.knowing.data == "1"
    then = request.form.get("then", "")
    move = then if section in note_rules.ROW_FIELDS else ""
    outcome = saving.tried(
        lambda: notes.save_part(
            here.proposal.id, number, section, form.answers(move), based_on=form.based_on(), by=g.viewer.id, is_knowing=is_knowing
        ),
        here.proposal,
    )  # fmt: skip
    if saving.is_quiet():
        return saving.for_script(outcome)
    here, note, stands = _part_here(code, section)
    if outcome.saved is None:
        return _not_saved(here, note, form, stands, outcome)
    form.revision.data = str(outcome.saved.revision)
    if then == "rows" or then.startswith(("up_", "before_")):
        return redirect(url_for(".note_part", code=code, section=section, _anchor=_row_after(then)), 303)
    wrong = {name: why for name, why in notes.judged(note, here.proposal)[1].items() if note_rules.section_of(name) == section}
    if wrong and then != "later":
        form.show(wrong)
        return make_response(_part_page(here, note, form, stands), 422)
    return redirect(url_for(".notes", code=code, _anchor=section), 303)


def _row_after(move: str) -> str:
    """Where the page opens after rows were added or one was moved: there."""
    name, _sep, row = move.partition("_")
    if name == "rows" or not row.isdecimal():
        return "rows"
    return f"row-{int(row) - 1 if name == 'up' else row}"


def _number(typed: str, default: int) -> int:
    """The version that the page was about: what was typed into an old one must not land in the next."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else default


def _not_saved(here: Here, note: Note, form: NotePartForm, stands: NotePart, outcome: Outcome) -> AnyResponse:
    if outcome.stands is None:
        return make_response(_part_page(here, note, form, stands, refusal=outcome.refusal), 409)
    form.revision.data = str(outcome.stands.revision)
    theirs = saving.side_by_side(form.answers(), outcome.stands, note_labels.label_of)
    return make_response(_part_page(here, note, form, outcome.stands, overtaken=outcome.said, theirs=theirs), 409)


def _part_page(here: Here, note: Note, form: NotePartForm, stands: NotePart | Standing, **more: Any) -> str:
    others = [lang for lang in LANGS if lang != note.lang]
    is_text = form.section in note_rules.WORDS
    text = note_queries.text_of(note) if note.state == NoteState.PROPOSED else None
    is_open = here.closed is None and note.state in note_rules.OPEN
    closed = "" if is_open else refusals.say(here.closed or Refusal("note.wrong_state", {"state": note.state}))
    signed = note_queries.signatures(text.id) if text else []
    form.knowing.data = "1" if text else ""
    return render_template(
        "proposals/note_part.html", proposal=here.proposal, note=note, section=form.section, form=form, stands=stands,
        label=note_labels, others=others, is_text=is_text, limits=note_rules.WORDS, signed=signed, closed=closed,
        filled=[lang for lang in others if is_text and form[f"{form.section}_{lang}"].data],
        length=note_queries.minutes_of(here.proposal), **more,
    )  # fmt: skip


# ---- sign ------------------------------------------------------------------------------------------------------------


@bp.post("/proposals/<code>/notes/propose", endpoint="propose_note")
@requires("note.write")
def propose(code: str) -> str | AnyResponse:
    """Put the version to signature; what is missing stands on top, each with its way there."""
    here = _writing(code)
    note = _newest(here)
    try:
        notes.propose(here.proposal.id, _number(request.form.get("version", ""), note.number), by=g.viewer.id)
    except rules.Incomplete as incomplete:
        missing = [
            (note_labels.label_of(field), refusals.say(why),
             url_for(".note_part", code=code, section=note_rules.section_of(field), check=1) + f"#{field}")
            for field, why in incomplete.problems.items()
        ]  # fmt: skip
        return make_response(_page(_here(code), missing=missing), 422)
    except Refused as refused:
        return make_response(_page(_here(code), refusal=refusals.say(refused.refusal)), 409)
    return redirect(url_for(".notes", code=code, done="proposed"), 303)


@bp.post("/proposals/<code>/notes/sign", endpoint="sign_note")
@requires("note.sign")
def sign(code: str) -> str | AnyResponse:
    """Sign the very text that was on the page."""
    here = _writing(code)
    number = _number(request.form.get("version", ""), _newest(here).number)
    if request.form.get("read") != "y":
        unread = refusals.say(Refusal("note.unread"))
        return make_response(_page(here, typed={"why": unread, "at": "sign"}), 422)
    try:
        notes.sign(here.proposal.id, number, request.form.get("hash", ""), by=g.viewer.id)
    except Refused as refused:
        return make_response(_page(_here(code), refusal=refusals.say(refused.refusal)), 409)
    return redirect(url_for(".notes", code=code, done="signed"), 303)


@bp.post("/proposals/<code>/notes/changes", endpoint="ask_note_changes")
@requires("note.sign")
def ask_changes(code: str) -> str | AnyResponse:
    """Ask for changes, with a comment: the version is a draft again."""
    here = _writing(code)
    sent = request.form
    number, words, section = _number(sent.get("version", ""), _newest(here).number), sent.get("words", ""), sent.get("section", "")
    try:
        notes.ask_changes(here.proposal.id, number, sent.get("hash", ""), section, words, by=g.viewer.id)
    except Refused as refused:
        return _said_again(code, refused, {"at": "ask", "words": words, "section": section})
    return redirect(url_for(".notes", code=code, done="asked"), 303)


def _said_again(code: str, refused: Refused, typed: dict[str, str]) -> AnyResponse:
    """What was typed, with why it was not taken: at its field when the words are wrong, else on top."""
    why, is_words = refusals.say(refused.refusal), not refused.refusal.code.startswith("note.") or typed["words"].strip() == ""
    page = _page(_here(code), refusal="" if is_words else why, typed={**typed, "why": why if is_words else ""})
    return make_response(page, 422 if is_words else 409)


# ---- comment ---------------------------------------------------------------------------------------------------------


@bp.post("/proposals/<code>/notes/comments", endpoint="comment_note")
@requires("note.comment")
def comment(code: str) -> str | AnyResponse:
    """Say something at a part, or answer what was said."""
    here, sent = _here(code), request.form
    number = _number(sent.get("version", ""), _newest(here).number)
    section, words, thread = sent.get("section", ""), sent.get("words", ""), sent.get("thread", "")
    try:
        said = note_comments.say(here.proposal.id, number, section, words, by=g.viewer.id, thread=thread)
    except Refused as refused:
        return _said_again(code, refused, {"at": thread or f"part-{section}", "words": words, "section": section})
    return redirect(url_for(".notes", code=code, said=said.code, _anchor=f"talk-{said.section or 'whole'}"), 303)


@bp.post("/proposals/<code>/notes/comments/<comment>", endpoint="resolve_note_comment")
@requires("note.comment")
def resolve(code: str, comment: str) -> str | AnyResponse:
    """Say that what was said there is settled."""
    here = _here(code)
    found = note_queries.comment(here.proposal.id, comment) or abort(404)
    try:
        note_comments.resolve(here.proposal.id, found.code, by=g.viewer.id)
    except Refused as refused:
        return make_response(_page(here, refusal=refusals.say(refused.refusal)), 409)
    return redirect(url_for(".notes", code=code, said=found.code, _anchor=f"talk-{found.section or 'whole'}"), 303)
