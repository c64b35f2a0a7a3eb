# ruff: noqa: E501 (lists of words read better in long lines)
"""The words of the field in its three languages: by them a text meets its translation. Beginnings of words, one idea a line."""

from __future__ import annotations

from collections.abc import Mapping

from eventreg.core import text

_LINES = """
budget; ميزانية ميزانيات موازنة
spend expens; dépens; صرف نفقات إنفاق
tax; impôt fiscal; ضريب جباي
court tribunal; tribuna juridiction; محكمة محاكم
judge; juge magistrat; قاضي قضاة قاضيات
justice; judiciai; عدالة قضائي
law legal legislat; loi lois juridi légis; قانون قوانين تشريع
lawyer barrister; avocat; محام محامين محامية
trial hearing; procès audience; جلسة جلسات محاكمة
prison detain detent; détent détenu prison; سجن سجون اعتقال سجناء
corrupt brib; corrupt pot-de-vin; فساد رشوة ارتشاء
whistleblow alert; alert lanceur; مبلغ مبلغين تبليغ
procure tender contract; marché contrat appel; صفقة صفقات مناقصة
audit; audit contrôl; افتحاص تدقيق مراقبة
integrity probity; intégrité probité; نزاهة
asset wealth; patrimoine bien; ممتلكات أصول
mine mining; mine minier minière minières; منجم مناجم معدني
data dataset; donnée; بيانات معطيات
portal platform; portail plateforme; بوابة منصة
digital online; numériqu ligne; رقمي رقمية رقمنة
software code; logiciel code; برمجي برنامج
algorithm; algorithm; خوارزم
privacy; vie privé; خصوصية
identity; identité; هوية
civil status registr birth; état civil naissance enregistr; حالة مدنية ولادة تسجيل
complain grievance; plainte réclamation; شكاية شكايات شكوى تظلم
petition; pétition; عريضة عرائض
vote elect; vote élect scrutin; تصويت انتخاب اقتراع
participat; participat; مشاركة تشاركية تشاركي
consult; consult concert; استشارة تشاور مشاورات
citizen inhabit resident; citoyen habitant; مواطن مواطنات مواطنين ساكنة سكان
woman women gender; femme genre; نساء امرأة نسائي نوع
youth young; jeune jeunesse; شباب شبان
child school pupil student; enfant école élève collég lycée étudiant; أطفال طفل مدرسة تلاميذ تلميذ إعدادية طلبة
teacher education; enseignant éducation; أستاذ تعليم تربية
disab deaf blind; handicap sourd aveugle; إعاقة صم مكفوف
elder; âgé; مسنين
village rural; village rural douar; دوار دواوير قرية قروي قرى
city town municipal council mayor; ville commune municip mairie maire conseil; مدينة جماعة بلدية بلدي مجلس رئيس
ministry; ministère; وزارة وزارات
parliament deputy; parlement député; برلمان نواب
association ngo; association ong; جمعية جمعيات
journalist newsroom media radio; journal rédaction média radio presse; صحفي صحافة إعلام تحرير إذاعة
rumour disinform false; rumeur désinform faux; إشاعة تضليل زائف
check verif fact; vérif; تحقق تدقيق
water; eau; ماء مياه
health hospital clinic patient; santé hôpital clinique patient soin; صحة مستشفى مرضى صحي
road; route; طريق طرق
market trader shop; marché commerç boutique; سوق أسواق تجار
waste; déchet décharge; نفايات مطرح
climate environment; climat environnement; مناخ بيئة
forest; forêt; غابة غابات
land; foncier terre; أرض أراضي عقار
transport bus; transport bus; نقل حافلات حافلة
housing; logement; سكن إسكان
police; police; شرطة أمن
migrant refugee; migrant réfugié; مهاجر لاجئ
interpret translat language; interpr tradu langue; ترجمة لغة لغات
signboard poster panel; panneau affich; لوحة ملصق لوحات
map mapping; carte cartograph; خريطة خرائط
figure number statist; chiffre statisti; رقم أرقام إحصاء
report; rapport; تقرير تقارير
training train; formation former; تكوين تدريب
commitment action plan; engagement plan; التزام خطة
negotiat; négoci; تفاوض
mediat; média; وساطة وسيط
price cost; prix coût; ثمن كلفة تكلفة
poor legal aid; aide juridic; مساعدة قضائية
game simulat; jeu simul; لعبة محاكاة
archive memory; archiv mémoire; أرشيف ذاكرة
signature; signature; توقيع
company enterprise; entreprise compagnie; شركة مقاولة
pandemic; pandémie; جائحة
contractor builder works; entrepreneur chantier travaux; مقاول أشغال ورش
counter; guichet; شباك
file case; dossier affaire; ملف ملفات
"""


def _stems() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(line for line in _LINES.splitlines() if line):
        for word in text.fold(line.replace(";", " ").replace("-", " ")).split():
            found.setdefault(word, f"={number}")
    return found


STEMS = _stems()
_SHORTEST, _LONGEST = min(map(len, STEMS)), max(map(len, STEMS))


def concept(word: str) -> str:
    """The idea that a folded word stands for, by the longest beginning that is listed; "" for none."""
    for length in range(min(len(word), _LONGEST), max(_SHORTEST, 3) - 1, -1):
        found = STEMS.get(word[:length])
        if found is not None and len(word) - length <= 5:
            return found
    return ""
