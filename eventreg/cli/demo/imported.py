"""The table that the demo's organiser took in: speakers whom a partner named by mail. It can still be taken back."""

from __future__ import annotations

from datetime import datetime

from eventreg.events.models import Event
from eventreg.imports import services, work
from eventreg.people.models import Person

ON = datetime.fromisoformat("2022-09-26T11:20+01:00")
_FILE = "intervenants-partenaires.csv"
_TABLE = """\
Nom en lettres latines;Nom en lettres arabes;E-mail;Organisme;Pays;Catégorie;Langue;Jours
Nadia Ouazzani;نادية الوزاني;nadia.ouazzani@example.org;Observatoire citoyen;Maroc;société civile;fr;01/11/2022, 02/11/2022
Hicham Sabir;هشام صابر;hicham.sabir@example.org;Observatoire citoyen;Maroc;société civile;ar;tous les jours
Oumou Kanté;;;Réseau des budgets citoyens;Mali;société civile;fr;02/11/2022
Samuel Boateng;;samuel.boateng@example.org;Open Contracting Desk;Ghana;invité;en;03/11/2022
"""


def take_in(event: Event, organiser: Person) -> None:
    """Handed in, checked and written, as the pages do it."""
    data = _TABLE.encode()
    plan = services.look(data, "participants", event_id=event.id)
    batch = services.take_in(event.id, "participants", data, plan, filename=_FILE, by=organiser)
    work.check(batch.id, _unseen)
    work.apply(batch.id, _unseen)


def _unseen(done: int, total: int) -> None:
    """Nobody watches the bar."""
