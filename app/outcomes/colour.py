"""The couple's on-track colour as the wire shows it: by which rule, with which numbers, judged by which series."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from app.clinical.change_basis import ground
from app.clinical.dyads import TurnAroundRule
from app.clinical.measures import MEASURES
from app.clinical.on_track import Flag, Seen, on_track
from app.clinical.on_track_rules import OnTrackRules
from app.clinical.reliable_index import Method
from app.clinical.track import Look, Track
from app.core.settings import Settings
from app.couples.care import Care
from app.measures.series import Series
from app.outcomes.schemas import OnTrack, OnTrackBasis, TrackedRead

# What a colour is judged by whatever was asked for, so that it means one thing everywhere.
JUDGED_BY: Final[Method] = "jacobson_truax"


def rules_in_force(settings: Settings) -> OnTrackRules:
    """The rules' numbers as this service was set up."""
    slips, look_back = settings.on_track_slips
    return OnTrackRules(
        in_a_row=settings.on_track_in_a_row,
        sems_worse=settings.on_track_sems_worse,
        slips=slips,
        look_back=look_back,
        by_visit=settings.on_track_by_visit,
        by_plan_share=settings.on_track_by_plan_share,
        missed_in_a_row=settings.on_track_missed_in_a_row,
    )


def turn_around_in_force(settings: Settings) -> TurnAroundRule:
    """What counts as an evening that turned, as this service was set up."""
    mood_from, mood_to = settings.turn_around_mood
    return TurnAroundRule(
        willing_at_least=settings.turn_around_willing,
        pressure_at_most=settings.turn_around_pressure,
        mood_from=mood_from,
        mood_to=mood_to,
        better_by=settings.turn_around_better_by,
        fewest=settings.turn_around_fewest,
    )


def track_of(series: Series, care: Care) -> Track:
    """A series as it is judged: what belongs to the episode of care, against its own intake."""
    looks = tuple(
        Look(point.answered_at, point.value, point.reason, point.standard_error)
        for point in series.points
        if care.holds(point.answered_at)
    )
    return Track(series.slot, MEASURES[series.measure], series.scale, looks)


def shown_colour(seen: Seen, raised: Sequence[Flag], rules: OnTrackRules) -> OnTrack:
    """The colour with the rule that gave it, and what that rests on."""
    given = on_track(raised, is_judged=any(track.is_classifiable for track in seen.tracks))
    by_line = {id(track) for track in seen.primary_tracks}
    thresholds = {name: value for name, value in asdict(rules).items() if name != "source"}
    return OnTrack(
        colour=given.colour,
        rule=given.code,
        sentence=given.sentence,
        basis=OnTrackBasis(
            method=JUDGED_BY,
            source=rules.source.text,
            grade=rules.source.grade,
            thresholds=thresholds,
            series=[_tracked(track, primary=id(track) in by_line) for track in seen.tracks],
        ),
    )


def _tracked(track: Track, *, primary: bool) -> TrackedRead:
    basis = ground(track.measure, track.scale, JUDGED_BY, None).basis
    return TrackedRead(
        slot=track.partner,
        measure=track.measure.code,
        scale=track.scale,
        status=basis.status,
        norm_set=basis.norm_set,
        primary=primary,
    )
