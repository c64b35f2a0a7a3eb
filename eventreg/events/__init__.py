"""The meeting itself: its days, place, languages, deadline and tracks. Words: event, window, track."""
