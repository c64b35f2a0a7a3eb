# ruff: noqa: E501 (lists of words read better in long lines)
"""What are the demo's people called? Invented combinations of common names, in both scripts where both are usual."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from mimesis import Person as Mimesis
from mimesis.enums import Gender
from mimesis.locales import Locale

# how many of a hundred guests come from where, roughly; and how names are given there
COUNTRIES: dict[str, tuple[int, str]] = {
    "MA": (95, "maghreb"), "TN": (34, "maghreb"), "DZ": (8, "maghreb"), "MR": (10, "maghreb"), "LY": (6, "maghreb"),
    "EG": (14, "mashreq"), "JO": (22, "mashreq"), "LB": (12, "mashreq"), "PS": (12, "mashreq"), "IQ": (8, "mashreq"),
    "YE": (4, "mashreq"), "SD": (6, "mashreq"), "AE": (6, "mashreq"), "SA": (5, "mashreq"), "QA": (4, "mashreq"),
    "KW": (4, "mashreq"), "OM": (4, "mashreq"), "BH": (3, "mashreq"),
    "SN": (24, "sahel"), "ML": (6, "sahel"), "NE": (5, "sahel"), "BF": (15, "sahel"), "GN": (5, "sahel"), "CI": (20, "sahel"),
    "TG": (6, "gulf_of_guinea"), "BJ": (10, "gulf_of_guinea"), "CM": (8, "gulf_of_guinea"), "CD": (6, "gulf_of_guinea"),
    "GA": (4, "gulf_of_guinea"), "MG": (4, "gulf_of_guinea"),
    "GH": (20, "west"), "NG": (24, "west"), "LR": (9, "west"), "SL": (9, "west"),
    "KE": (22, "east"), "TZ": (6, "east"), "UG": (8, "east"), "RW": (6, "east"), "ET": (6, "east"),
    "MW": (7, "south"), "ZA": (12, "south"), "SC": (3, "south"), "CV": (5, "lusophone"),
    "FR": (6, "french"), "BE": (3, "french"), "GB": (4, "english"), "US": (5, "english"),
}  # fmt: skip

# languages in which people of a region write to the meeting, by weight
LANGS = {
    "maghreb": ("ar ar ar fr fr fr en"), "mashreq": ("ar ar ar ar en"), "sahel": "fr", "gulf_of_guinea": "fr",
    "lusophone": "fr en", "french": "fr",
}  # fmt: skip

_WOMEN = """Amina أمينة;Fatima فاطمة;Khadija خديجة;Zineb زينب;Salma سلمى;Naima نعيمة;Latifa لطيفة;Houda هدى;Samira سميرة;Nadia نادية
Leila ليلى;Meriem مريم;Aicha عائشة;Sanaa سناء;Hanane حنان;Rachida رشيدة;Karima كريمة;Malika مليكة;Ibtissam ابتسام;Asmae أسماء
Sara سارة;Yasmina ياسمينة;Widad وداد;Bouchra بشرى;Najat نجاة;Souad سعاد;Hayat حياة;Imane إيمان;Jamila جميلة;Nawal نوال"""
_MEN = """Ahmed أحمد;Mohammed محمد;Youssef يوسف;Karim كريم;Hassan حسن;Hicham هشام;Rachid رشيد;Said سعيد;Omar عمر;Khalid خالد
Mustapha مصطفى;Abdellah عبد الله;Abderrahim عبد الرحيم;Brahim إبراهيم;Driss إدريس;Jamal جمال;Nabil نبيل;Samir سمير;Tarik طارق;Walid وليد
Anas أنس;Bilal بلال;Ilyas إلياس;Adil عادل;Mehdi المهدي;Othmane عثمان;Zakaria زكرياء;Fouad فؤاد;Hamza حمزة;Aziz عزيز"""
_FAMILIES = {
    "maghreb": """Bennani بناني;El Idrissi الإدريسي;Alaoui العلوي;Tazi التازي;Benjelloun بنجلون;El Fassi الفاسي;Berrada برادة;Chraibi الشرايبي
El Amrani العمراني;Lahlou لحلو;Bouzidi بوزيدي;Ziani الزياني;Naciri الناصري;El Mansouri المنصوري;Belkacem بلقاسم;Hamdaoui الحمداوي
Trabelsi الطرابلسي;Ben Salah بن صالح;Jaziri الجزيري;Gharbi الغربي;Mokrani المقراني;Boudiaf بوضياف;Ould Sidi ولد سيدي;Chebbi الشابي
Ouazzani الوزاني;Sefrioui الصفريوي;Kettani الكتاني;Slimani السليماني;Rahmouni الرحموني;Mejri الماجري;Aït Lahcen أيت لحسن;Zerouali الزروالي""",
    "mashreq": """Haddad حداد;Khoury خوري;Nassar نصار;Al-Masri المصري;Al-Najjar النجار;Saleh صالح;Mansour منصور;Al-Khatib الخطيب
