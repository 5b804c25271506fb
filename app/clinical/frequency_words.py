"""The words by which a sentence makes sexual acts something to reach, in English, German, French and Spanish."""

import re
from unicodedata import combining, normalize

# Patterns are read against folded text: lower case, without accents, so that "Häufigkeit" is "haufigkeit".
_ACTS = (
    r"(?:intercourse\w*|coit\w+|penetrat\w+|orgasm\w*|climax\w*|mak(?:e|es|ing) love|love-?making"
    r"|sexual (?:acts?|encounters?|contacts?|relations?|activit\w+)|(?<!about )(?<!uber )(?<!sobre )(?<!de )sex[eo]?"
    r"|sle(?:ep\w*|pt) (?:together|with (?:each other|one another|your (?:partner|wife|husband)|him|her))"
    r"|(?:be|being|get|getting) intimate"
    r"|geschlechtsverkehr\w*|verkehr|beischlaf\w*|koitus|hohepunkt\w*|liebe (?:zu )?mach\w*|macht liebe"
    r"|miteinander (?:zu )?schlaf\w*|schlaf\w* (?:\w+ ){0,3}?miteinander"
    r"|rapports|rapport sexuel|relations? (?:sexuelle|intime)s?|(?:f(?:ai|as)\w+|font) l\W?amour"
    r"|relaciones|coitos?|(?:hac|hag)\w+ el amor|penetracion\w*)"
)
_UNITS = r"(?:day|night|week|weekend|month|morning|evening|afternoon|fortnight)"
_EINHEITEN = r"(?:tag|nacht|woche|wochenende|monat|abend|morgen)"
_UNITES = r"(?:jour|nuit|semaine|week-?end|mois|soir|matin)"
_UNIDADES = r"(?:dia|noche|semana|mes|manana|tarde)"
_NUMBER = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|several|eins?|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)"
)
_OFTEN = (
    r"(?:once|twice|thrice|times|daily|weekly|nightly|monthly|fortnightly|frequen\w+|how (?:often|many)|number of|more often"
    rf"|as often as|often|regularly|quota|double|\d+ ?x|x ?\d+|every (?:other |second |third )?{_UNITS}|(?:a|per|each) {_UNITS}"
    r"|(?:every|each|on) (?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:in|within|over) \w+ (?:days|weeks|months)"
    rf"|(?:{_NUMBER}|mehr) ?mals?|taglich\w*|wochentlich\w*|monatlich\w*|nachtlich\w*|haufig\w*|wie oft|ofter|oft|anzahl"
    rf"|regelmassig\w*|jede[nrs]? (?:zweite[nrs]? |dritte[nrs]? )?{_EINHEITEN}|pro {_EINHEITEN}"
    rf"|(?:am|im|in der) (?:tag|monat|woche)"
    rf"|fois|(?:par|chaque) {_UNITES}|tou(?:s|tes) les (?:\w+ )?{_UNITES}s?|un (?:jour|soir) sur \w+|quotidien\w*"
    r"|hebdomadaire\w*|mensuel\w*|combien|souvent|reguliere?(?:ment)?|nombre de"
    rf"|vez|veces|(?:por|a la|al|cada) (?:\w+ )?{_UNIDADES}s?|tod[oa]s l[oa]s {_UNIDADES}s|diari\w+|semanal\w*|mensual\w*"
    r"|frecuen\w+|cuant[ao]s|a menudo|regularmente|numero de)"
)
ACT = re.compile(rf"\b{_ACTS}\b")
_HOW_OFTEN = re.compile(rf"\b{_OFTEN}\b")
_RATE = re.compile(rf"\b{_ACTS} ?/ ?\w+|\b{_NUMBER} (?:\w+ )?{_ACTS}\b")
# "Schlaft dreimal im Monat miteinander", "faites trois fois l'amour": the act stands around how often.
_AROUND = (
    (re.compile(r"\b(?:schlaf|sleep)\w*"), re.compile(r"\b(?:miteinander|together|with (?:each other|one another))\b")),
    (re.compile(r"\b(?:mak|mach|fai|font|hac|hag)\w*"), re.compile(r"\b(?:love|liebe|l\W?amour|el amor)\b")),
)
# What denies a target stands before it and says so: "no target", "never counted", "wird nicht verlangt".
DENIAL = re.compile(
    r"\b(?:no|not|never|nor|without)\b(?: \w+){0,3}? (?:target|goal|aim|count\w*|quota|requir\w+|expect\w+|owed|set|asked)\b"
    r"|\b(?:kein\w*|nicht|nie\w*)\b(?: \w+){0,3}? (?:ziel\w*|vorgabe\w*|pflicht|gezahlt|verlangt|erwartet)\b"
    r"|\b(?:pas|jamais|aucun\w*|sans)\b(?: \w+){0,3}? (?:objectif\w*|but|compt\w*|exig\w*|attend\w*)\b"
    r"|\b(?:no|nunca|ningun\w*|sin)\b(?: \w+){0,3}? (?:objetivo\w*|meta\w*|cuenta\w*|exig\w*|espera\w*)\b"
)
# With one of these the sentence may well demand what it seems to deny: "never expect less than ...".
UNDOES_DENIAL = re.compile(
    r"\b(?:skip\w*|miss\w*|less|fewer|below|under|forget\w*|fail\w*|stop|until|before|unless|except|but|short|only|rather"
    r"|weniger|unter|vergess\w*|sondern|aber|bis|ausser|nur|moins|oubli\w*|mais|sauf|seulement|menos|olvid\w*|pero|sino|salvo)\b"
)
# A sentence that begins with how often leans on the one before it: "Have sex. Three times a week."
LEANS = re.compile(
    r"^\W*(?:(?:do|try|repeat|and|or|please|aim for|it|this|that|so|is|at least|about|mindestens|und|tut|das|au moins|et|faites"
    rf"|le|al menos|y|haced|hagan|lo)\W+){{0,4}}(?:{_NUMBER} )?{_OFTEN}\b"
)
FORBIDS = re.compile(r"\b(?:no|not|never|nor|without|off limits|ban\w*|nicht|kein\w*|nie|pas|jamais|aucun\w*|nunca|sin)\b")
NAMED_ACT = re.compile(
    r"intercourse|coit|koit|sex|orgasm|penetr|climax|verkehr|beischlaf|hohepunkt|rapports|relaciones|lovemaking"
)
NAMED_COUNT = re.compile(
    r"count|frequen|times|number|per_|how_often|how_many|total|tally|anzahl|haufig|pro_|_mal|nombre|fois|par_|combien|frecuen"
    r"|veces|cuant|numero|por_"
)
NAMED_RESULT = re.compile(r"arous|orgasm|ere[ck]t|intercourse|coit|koit|penetr|climax|had_sex|e[jy]a[ck]ul|verkehr|hohepunkt")
MEASURED_OTHERWISE = re.compile(r"minut|second|sekund|percent|prozent|pour cent|por ciento|%|share|size")


def folded(text: str) -> str:
    """The text in lower case, without accents, with one kind of blank."""
    plain = "".join(sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))
    return re.sub(r"\s+", " ", plain).strip()


def target_at(told: str) -> int | None:
    """Where folded text begins to join an act with how often, or None; one pass a pattern, however long the text."""
    act, often, rate = ACT.search(told), _HOW_OFTEN.search(told), _RATE.search(told)
    starts = [rate.start()] if rate else []
    if act and often:
        starts.append(min(act.start(), often.start()))
    for first, last in _AROUND:
        opening = first.search(told)
        between = opening and _HOW_OFTEN.search(told, opening.end())
        if opening and between and last.search(told, between.end()):
            starts.append(opening.start())
    return min(starts, default=None)
