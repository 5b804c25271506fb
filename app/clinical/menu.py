"""The menu of yes, no and maybe: what two people may like to do together, in words that fit any body.

The list is ours and free to use; nobody has tested it. It is a way into talk, never a measure, and is never scored.
"""

from dataclasses import dataclass
from typing import Final, Literal

Group = Literal["affectionate", "sensual", "erotic", "talk"]
Reply = Literal["yes", "maybe", "no"]

MENU_VERSION: Final = "1"
OPEN_TO: Final[frozenset[Reply]] = frozenset({"yes", "maybe"})


@dataclass(frozen=True)
class MenuItem:
    """One thing on the menu; its code stays the same whenever its words are improved."""

    code: str
    group: Group
    text: str


MENU: Final = (
    MenuItem("long_hug", "affectionate", "A long hug with nothing to follow."),
    MenuItem("hold_hands", "affectionate", "Holding hands on a walk."),
    MenuItem("hello_kiss", "affectionate", "A kiss when we meet and when we part."),
    MenuItem("sofa_close", "affectionate", "Sitting close together in the evening."),
    MenuItem("hair_touch", "affectionate", "Touching or stroking the other's hair or head."),
    MenuItem("fall_asleep_close", "affectionate", "Falling asleep close together."),
    MenuItem("slow_dance", "affectionate", "Dancing slowly at home."),
    MenuItem("back_rub_dressed", "affectionate", "Rubbing each other's back with clothes on."),
    MenuItem("bath_together", "sensual", "Taking a bath or a shower together."),
    MenuItem("massage_oil", "sensual", "A massage with oil or lotion."),
    MenuItem("feet_hands", "sensual", "Massaging each other's feet or hands."),
    MenuItem("skin_on_skin", "sensual", "Lying skin on skin without going further."),
    MenuItem("long_kissing", "sensual", "Kissing for a long time, for its own sake."),
    MenuItem("undress_other", "sensual", "Undressing each other slowly."),
    MenuItem("blindfold_touch", "sensual", "Being touched with eyes closed or covered."),
    MenuItem("textures", "sensual", "Trying how different textures feel on the skin."),
    MenuItem("music_light", "sensual", "Making a mood with music, light or scent."),
    MenuItem("touch_myself_near", "erotic", "Touching oneself while the other is close."),
    MenuItem("touch_by_hand", "erotic", "Giving or receiving intimate touch by hand."),
    MenuItem("touch_by_mouth", "erotic", "Giving or receiving intimate touch by mouth."),
    MenuItem("show_me_how", "erotic", "Showing each other how one likes to be touched."),
    MenuItem("toys", "erotic", "Using a toy together."),
    MenuItem("another_place", "erotic", "Being intimate in another room or place of our own."),
    MenuItem("another_time", "erotic", "Being intimate at another time of day."),
    MenuItem("lead_follow", "erotic", "One leads and one follows, then the other way round."),
    MenuItem("role_play", "erotic", "Playing with roles or dressing up."),
    MenuItem("read_erotica", "erotic", "Reading or listening to something erotic together."),
    MenuItem("say_likes", "talk", "Telling each other one thing that felt good."),
    MenuItem("share_fantasy", "talk", "Telling each other a fantasy that may stay one."),
    MenuItem("good_memory", "talk", "Remembering a time that was good for both."),
    MenuItem("write_note", "talk", "Writing each other a loving or a daring note."),
    MenuItem("own_words", "talk", "Finding words for the body that both of us like."),
)
MENU_BY_CODE: Final = {item.code: item for item in MENU}
