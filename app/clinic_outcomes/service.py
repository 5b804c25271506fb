"""A clinic's figures from those kept of its couples: what moved, for whom, how long it took, and nobody to be found in it."""

from datetime import timedelta
from itertools import product
from typing import Final, get_args

from sqlalchemy import true

from app.access.permissions import MACHINE
from app.access.work import Work
from app.caseload.following import Bounds, follow
from app.clinic_outcomes.counts import Unit, count_adherence, count_care, count_reasons, count_series, count_times
from app.clinic_outcomes.figures import adherence_figures, couples_told, drop_out_figures, measure_figures, time_figures
from app.clinic_outcomes.groups import MARGINS, Gate
from app.clinic_outcomes.schemas import By, ClinicOutcomesRead
from app.clinical.domains import DOMAINS
from app.ledger.service import log_aggregate

# More than a caseload's page takes on: shares that lack half of a batch just recorded are worse than a second's wait.
CATCHING_UP: Final = Bounds(events=5_000, couples=60)


def read_clinic_outcomes(work: Work, by: By | None) -> ClinicOutcomesRead:
    """Figures of all couples of a clinic, by concern and by protocol, or along the one axis asked for.

    Who asks may reach no couple at all: what is read for them are sums, outside the safety compartment.
    """
    log_aggregate(work.session, "clinic_outcomes")
    gate = Gate(work.settings.clinic_fewest_couples, MARGINS if by is None else (by,))
    with work.session.reaching(MACHINE):
        up_to_date = follow(work, CATCHING_UP, true()) is True
        series, reasons = count_series(work), count_reasons(work)
        care, close_reasons = count_care(work, (work.now - timedelta(weeks=work.settings.drop_out_silent_weeks)).date())
        adherence, tenths = count_adherence(work)
        times = {(domain, unit): count_times(work, domain, unit) for domain, unit in product(DOMAINS, get_args(Unit))}
    return ClinicOutcomesRead(
        as_of=work.now,
        up_to_date=up_to_date,
        minimum=gate.minimum,
        couples=couples_told(gate, care),
        measures=[
            figures
            for place, cells in sorted(series.items())
            for figures in measure_figures(gate, place, cells, reasons.get(place, {}))
        ],
        time_to_first_improvement=[
            figures for (domain, unit), cells in times.items() for figures in time_figures(gate, domain, unit, cells)
        ],
        drop_out=drop_out_figures(gate, care, close_reasons),
        drop_out_reasons=list(work.settings.drop_out_reasons),
        silent_weeks=work.settings.drop_out_silent_weeks,
        adherence=adherence_figures(gate, adherence, tenths),
        withheld=list(gate.withheld.values()),
    )
