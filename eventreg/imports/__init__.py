"""Taking tables in: people and organisations out of files that others made. A batch, its rows, what can be taken back.

Nothing is written before it was shown; a row is judged as the form judges; what was written can be taken back exactly.
"""
