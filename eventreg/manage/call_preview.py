"""Every part of a proposal as those who propose see it, in each language, before the call opens; nothing is kept."""

from __future__ import annotations

from flask import abort, g, render_template, request, url_for

from eventreg.core.access import requires
from eventreg.core.i18n import LANGS, LANGUAGE_NAMES, page_lang
from eventreg.core.questions.shape import Kind, Section
from eventreg.manage.blueprint import bp
from eventreg.manage.call import Answer
from eventreg.manage.side import side
from eventreg.proposals import forms, labels, queries, rules, standard
from eventreg.proposals.models import Proposal
from eventreg.proposals.queries import Offer


@bp.get("/manage/call/preview")
@requires("call.manage")
def call_preview() -> str:
    """The pages that there are to look at, each in three languages."""
    offer = queries.offer(g.event.id)
    parts = [(forms.title_of(section), _addresses(section)) for section in _sections(offer)]
    return render_template(
        "manage/call_preview.html", side=side("call"), parts=parts, languages=LANGUAGE_NAMES, offer=offer,
        call=queries.call_of(g.event.id),
    )  # fmt: skip


@bp.route("/manage/call/preview/<name>", methods=["GET", "POST"])
@requires("call.manage")
def call_part_preview(name: str) -> Answer:
    """One part, to be filled as if it were real: what is wrong is said at its field, and nothing is kept."""
    offer = queries.offer(g.event.id)
    section = offer.form.section(name)
    if section is None or section not in _sections(offer):
        abort(404)
    asked = request.args.get("written", "")
    written = asked if asked in LANGS else page_lang()
    form = forms.made(section, offer, rules.open_on(section), lang=written, given={}, revision=0)
    is_right = False
    if request.method == "POST":
        problems = rules.parse(form.raw(), form=offer.form, lang=written, choices=offer.choices)[1]
        no_files = {field for question in section.questions if question.kind is Kind.FILE for field in rules.fields_of(question)}
        form.show({field: why for field, why in problems.items() if field in form.names() and field not in no_files})
        is_right = not form.errors
    texts = [question.code for question in form.shown if question.code in standard.WORDS]
    order = [one.code for one in _sections(offer)]
    after = order[order.index(name) + 1 :]
    page = render_template(
        "manage/call_part_preview.html", proposal=Proposal(lang=written), section=section, form=form, label=labels, closed="",
        others=[lang for lang in LANGS if lang != written] if texts else [], filled=[], limits=standard.WORDS, texts=texts,
        written_in=written, languages=LANGUAGE_NAMES, is_right=is_right, following=after[0] if after else None,
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _sections(offer: Offer) -> list[Section]:
    return [section for section in offer.form.sections if any(question.is_asked for question in section.questions)]


def _addresses(section: Section) -> list[tuple[str, str]]:
    """The part in each language: (language, address)."""
    return [(lang, url_for(".call_part_preview", name=section.code, lang=lang, written=lang)) for lang in LANGS]
