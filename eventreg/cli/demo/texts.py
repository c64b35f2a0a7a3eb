"""What is said of the demo's meeting: its names, tracks and rooms, in three languages."""

from __future__ import annotations

from datetime import date

from eventreg.core.i18n import Text
from eventreg.events.services import EventPlan
from eventreg.manage.filters import ParticipantFilter

SLUG = "ogp-2022"
ZONE = "Africa/Casablanca"

PLAN = EventPlan(
    slug=SLUG,
    name=Text(
        ar="اللقاء الجهوي لإفريقيا والشرق الأوسط لشراكة الحكومة المنفتحة",
        fr="Rencontre régionale Afrique et Moyen-Orient du Partenariat pour un gouvernement ouvert",
        en="Open Government Partnership Regional Meeting, Africa and Middle East",
    ),
    short_name=Text(ar="OGP 2022", fr="OGP 2022", en="OGP 2022"),
    aims=Text(
        ar="ثلاثة أيام تتقاسم فيها الإدارات العمومية والمجتمع المدني أحسن تجارب الشفافية والمشاركة والمساءلة.",
        fr="Trois jours pour que gouvernements et société civile comparent ce qui ouvre les institutions, et repartent avec ce qui marche.",  # noqa: E501
        en="Three days for governments and civil society to compare what makes institutions open, and to take home what works.",  # noqa: E501
    ),
    city=Text(ar="مراكش", fr="Marrakech", en="Marrakech"),
    venue=Text(ar="قصر المؤتمرات", fr="Palais des congrès", en="Congress centre"),
    host=Text(
        ar="لجنة الإشراف على الحكومة المنفتحة",
        fr="Comité de pilotage du gouvernement ouvert",
        en="Steering committee for open government",
    ),
    country="MA",
    zone=ZONE,
    zone_label=Text(ar="بتوقيت مراكش", fr="heure de Marrakech", en="Marrakech time"),
    first_day=date(2022, 11, 1),
    last_day=date(2022, 11, 3),
    opens="2022-07-01",
    closes="2022-09-30",
    help_email="help@example.org",
    help_phone="+212 5 00 00 00 00",
    wifi="OGP2022",
    programme_on=date(2022, 10, 15),
)

# slug, look, name, summary
TRACKS = [
    (
        "civic-participation", "civic",
        Text(ar="المشاركة المواطنة", fr="Participation citoyenne", en="Civic participation"),
        Text(
            ar="إشراك المواطنات والمواطنين في القرارات التي تهمهم، من العرائض إلى الميزانيات المحلية.",
            fr="Associer les citoyens aux décisions qui les concernent, des pétitions aux budgets locaux.",
            en="People take part in the decisions that concern them, from petitions to local budgets.",
        ),
    ),
    (
        "digital-innovation", "digital",
        Text(ar="الابتكار الرقمي", fr="Innovation numérique", en="Digital innovation"),
        Text(
            ar="بيانات مفتوحة وخدمات عمومية يمكن للجميع استعمالها والتحقق منها وتطويرها.",
            fr="Des données ouvertes et des services publics que chacun peut utiliser, vérifier et développer.",
            en="Open data and public services that anyone can use, check and build on.",
        ),
    ),
    (
        "access-to-justice", "justice",
        Text(ar="الولوج إلى العدالة", fr="Accès à la justice", en="Access to justice"),
        Text(
            ar="محاكم قريبة من المرتفقين، ومساعدة قانونية في المتناول، ومقاربة النوع في العدالة.",
            fr="Des tribunaux qui s'expliquent, une aide juridique à portée de main, le genre et la justice.",
            en="Courts that explain themselves, legal aid within reach, gender and justice.",
        ),
    ),
    (
        "anti-corruption", "integrity",
        Text(ar="مكافحة الفساد", fr="Lutte contre la corruption", en="Anti-corruption"),
        Text(
            ar="صفقات شفافة، وتصريح بالمصالح، وحماية للمبلغين عن الرشوة.",
            fr="Des marchés transparents, des intérêts déclarés, et une protection pour celles et ceux qui alertent.",
            en="Transparent contracts, declared interests, and protection for those who report.",
        ),
    ),
]  # fmt: skip

# name, capacity
ROOMS = [
    (Text(ar="القاعة الكبرى", fr="Grand auditorium", en="Main hall"), 600),
    (Text(ar="قاعة الأرز", fr="Salle Cèdre", en="Cedar room"), 180),
    (Text(ar="قاعة الأركان", fr="Salle Arganier", en="Argan room"), 160),
    (Text(ar="قاعة النخيل", fr="Salle Palmier", en="Palm room"), 120),
    (Text(ar="قاعة الزيتون", fr="Salle Olivier", en="Olive room"), 120),
    (Text(ar="قاعة الياسمين", fr="Salle Jasmin", en="Jasmine room"), 80),
    (Text(ar="قاعة الزعفران", fr="Salle Safran", en="Saffron room"), 80),
    (Text(ar="قاعة الرمان", fr="Salle Grenadier", en="Pomegranate room"), 60),
    (Text(ar="قاعة النعناع", fr="Salle Menthe", en="Mint room"), 40),
    (Text(ar="قاعة الحوار", fr="Salle du dialogue", en="Dialogue room"), 30),
]

# filters of the list of people that the organisers share; names are in the language of whoever kept them
FILTERS = {
    "الصحافة في لائحة الانتظار": ParticipantFilter(state="waitlisted", category="media"),
    "Délégation marocaine": ParticipantFilter(state="confirmed", country="MA"),
}
