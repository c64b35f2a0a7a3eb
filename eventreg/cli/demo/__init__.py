"""The Marrakech meeting with invented people: built by the real services, along a summer that the clock is led through."""
