"""From the first answer to the ticket: drafts, the deadline, places and the waiting list, invitations, the one live code."""
