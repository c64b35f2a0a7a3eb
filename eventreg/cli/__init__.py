"""The command line: thin like a view, the same services behind it."""
