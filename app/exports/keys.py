"""Columns by which rows of different tables find each other, the same wherever they stand."""

from typing import Final

from app.exports.columns import Column, Missing, Type

COUPLE: Final = Column("couple_id", Type.ID, "Couple.", prefix="cpl", refers=("couples", "couple_id"))
PARTNER: Final = Column("partner_id", Type.ID, "Partner.", prefix="prt", refers=("partners", "partner_id"))
EPISODE: Final = Column("episode_id", Type.ID, "Episode of care.", prefix="epi", refers=("episodes", "episode_id"))
CONCERN: Final = Column("concern_id", Type.ID, "Concern.", prefix="con", refers=("concerns", "concern_id"))
PLAN: Final = Column("plan_id", Type.ID, "Homework plan.", prefix="pln", refers=("plans", "plan_id"))
ASSIGNMENT: Final = Column("assignment_id", Type.ID, "Assignment.", prefix="asg", refers=("assignments", "assignment_id"))
ADMINISTRATION: Final = Column(
    "administration_id", Type.ID, "Administration.", prefix="adm", refers=("administrations", "administration_id")
)
MEASURE: Final = Column("measure", Type.CODE, "Measure.", vocabulary="measures")
EPISODE_IF_ANY: Final = Column(
    "episode_id",
    Type.ID,
    "Episode of care it belongs to, if to one.",
    (Missing.NOT_APPLICABLE,),
    prefix="epi",
    refers=("episodes", "episode_id"),
)
