"""Who is who, for the whole installation: persons, organisations with their aliases, accounts, sign-in, granted roles."""
