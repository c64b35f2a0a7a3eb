"""What the rooms above stand on: clock, database, capacity, outbox, jobs, audit chain, access, three languages.

Nothing here knows what a meeting is. Promises: one clock, one way to write (`db.transaction`),
one way to send mail (`outbox.queue`).
"""
