"""Columns by which rows of different tables find each other, the same wherever they stand."""

from typing import Final

from app.exports.columns import Column, Missing, Type

COUPLE_ID: Final = Column("couple_id", Type.ID, "Couple.", prefix="cpl", refers=("couples", "couple_id"))
PARTNER_ID: Final = Column("partner_id", Type.ID, "Partner.", prefix="prt", refers=("partners", "partner_id"))
EPISODE_ID: Final = Column("episode_id", Type.ID, "Episode of care.", prefix="epi", refers=("episodes", "episode_id"))
CONCERN_ID: Final = Column("concern_id", Type.ID, "Concern.", prefix="con", refers=("concerns", "concern_id"))
PLAN_ID: Final = Column("plan_id", Type.ID, "Homework plan.", prefix="pln", refers=("plans", "plan_id"))
ASSIGNMENT_ID: Final = Column("assignment_id", Type.ID, "Assignment.", prefix="asg", refers=("assignments", "assignment_id"))
ADMINISTRATION_ID: Final = Column(
    "administration_id", Type.ID, "Administration.", prefix="adm", refers=("administrations", "administration_id")
)
MEASURE: Final = Column("measure", Type.CODE, "Measure.", vocabulary="measures")
EPISODE_ID_IF_ANY: Final = Column(
    "episode_id",
    Type.ID,
    "Episode of care it belongs to, if to one.",
    (Missing.NOT_APPLICABLE,),
    prefix="epi",
    refers=("episodes", "episode_id"),
)
SLOT: Final = Column("slot", Type.CODE, "Which of the two partners it is.", categories=("a", "b"))
