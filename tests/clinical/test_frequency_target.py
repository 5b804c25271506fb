import pytest

from app.clinical.frequency_target import sets_frequency


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
    ],
)
def test_an_exercise_or_a_denial_is_let_be(sentence: str) -> None:
    assert not sets_frequency(sentence)
