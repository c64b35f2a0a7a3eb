# ruff: noqa: E501, RUF001 (texts read better in long lines)
"""Are doubles found among 300 proposals, reworded in their own language or written in another one?"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from eventreg.cli.demo import proposals as demo
from eventreg.core import text
from eventreg.proposals import similarity
from eventreg.proposals.similarity import Described, Index
from tests import factories

# of which proposal of the demo, in another language: title, what it says
TRANSLATED = {
    "en:3": ("Un portail de données ouvertes que personne ne visite : séance de réparation", "Notre portail municipal a été lancé avec 212 jeux de données. Deux ans plus tard, dix-neuf visites par semaine. À Irbid, nous avons étudié les journaux de connexion, interrogé commerçants et journalistes, et retiré les trois quarts du contenu."),
    "en:10": ("Tribunaux anticorruption, cinq ans après : ce que disent les dossiers", "Des chercheurs de Freetown et de Yaoundé ont lu 480 dossiers de tribunaux spécialisés. Les procès sont plus courts, les appels non. Juges et procureurs répondent en public."),
    "en:20": ("Avant l'arrivée de la mine : préparer une communauté à négocier un accord", "Les communautés de Kono et de Port Loko doivent signer des accords de développement avec des compagnies minières en quelques semaines. Nous avons préparé neuf chefferies en deux ans."),
    "en:44": ("Le panneau de chantier de l'entrepreneur : donner un sens à une affiche", "Tout chantier public devrait porter un panneau avec le prix, les dates et le constructeur. Dans notre district la plupart manquaient ou avaient été repeints. Les commerçants adoptent un panneau ; 78 sur 90 sont lisibles après un an."),
    "ar:3": ("Que disent 40 000 plaintes ? Analyser les réclamations pour améliorer les services", "Nos services ont analysé 40 mille réclamations électroniques reçues en trois ans. Sept causes expliquent deux tiers des cas. Les participants classent un échantillon de 200 réclamations."),
    "ar:12": ("Lire un marché public, de l'annonce à la livraison : le journalisme de données", "Nous lisons ensemble le dossier complet d'un marché municipal dont le coût final dépasse de 38 % l'annonce. Chaque équipe a une heure et 10 documents."),
    "ar:25": ("Who saves the official figure from rumour? Checking news and government data", "During the pandemic our newsroom checked more than 700 false stories. Journalists from Beirut, Casablanca and Bamako debate open data against disinformation with government spokespeople."),
    "ar:50": ("Des collégiens de Meknès décident de 10000 dirhams", "Une élève de douze ans peut-elle défendre un budget ? Nous avons donné à des collégiens de Meknès 10000 dirhams de l'association des parents et six semaines."),
    "fr:0": ("ثلاث سنوات من الميزانية التشاركية بصفرو", "قررت جماعة صفرو مع اثنتي عشرة جمعية صرف 4 في المائة من ميزانية التجهيز. ماذا نجح وماذا فشل في ثلاث دورات."),
    "fr:2": ("Barefoot jurists in the villages of the Atlas", "Forty women trained by an association and the court of first instance go with villagers to the counter. In two years 900 civil status files were settled."),
}  # fmt: skip


@lru_cache(maxsize=1)
def call() -> tuple[list[Described], dict[str, str]]:
    """The demo's 300 proposals and ten more in another language; which is whose double."""
    told = [json.loads(line) for line in Path(demo.__file__).with_name("proposals.jsonl").read_text("utf-8").splitlines()]
    described = [
        Described(one["id"], text.search_key(one["title"]), text.search_key(one["summary"], one["approach"], one["objectives"], one["outputs"]))
        for one in told
    ]
    described += [
        Described(f"again {code}", text.search_key(title), text.search_key(words)) for code, (title, words) in TRANSLATED.items()
    ]
    return described, {one["id"]: one["twin"] for one in told if one["twin"]} | {f"again {code}": code for code in TRANSLATED}


def test_doubles_are_among_the_five_most_similar() -> None:
    described, doubles = call()
    index = Index(described)
    found = {code for code, double in doubles.items() if double in [likeness.other for likeness in index.like(code)]}

    own = [code for code in doubles if not code.startswith("again ")]
    assert len(own) == 20 and set(own) <= found
    assert len(found) >= 26, sorted(set(doubles) - found)  # ALGORITHMS asks for 16 of 20, mixed


def test_who_sends_the_same_idea_twice_stands_first() -> None:
    index = Index(
        [
            Described("a", "open budget", "read spend ask", frozenset({"amina"}), frozenset({"#1"})),
            Described("b", "open budget", "read spend ask", frozenset({"omar"}), frozenset({"#2"})),
            Described("c", "open budget", "read spend ask", frozenset({"amina"}), frozenset({"#1"})),
            Described("d", "courts", "judge", frozenset({"amina"})),
        ]
    )
    first, last = index.like("a")[0], index.like("d")

    assert first.other == "c" and {"people", "body"} <= set(first.reasons)
    assert {likeness.other for likeness in last} == {"a", "c"} and last[0].reasons == ("people",)
    assert index.like("nobody") == []


WORDS = st.text(st.sampled_from("abc ءبج12 "), max_size=30)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=8))
def test_likeness_is_mutual_and_bounded(texts: list[tuple[str, str]]) -> None:
    index = Index([Described(str(number), title, words) for number, (title, words) in enumerate(texts)])
    scores = {
        (likeness.one, likeness.other): likeness.score for number in range(len(texts)) for likeness in index.like(str(number), limit=99)
    }

    assert all(0 <= score <= similarity.TITLE + similarity.WORDS + 1e-9 for score in scores.values())
    assert all(abs(score - scores[other, one]) < 1e-9 for (one, other), score in scores.items())


def test_the_team_sees_doubles_with_their_reasons_and_each_beside_the_other(app: Flask, client: FlaskClient) -> None:
    event, lead = factories.an_event(), factories.a_person()
    factories.a_call(event)
    words = "Shopkeepers adopt the signboard of the nearest building site and telephone when it vanishes."
    one = factories.a_proposal(event, lead, title_en="Signboards that stay", summary_en=words)
    other = factories.a_proposal(event, lead, title_en="Signboards which stay up", summary_en=words)
    for number in range(4):
        factories.a_proposal(event, title_en=f"Another subject {number}", summary_en=f"Of courts and their clerks {number}")
    factories.sign_in(client, factories.an_organiser(event))
    listed = client.get("/en/ogp-2022/manage/proposals/twins").text
    file = client.get(f"/en/ogp-2022/manage/proposals/{one.code}").text
    strangers = app.test_client().get("/en/ogp-2022/manage/proposals/twins")

    assert one.code in listed and other.code in listed and "the same person" in listed
    assert f"/manage/proposals/{other.code}" in file and "similar title" in file
    assert strangers.status_code == 303
