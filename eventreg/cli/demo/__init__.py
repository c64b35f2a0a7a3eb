"""The Marrakech meeting with invented people: built by the real services while the clock walks through a summer."""
