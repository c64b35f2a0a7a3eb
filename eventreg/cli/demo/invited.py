"""Whom did the organiser invite? Eight invitations with every right and in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eventreg.cli.demo import texts
from eventreg.core import times
from eventreg.events.models import Event
from eventreg.people.models import Person
from eventreg.people.rules import Email, email_address
from eventreg.registration import invitations
