"""Own questions: sections and questions in three languages, with conditions; registration, call and funding use the same.

`shape` says what a form is made of, `conditions` when a question is asked, `judging` whether an answer holds, `changing`
what becomes of answers when a question changes, `store` keeps every version of an event's form.
"""
