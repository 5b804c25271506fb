"""Columns by which rows of the tables join, spelled once."""

from typing import Final

from app.exports.columns import Column, Type

COUPLE_ID: Final = Column("couple_id", Type.ID, "The couple.", prefix="cpl", refers=("couples", "couple_id"))
PARTNER_ID: Final = Column("partner_id", Type.ID, "Whose it is.", prefix="prt", refers=("partners", "partner_id"))
PLAN_ID: Final = Column("plan_id", Type.ID, "The homework plan.", prefix="pln", refers=("plans", "plan_id"))
SLOT: Final = Column("slot", Type.CODE, "Which of the two partners it is.", categories=("a", "b"))
MEASURE: Final = Column("measure", Type.CODE, "The measure.", vocabulary="measures")
ASSIGNMENT_ID: Final = Column(
    "assignment_id", Type.ID, "The assignment.", prefix="asg", refers=("assignments", "assignment_id")
)
ADMINISTRATION_ID: Final = Column(
    "administration_id", Type.ID, "The administration.", prefix="adm", refers=("administrations", "administration_id")
)
