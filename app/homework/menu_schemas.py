"""The wire shapes of the menu of yes, no and maybe; none of them carries an answer out."""

from typing import Annotated

from pydantic import Field

from app.clinical.menu import Reply
from app.core.ids import MenuId, PartnerId
from app.core.schemas import Code, Fingerprinted, Flag, Moment, Schema

OwnItem = Annotated[str, Field(min_length=1, max_length=200, strict=True, pattern=r"\w")]


class MenuCreate(Schema):
    """A menu to answer alone; it takes the place of the one before."""

    own_items: list[OwnItem] = Field(
        default=[],
        max_length=12,
        description="What to add to the list for this couple. Nothing tells who asked for it; word it as for both.",
        examples=[["Cooking together and eating by candlelight."]],
    )


class MenuItemRead(Schema):
    """One thing on the menu."""

    code: str = Field(description="Its code; `own_1` and so on are the couple's own.", examples=["long_hug"])
    group: str = Field(description="`affectionate`, `sensual`, `erotic`, `talk` or `own`.", examples=["affectionate"])
    text: str = Field(description="The words to show.", examples=["A long hug with nothing to follow."])


class MenuRead(Fingerprinted):
    """A menu: what to answer, and nothing of what was answered."""

    id: MenuId
    menu_version: str = Field(description="Version of the list.", examples=["1"])
    opened_at: Moment = Field(description="When it was opened.")
    items: list[MenuItemRead] = Field(description="Everything on it, the couple's own last.")


class MenuAnswers(Schema):
    """One partner's answers, all at once; what is left out is open. They take the place of earlier ones."""

    answers: dict[Code, Reply] = Field(
        max_length=100,
        description="`yes`, `maybe` or `no` by item code. Empty takes the list back.",
        examples=[{"long_hug": "yes", "massage_oil": "maybe", "role_play": "no"}],
    )


class MenuReceipt(Schema):
    """It arrived. The answer is the same whatever stood before, and whatever it led to."""

    menu_id: MenuId
    partner_id: PartnerId
    received_at: Moment = Field(description="When it arrived.")


class OverlapsRead(Fingerprinted):
    """Some of what both partners answered with yes or maybe; what is missing may be missing by chance."""

    status: str = Field(description="`shown`, or `not_yet` for every other reason, all alike.", examples=["not_yet"])
    items: list[MenuItemRead] = Field(description="What is shown, at most five; empty until then.")


class PartnerMenuStanding(Schema):
    """How far one partner is."""

    partner_id: PartnerId
    has_answered: Flag = Field(description="Whether answers were sent.", examples=[True])
    agrees: Flag = Field(description="Whether this partner agrees to the next reveal.", examples=[False])


class MenuStanding(Fingerprinted):
    """How far a menu is, for the care team alone; never an answer."""

    menu_id: MenuId
    partners: list[PartnerMenuStanding] = Field(description="Both partners, A first.")
    waits_for: list[str] = Field(description="Conditions of safety still unmet, as at a plan's gate.", examples=[[]])
    revealed_at: Moment | None = Field(description="When something was last revealed from any menu of the couple.")
    next_reveal_from: Moment | None = Field(description="When the next reveal may be; null when at any time.")
