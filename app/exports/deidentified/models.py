"""The cohort of a clinic's de-identified exports, as it was last settled."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, IdentifiedRow


class DeidentifiedCohort(IdentifiedRow, Base):
    """One a clinic. `kept` is sealed: who is in it tells who agreed to share data, which is the care team's alone to know."""

    __tablename__ = "deidentified_cohort"

    settled_at: Mapped[datetime]
    kept: Mapped[bytes] = mapped_column(LargeBinary)