Barakat بركات;Darwish درويش;Al-Zoubi الزعبي;Al-Hashimi الهاشمي;Abu Zaid أبو زيد;Shaheen شاهين;Al-Harthy الحارثي;Al-Tamimi التميمي
Al-Jabri الجابري;Obeidat عبيدات;Farah فرح;Al-Sayed السيد;Ibrahim إبراهيم;Osman عثمان;Al-Qahtani القحطاني;Al-Dosari الدوسري
Al-Balushi البلوشي;Taha طه;Habib حبيب;Sabbagh صباغ;Al-Obaidi العبيدي;Ghanem غانم;Zaki زكي;Rizk رزق""",
}  # fmt: skip
_LATIN_ONLY = {
    "sahel": ("Aminata;Fatou;Mariama;Awa;Aïssatou;Ramatou;Khady;Salimata;Adama;Assitan",
              "Mamadou;Ousmane;Ibrahima;Moussa;Cheikh;Abdoulaye;Seydou;Boubacar;Souleymane;Issa",
              "Diallo;Ndiaye;Traoré;Ouédraogo;Sawadogo;Konaté;Coulibaly;Fall;Sow;Bâ;Kouyaté;Camara;Koné;Touré;Zongo;Maïga"),
    "gulf_of_guinea": ("Grâce;Clarisse;Essi;Blandine;Solange;Honorine;Félicité;Viviane",
                       "Koffi;Serge;Thierry;Parfait;Gildas;Emmanuel;Patrice;Fabrice",
                       "Adjovi;Mensah;Hounkpatin;Ngo Biyong;Mbarga;Kalala;Ilunga;Obame;Rakoto;Randria;Agbodjan;Tchalla"),
    "west": ("Abena;Ama;Ngozi;Adaeze;Funmilayo;Hawa;Yetunde;Esther",
             "Kwame;Kofi;Chinedu;Emeka;Tunde;Samuel;Momoh;Yaw",
             "Asante;Boateng;Okafor;Adeyemi;Balogun;Eze;Kamara;Sesay;Toe;Doe;Owusu;Nwosu;Abubakar;Danjuma"),
    "east": ("Wanjiru;Achieng;Neema;Uwase;Hirut;Nakato;Zawadi;Selam",
             "Otieno;Kamau;Juma;Mugisha;Habtamu;Kato;Baraka;Dawit",
             "Mwangi;Odhiambo;Kimani;Njoroge;Mushi;Uwera;Tesfaye;Bekele;Okello;Ssemakula;Wekesa;Mrisho"),
    "south": ("Thandiwe;Chikondi;Lerato;Nomsa;Tiyamike;Marie-Ange", "Sipho;Chisomo;Thabo;Kondwani;Pieter;Jean-Marc",
              "Dlamini;Banda;Nkosi;Phiri;Botha;Mokoena;Chirwa;Hoareau;Payet"),
    "lusophone": ("Filomena;Zenaida;Ivone", "Adilson;Nelson;Edson", "Évora Tavares;Lopes da Silva;Semedo;Monteiro"),
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A person's name in one script or both; whether it is a woman's, for the word of her position."""

    latin: str
    arabic: str
    is_woman: bool


def names(culture: str, rng: Random) -> Name:
    """A name as given in that part of the world."""
    is_woman = rng.random() < 0.5
    if culture in _FAMILIES:
        return _of_two_scripts(culture, rng, is_woman=is_woman)
    if culture in _LATIN_ONLY:
        women, men, families = (part.split(";") for part in _LATIN_ONLY[culture])
        return Name(f"{rng.choice(women if is_woman else men)} {rng.choice(families)}", "", is_woman)
    return Name(_mimesis(Locale.FR if culture == "french" else Locale.EN, rng, is_woman=is_woman), "", is_woman)


def _of_two_scripts(culture: str, rng: Random, *, is_woman: bool) -> Name:
    """Mostly both scripts; some give only the Arabic one, some only the Latin one."""
    kind = rng.random()
    if kind < 0.06:
        locales = (Locale.AR_MA, Locale.AR_TN) if culture == "maghreb" else (Locale.AR_EG, Locale.AR_SY)
        return Name("", _mimesis(rng.choice(locales), rng, is_woman=is_woman), is_woman)
    first_latin, first_arabic = _pair(rng.choice(_pairs(_WOMEN if is_woman else _MEN)))
    last_latin, last_arabic = _pair(rng.choice(_pairs(_FAMILIES[culture])))
    arabic = f"{first_arabic} {last_arabic}" if kind < 0.88 else ""
    return Name(f"{first_latin} {last_latin}", arabic, is_woman)


def _pairs(lines: str) -> list[str]:
    return lines.replace("\n", ";").split(";")


def _pair(entry: str) -> tuple[str, str]:
    """'El Idrissi الإدريسي' in its two scripts: the first Arabic letter begins the second."""
    at = next(index for index, sign in enumerate(entry) if "\u0600" <= sign <= "\u06ff")
    return entry[:at].strip(), entry[at:].strip()


def _mimesis(locale: Locale, rng: Random, *, is_woman: bool) -> str:
    gender = Gender.FEMALE if is_woman else Gender.MALE
    return Mimesis(locale, seed=rng.randrange(10**6)).full_name(gender=gender)
