"""What everyone may read: the home page, figures, the programme's date; owns no tables."""
