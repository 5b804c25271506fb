"""Steps of the menu of yes, no and maybe: each answers, agrees and takes back alone."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from app.clinical.menu import MENU_BY_CODE
from tests.homework.life import CALLERS, WHICH, Life
from tests.safety.records import done

CODES = sorted(MENU_BY_CODE)
# How many of the answers are a "no": none, every second, each.
REFUSED = st.sampled_from([0, 0, 2, 1])


class LifeOfMenus(Life):
    """What both would like, and what each would not."""

    @precondition(lambda self: len(self.truth.menus.bodies) < 2)
    @rule(caller=CALLERS)
    def open_menu(self, caller: str) -> None:
        """Somebody lays a menu before the couple, in place of the one before."""
        self.truth.menus.open(done(self.callers[caller].post(self.pair.path + "/menus", json={})))

    @precondition(lambda self: self.truth.menus.bodies)
    @rule(which=WHICH, refused=REFUSED, agrees=st.booleans(), caller=CALLERS)
    def answer_menu(self, which: str, refused: int, agrees: bool, caller: str) -> None:
        """A partner answers, and perhaps agrees to a reveal: what is shown changes when both have, or never."""
        answers = {code: "no" if refused and place % refused == 0 else "yes" for place, code in enumerate(CODES)}
        done(self.says(which, "answers", caller, answers=answers), 200)
        sheet = self.truth.menus.sheets[-1][which]
        sheet.answers = answers
        is_shown = self.was_shown()
        if agrees:
            done(self.says(which, "agreements", caller), 200)
            sheet.agrees = True
            is_shown |= self.was_shown()
        self.unseen("ab", but=f"overlaps {len(self.truth.menus.bodies) - 1}" if is_shown else "")

    def was_shown(self) -> bool:
        """Whether something may be shown from now on that was not before."""
        return self.truth.menus.reveal_if_both_agree(self.now, is_safe=not self.truth.unmet_of_menu(self.now))

    @precondition(lambda self: self.truth.menus.bodies)
    @rule(which=WHICH, caller=CALLERS)
    def take_menu_back(self, which: str, caller: str) -> None:
        """A partner takes back what was said to any menu; what is shown goes away later."""
        done(self.says(which, "withdrawals", caller), 200)
        self.truth.menus.take_back(which, self.now)
        self.unseen("ab")

    @precondition(lambda self: len(self.truth.menus.bodies) > 1)
    @rule(which=WHICH)
    def answer_an_old_menu(self, which: str) -> None:
        """Nobody answers what has been replaced."""
        before = self.changes()
        refused = self.says(which, "answers", "therapist", menu=0, answers={CODES[0]: "yes"})
        self.refused(refused, 409, "menu_replaced", before)

    def says(self, which: str, noun: str, caller: str, *, menu: int = -1, **body: Any) -> Any:
        """One partner alone before a menu."""
        partner_id = self.pair.a if which == "a" else self.pair.b
        return self.callers[caller].post(f"{self.menu_path(menu)}/partners/{partner_id}/{noun}", json=body or None)
