"""What does the demo's meeting ask beyond the product's own questions, and what do its guests answer?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from eventreg.core.questions.judging import field_name
from eventreg.core.questions.shape import Asked, Form, Kind, Option, Question, Section, Test, When
from eventreg.core.trilingual import Text
from eventreg.registration import standard

_GONE = date(2022, 12, 3)  # thirty days after the meeting
_VISA = When((Test("sector", "is", ("civil_society",)), Test("wants_visa_letter", "is", ("yes",))))
_PURPOSE_VISA = Text(
    ar="لتحرير رسالة التأشيرة وتوجيهها إلى القنصلية المعنية.",
    fr="Pour rédiger la lettre de visa et l'adresser au bon consulat.",
    en="To write the visa letter and address it to the right consulate.",
)

TOPICS = (
    Option("civic", Text(ar="المشاركة المواطنة", fr="Participation citoyenne", en="Civic participation")),
    Option("digital", Text(ar="الابتكار الرقمي", fr="Innovation numérique", en="Digital innovation")),
    Option("justice", Text(ar="الولوج إلى العدالة", fr="Accès à la justice", en="Access to justice")),
    Option("integrity", Text(ar="مكافحة الفساد", fr="Lutte contre la corruption", en="Fight against corruption")),
)
_WAYS = (
    Option("plane", Text(ar="بالطائرة", fr="En avion", en="By plane")),
    Option("train", Text(ar="بالقطار", fr="En train", en="By train")),
    Option("car", Text(ar="بالسيارة أو الحافلة", fr="En voiture ou en car", en="By car or coach")),
    Option("local", Text(ar="أقيم في مراكش", fr="Je vis à Marrakech", en="I live in Marrakech")),
)
_YES_NO = (Option("yes", Text(ar="نعم", fr="Oui", en="Yes")), Option("no", Text(ar="لا", fr="Non", en="No")))

_TRAVEL = Section(
    "travel",
    Text(ar="السفر والاهتمامات", fr="Voyage et centres d'intérêt", en="Travel and interests"),
    questions=(
        Question(
            "topics",
            Kind.SEVERAL_OF,
            Text(
                ar="المجالات التي تهمكم أكثر",
                fr="Les thématiques qui vous intéressent le plus",
                en="The tracks that interest you most",
            ),
            help=Text(ar="مجالان على الأكثر.", fr="Deux au plus.", en="Two at most."),
            options=TOPICS,
            most=2,
        ),
        Question(
            "first_time",
            Kind.ONE_OF,
            Text(
                ar="هل تشاركون لأول مرة في لقاء للشراكة للحكومة المنفتحة؟",
                fr="Est-ce votre première rencontre du Partenariat pour un gouvernement ouvert ?",
                en="Is this your first meeting of the Open Government Partnership?",
            ),
            options=_YES_NO,
        ),
        Question(
            "visa_country",
            Kind.COUNTRY,
            Text(
                ar="البلد الذي ستطلبون فيه التأشيرة",
                fr="Pays où vous demanderez le visa",
                en="Country in which you will apply for the visa",
            ),
            is_required=True,
            purpose=_PURPOSE_VISA,
            delete_on=_GONE,
            when=_VISA,
        ),
        Question(
            "nomination",
            Kind.FILE,
            Text(
                ar="رسالة الترشيح من هيئتكم",
                fr="Lettre de désignation de votre organisme",
                en="Letter of nomination by your organisation",
            ),
            help=Text(ar="ملف PDF أو صورة.", fr="Un PDF ou une image.", en="A PDF or a picture."),
            delete_on=_GONE,
            when=When((Test("sector", "is", ("government",)),)),
        ),
        Question(
            "emergency",
            Kind.TEXT,
            Text(ar="شخص يُتصل به عند الطوارئ", fr="Personne à prévenir en cas d'urgence", en="Person to call in an emergency"),
            is_sensitive=True,
            delete_on=_GONE,
            purpose=Text(
                ar="لا يُستعمل إلا إذا وقع لكم مكروه أثناء اللقاء.",
                fr="Utilisé seulement s'il vous arrive quelque chose pendant la rencontre.",
                en="Used only if something happens to you during the meeting.",
            ),
        ),
    ),
)

_ARRIVAL = Section(
    "arrival",
    Text(ar="وصولكم إلى مراكش", fr="Votre arrivée à Marrakech", en="Your arrival in Marrakech"),
    Text(
        ar="نسألكم عن هذا بعد أن تأكد مقعدكم، لتنظيم الاستقبال في المطار والمحطة.",
        fr="Nous vous le demandons maintenant que votre place est acquise, pour organiser l'accueil à l'aéroport et à la gare.",
        en="We ask this now that your place is certain, to organise the welcome at the airport and the station.",
    ),
    Asked.AFTER,
    (
        Question(
            "arrives_by", Kind.ONE_OF, Text(ar="كيف ستصلون؟", fr="Comment arrivez-vous ?", en="How do you arrive?"), options=_WAYS
        ),
        Question(
            "arrives_on",
            Kind.DATE,
            Text(ar="يوم الوصول", fr="Jour d'arrivée", en="Day of arrival"),
            is_required=True,
            delete_on=_GONE,
            when=When((Test("arrives_by", "is", ("plane", "train", "car")),)),
        ),
        Question(
            "flight",
            Kind.TEXT,
            Text(ar="رقم الرحلة", fr="Numéro de vol", en="Flight number"),
            delete_on=_GONE,
            most=20,
            when=When((Test("arrives_by", "is", ("plane",)),)),
        ),
        Question(
            "companions",
            Kind.NUMBER,
            Text(ar="عدد المرافقين", fr="Nombre d'accompagnants", en="Number of people with you"),
            least=0,
            most=5,
        ),
        Question(
            "house_rules",
            Kind.CONSENT,
            Text(
                ar="اطلعت على قواعد السلامة في قصر المؤتمرات وألتزم بها.",
                fr="J'ai lu les règles de sécurité du palais des congrès et je les respecterai.",
                en="I have read the safety rules of the congress centre and will keep them.",
            ),
        ),
    ),
)


def form() -> Form:
    """The demo's form: the product's five sections, gender asked for the balance of the meeting, travel, arrival afterwards."""
    sections = []
    for section in standard.form().sections:
        asked = tuple(replace(question, is_asked=True) for question in section.questions)
        if section.code == "consent":
            sections.append(_TRAVEL)
        sections.append(replace(section, questions=asked))
    return Form((*sections, _ARRIVAL))


def answers(number: int, raw: dict[str, Any], *, is_woman: bool) -> dict[str, Any]:
    """What guest `number` answers to these questions; some leave some open."""
    rng = Random(f"questions {number}")
    given: dict[str, Any] = {
        "topics": rng.sample([option.key for option in TOPICS], rng.randrange(0, 3)),
        "first_time": rng.choice(["yes", "no", "no", ""]),
        "visa_country": raw["country"],
        "emergency": rng.choice(["+212 600 000 000", "", "", ""]),
    }
    gender = ("woman" if is_woman else "man") if rng.random() < 0.85 else ""
    return {"gender": gender} | {field_name(code): value for code, value in given.items() if value}


def arrival(number: int) -> dict[str, Any]:
    """When and how somebody arrives, answered after the place was confirmed."""
    rng = Random(f"arrival {number}")
    way = rng.choice(["plane", "plane", "plane", "train", "car", "local"])
    given: dict[str, Any] = {"arrives_by": way, "house_rules": True, "companions": str(rng.choice([0, 0, 1]))}
    if way != "local":
        given["arrives_on"] = rng.choice(["2022-10-30", "2022-10-31", "2022-10-31", "2022-11-01"])
    if way == "plane":
        given["flight"] = f"{rng.choice(['AT', 'TU', 'HC', 'AF'])} {rng.randrange(200, 990)}"
    return {field_name(code): value for code, value in given.items()}
