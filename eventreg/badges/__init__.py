"""The cards people wear: batches, prints, reprints. Words: batch, print, sheet."""
