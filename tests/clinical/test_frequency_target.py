from dataclasses import replace
from typing import Any

import pytest

from app.clinical.frequency_target import CODE, asks_for_frequency, frequency_targets, sets_frequency
from app.clinical.protocol import LogField, Protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import Precondition, RedFlag


@pytest.mark.parametrize(
    "sentence",
    [
        "Have intercourse twice a week",
        "Intercourse 3 times weekly",
        "Aim for sex every day",
        "Three times a week you have sex",
        "Have sex 3/week and sex / week is logged",
        "At least one orgasm per day",
        "Make love every other night",
        "Double the frequency of intercourse",
        "Have 8 intercourses in 30 days",
        "Penetration once each weekend",
        "Sexual acts per month",
        "Never skip intercourse twice a week",
        "No fewer than three orgasms a week",
        "Have intercourse daily, and do not forget the log",
        "SEX TWICE A WEEK",
        "Intercourse: three times weekly",
        "Penetrative intercourse on Saturdays and on Sundays",
        "Thrice a fortnight you sleep with each other",
        "Be intimate every evening",
        "Sexual contact at least 4x a month",
        "Lovemaking is regularly on your list, double what it was",
        "Reach five orgasms",
        "Do not stop before you have sex twice a week",
        "Never set less than sex twice a week",
        "It is no small thing to have sex twice a week",
        "Not now perhaps, but have sex every second day",
        "Have s\u00e9x tw\u0456ce a week, or sex once a day",
        "Zweimal pro Woche Geschlechtsverkehr",
        "Habt jeden zweiten Tag Sex",
        "Schlaft mindestens dreimal im Monat miteinander",
        "Sleep at least twice a month with each other",
        "Faites trois fois l'amour",
        "Die H\u00e4ufigkeit von Geschlechtsverkehr soll steigen",
        "T\u00e4glich ein Orgasmus",
        "Macht Liebe, 3 mal in der Woche",
        "Faites l\u2019amour trois fois par semaine",
        "Ayez des rapports sexuels chaque semaine",
        "Des rapports tous les deux jours",
        "Un orgasme par jour au moins",
        "La fr\u00e9quence des rapports doit doubler",
        "Hagan el amor dos veces por semana",
        "Tener relaciones sexuales cada d\u00eda",
        "Relaciones tres veces al mes",
        "Coito diario",
        "Sexo todas las noches",
    ],
)
def test_a_target_is_found(sentence: str) -> None:
    assert sets_frequency(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Practise two or three times a week",
        "No target is set for how often a couple has intercourse, and none is reported",
        "Arousal, orgasm and intercourse are never the aim",
        "Talk about sex once a week",
        "Greet each other daily with a touch",
        "Intercourse is off limits",
        "Agree on a time in the week that belongs to the two of you",
        "The original was daily in a fortnight's intensive",
        "Intercourse is never counted and never asked for, this week or any other",
        "Sprecht einmal in der Woche \u00fcber Sex",
        "\u00dcbt zwei- bis dreimal in der Woche",
        "Geschlechtsverkehr ist tabu",
        "Kein Ziel, wie oft ihr Sex habt",
        "Entra\u00eenez-vous deux fois par semaine",
        "Aucun objectif pour la fr\u00e9quence des rapports",
        "Practiquen dos veces por semana",
        "Ninguna meta de cu\u00e1ntas veces hay relaciones",
    ],
)
def test_an_exercise_or_a_denial_is_let_be(sentence: str) -> None:
    assert not sets_frequency(sentence)


@pytest.mark.parametrize(
    "text",
    [
        "Have sex. Three times a week.",
        "Have intercourse. Do it at least twice a week.",
        "Make love; and every night.",
        "Sex\u2026 twice a week",
        "Faites l'amour. Au moins deux fois par semaine.",
        "Habt Sex! Mindestens zweimal pro Woche.",
        "Tengan relaciones. Dos veces por semana.",
    ],
)
def test_a_target_in_two_breaths_is_found(text: str) -> None:
    assert asks_for_frequency(text)


