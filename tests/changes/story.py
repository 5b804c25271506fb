"""What happens at a clinic, step by step and by chance, through the API: what a follower of changes has to keep up with."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.conftest import Caller, Clinic
from tests.homework.records import Course, running
from tests.notes.records import new_note
from tests.outcomes.records import answers_of
from tests.safety.records import Pair, done, new_pair


class Story:
    """A clinic with a therapist, couples and their plans."""

    def __init__(self, clinic: Clinic, therapist: Caller, seed: int) -> None:
        self.clinic = clinic
        self.therapist = therapist
        self.chance = Random(seed)  # noqa: S311 - a story to be told again, no secret
        self.pairs: list[Pair] = []
        self.courses: list[Course] = []
        self.assignments: list[tuple[Course, dict[str, Any]]] = []
        self.administrations: list[tuple[Pair, str, str]] = []
        self.number = 0

    def goes_on(self, steps: int) -> None:
        """Lets as many things happen."""
        if not self.pairs:
            self.a_couple_comes()
        for _ in range(steps):
            self.chance.choice(STEPS)(self)

    def pair(self) -> Pair:
        """One of the couples."""
        return self.chance.choice(self.pairs)

    def a_couple_comes(self) -> None:
        """With an episode and its concerns."""
        self.number += 1
        self.pairs.append(new_pair(self.therapist, str(self.number)))

    def a_partner_is_renamed(self) -> None:
        """A change of one partner."""
        path = self.pair().partner(self.chance.choice("ab"))
        found = self.therapist.get(path)
        headers = {"If-Match": found.headers["etag"]}
        done(self.therapist.patch(path, json={"name": f"Kim {self.number}"}, headers=headers), 200)

    def a_concern_is_rated(self) -> None:
        """By one of the two."""
        pair = self.pair()
        body = {"partner_id": self.chance.choice([pair.a, pair.b]), "severity": self.chance.randrange(11), "distressed": True}
        done(self.therapist.post(f"{pair.path}/concerns/{pair.concern_id}/ratings", json=body))

    def a_concern_is_framed(self) -> None:
        """In one partner's own words."""
        pair = self.pair()
        path = pair.partner(self.chance.choice("ab")) + "/framings"
        done(self.therapist.post(path, json={"concern_id": pair.concern_id, "words": "It has become a duty."}))

    def a_measure_is_answered(self) -> None:
        """Or an earlier answer corrected."""
        pair, which = self.pair(), self.chance.choice("ab")
        body: dict[str, Any] = {"measure": "gmsex", "answers": answers_of("gmsex", self.chance.randrange(5, 36))}
        if self.administrations and self.chance.random() < 0.3:
            pair, which, old = self.administrations.pop()
            body["supersedes"] = old
        made = done(self.therapist.post(pair.partner(which) + "/administrations", json=body))
        self.administrations.append((pair, which, made["id"]))

    def a_plan_begins(self) -> None:
        """Of a couple of its own."""
        self.number += 1
        course = running(self.therapist, str(self.number))
        self.pairs.append(course.pair)
        self.courses.append(course)

    def a_stage_is_assigned(self) -> None:
        """On a plan that runs."""
        for course in self.courses[-1:]:
            made = course.assign()
            if made.status_code == 201:
                self.assignments.append((course, made.json()))

    def a_partner_checks_in(self) -> None:
        """Sometimes under pressure, which pauses the plan where nobody outside the care team sees it yet."""
        for course, assignment in self.assignments[-1:]:
            pressure = self.chance.choice([0, 0, 1, 9])
            done(course.check_in(assignment, self.chance.choice("ab"), pressure=pressure))

    def a_plan_is_moved(self) -> None:
        """Where it can be."""
        for course in self.courses[-1:]:
            course.move(self.chance.choice(["holds", "pauses", "resumptions"]))

    def a_note_is_written(self) -> None:
        """A draft, of which nothing is told, or a signed one, perhaps with an addendum."""
        path = self.pair().path + "/notes"
        note = done(self.therapist.post(path, json=new_note(self.chance.choice(["couple", "partner_a"]))))
        if self.chance.random() < 0.7:
            done(self.therapist.post(f"{path}/{note['id']}/signatures", json={"version": note["version"]}), 200)

    def time_passes(self) -> None:
        """So that what was hidden may come to show; the chore that says so has run."""
        self.clinic.clock.turn(hours=self.chance.choice([1, 30]))


STEPS: tuple[Callable[[Story], None], ...] = (
    Story.a_couple_comes,
    Story.a_partner_is_renamed,
    Story.a_concern_is_rated,
    Story.a_concern_is_framed,
    Story.a_measure_is_answered,
    Story.a_measure_is_answered,
    Story.a_plan_begins,
    Story.a_stage_is_assigned,
    Story.a_partner_checks_in,
    Story.a_partner_checks_in,
    Story.a_plan_is_moved,
    Story.a_plan_is_moved,
    Story.a_note_is_written,
    Story.time_passes,
)
