"""How the databases find what a clinic's figures are counted from."""

from itertools import product
from typing import Any

from sqlalchemy import event, text

from app.access.permissions import MACHINE
from app.access.work import Work
from app.clinic_outcomes.counts import count_adherence, count_care, count_reasons, count_series, count_times
from app.clinical.domains import DOMAINS
from tests.caseload.kept import Course, Kept, keep
from tests.conftest import Clinic

COURSES = (Course(12, 30, "improved"), Course(20, 21, "unchanged"))


def sent(work: Work) -> list[tuple[str, Any]]:
    """Every statement that counts a clinic, with its values."""
    found: list[tuple[str, Any]] = []

    def heard(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        found.append((statement, parameters))

    connection = work.session.connection()
    event.listen(connection, "before_cursor_execute", heard)
    count_series(work)
    count_reasons(work)
    count_care(work, work.now.date())
    count_adherence(work)
    for domain, unit in product(DOMAINS, ("weeks", "visits")):
        count_times(work, domain, unit)  # type: ignore[arg-type]  # a product forgets that these are literal
    event.remove(connection, "before_cursor_execute", heard)
    return found


def test_everything_is_counted_by_indexes_that_begin_with_the_clinic(clinic: Clinic, engine_name: str) -> None:
    keep(clinic, [Kept("desire_discrepancy", f"p{number % 5}", COURSES) for number in range(400)])
    nobody: Any = None
    with clinic.at_desk() as (session, vault), session.reaching(MACHINE):
        work = Work(session, nobody, vault, clinic.clock(), clinic.settings)
        connection = session.connection()
        explain = "EXPLAIN QUERY PLAN "
        if engine_name == "postgresql":
            explain = "EXPLAIN "
            # So small a table would be read whole; whether an index or the rows it leads to are read is PostgreSQL's to choose.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        statements = sent(work)
        assert len(statements) == 9
        for statement, parameters in statements:
            plan = str(connection.exec_driver_sql(explain + statement, parameters).all())
            if engine_name == "sqlite":
                assert "USING COVERING INDEX ix_" in plan
                assert "(clinic_id=?" in plan
            else:
                assert "Seq Scan" not in plan
                assert "Index Cond: ((clinic_id = " in plan or "Index Cond: (clinic_id = " in plan
