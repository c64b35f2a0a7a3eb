"""The organiser's pages, composed from the rooms below; owns no tables."""