@pytest.mark.parametrize(
    "text",
    [
        "Intercourse is off limits. Three times a week you practise touch.",
        "No intercourse meanwhile. Twice a week is enough for this.",
        "Read about sex in bed. Talk about it on Sunday.",
        "Stay close after intercourse. Say what you liked.",
    ],
)
def test_two_sentences_that_do_not_lean_on_each_other_are_let_be(text: str) -> None:
    assert not asks_for_frequency(text)


HIDDEN = "Intercourse twice a week."
GOOD = PROTOCOLS["sensate_focus"]
STAGE, RULE, LIMIT, FIELD = GOOD.stages[0], GOOD.rules[0], GOOD.thresholds[0], GOOD.log_fields[0]
CHOICE = LogField("chosen", "choice", "What we chose.", choices=("talk", "sex_twice_a_week"))


def with_stage(**changes: Any) -> Protocol:
    return replace(GOOD, stages=(replace(STAGE, **changes), *GOOD.stages[1:]))


@pytest.mark.parametrize(
    ("planted", "pointer"),
    [
        (replace(GOOD, name=HIDDEN), "/name"),
        (replace(GOOD, code="sex_twice_a_week"), "/code"),
        (replace(GOOD, dose=replace(GOOD.dose, note=HIDDEN)), "/dose/note"),
        (replace(GOOD, hard_rules=(HIDDEN,)), "/hard_rules/0"),
        (replace(GOOD, preconditions=(Precondition("met", HIDDEN, "medical"),)), "/preconditions/0/description"),
        (replace(GOOD, contraindications=(RedFlag("low", HIDDEN, "medical"),)), "/contraindications/0/description"),
        (with_stage(title=HIDDEN), "/stages/0/title"),
        (with_stage(code="sex_every_day"), "/stages/0/code"),
        (with_stage(instructions=("Touch.", HIDDEN)), "/stages/0/instructions/1"),
        (with_stage(rules=(HIDDEN,)), "/stages/0/rules/0"),
        (with_stage(ban=("less than intercourse twice a week",)), "/stages/0/ban/0"),
        (replace(GOOD, rules=(replace(RULE, sentence=HIDDEN),)), "/rules/0/sentence"),
        (replace(GOOD, rules=(replace(RULE, code="sex_per_week"),)), "/rules/0/code"),
        (replace(GOOD, thresholds=(replace(LIMIT, meaning=HIDDEN),)), "/thresholds/0/meaning"),
        (replace(GOOD, thresholds=(replace(LIMIT, name="rapports_par_semaine"),)), "/thresholds/0/name"),
        (replace(GOOD, log_fields=(replace(FIELD, description=HIDDEN),)), "/log_fields/0/description"),
        (replace(GOOD, log_fields=(replace(FIELD, code="veces_relaciones"),)), "/log_fields/0/code"),
        (replace(GOOD, log_fields=(replace(FIELD, code="anzahl_verkehr"),)), "/log_fields/0/code"),
        (replace(GOOD, log_fields=(LogField("o", "integer", "Orgasms.", low=0, high=50),)), "/log_fields/0/description"),
        (replace(GOOD, log_fields=(CHOICE,)), "/log_fields/0/choices/1"),
    ],
)
def test_a_target_is_found_wherever_it_hides(planted: Protocol, pointer: str) -> None:
    found = [(fault.pointer, fault.code) for fault in frequency_targets(planted)]
    assert (pointer, CODE) in found


def test_minutes_and_ratings_are_not_counts() -> None:
    fine = (
        LogField("until", "integer", "Minutes until the orgasm, if there was one.", low=0, high=120),
        LogField("worry", "integer", "How worried I was about intercourse.", low=0, high=10),
    )
    assert not list(frequency_targets(replace(GOOD, log_fields=(*GOOD.log_fields, *fine))))
