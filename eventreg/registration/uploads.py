"""Which file answers a question? Handed in with the form, hung on the draft, then on the registration; gone with its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eventreg.core import files
from eventreg.core.db import transaction
from eventreg.core.files import StoredFile, Upload
from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Kind, Question
from eventreg.core.refusals import Refusal, Refused
from eventreg.registration.models import Registration

PURPOSE = "answer"


def take(
    event_id: int, shown: Iterable[Question], given: Mapping[str, Upload], *, about: tuple[str, str], network: str,
    remove: str = "",
) -> tuple[dict[str, Any], dict[str, Refusal]]:  # fmt: skip
    """Keep the files that a page sent: (answers, problems), by field. `remove`: the question whose file shall go.

    The file before stays until the answers are written. Not inside a transaction: judging a file takes its time.
    """
    answers: dict[str, Any] = {}
    problems: dict[str, Refusal] = {}
    for question in shown:
        name = field_name(question.code)
        upload = given.get(name) if question.kind is Kind.FILE else None
        if question.kind is Kind.FILE and remove == question.code:
            answers[name] = ""
        elif upload is not None and upload.filename:
            try:
                stored = files.store(event_id, upload, purpose=PURPOSE, about=about, network=network)
                answers[name] = answer_of(stored)
            except Refused as error:
                problems[name] = error.refusal
    return answers, problems


def answer_of(stored: StoredFile) -> dict[str, Any]:
    """What an answer keeps of its file."""
    return {"code": stored.code, "name": stored.filename, "size": stored.size}


def about(registration: Registration) -> tuple[str, str]:
    """What the files of a registration hang on."""
    return ("registration", f"{registration.event_id}/{registration.code}")


def codes_in(answers: Mapping[str, Any]) -> set[str]:
    """The files that these answers (by question or by field) consist of."""
    return {value["code"] for value in answers.values() if isinstance(value, Mapping) and "code" in value}


def is_there(event_id: int, value: Any) -> bool:
    """Whether an answer holds still: its file was not deleted; an answer without a file does."""
    return all(files.find(code, event_id=event_id) is not None for code in codes_in({"": value}))


def settle(event_id: int, about: tuple[str, str], *, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Let the files follow the answers: new ones hang on `about`, those of former answers go. Inside the running transaction."""
    old, new = codes_in(before), codes_in(after)
    for code in new - old:
        if (stored := files.find(code, event_id=event_id)) is not None:
            stored.about_kind, stored.about_ref = about
    for code in old - new:
        if (stored := files.find(code, event_id=event_id)) is not None:
            files.delete(stored)


def forget(event_id: int, answers: Mapping[str, Any]) -> None:
    """Delete the files of answers that were not taken."""
    with transaction():
        for code in codes_in(answers):
            if (stored := files.find(code, event_id=event_id)) is not None:
                files.delete(stored)
