"""eventreg: registration, badges and the door of a public meeting, in Arabic, French and English."""
