"""Use cases of writing: one response created or changed, and Bundles of them."""

from app.access.smart import categories
from app.access.work import Work
from app.errors import NotAllowedError
from app.fhir.routes import Answer, Call
from app.fhir.searching import check_scope, drawing_for, resource_of
from app.fhir.writing import answering
from app.fhir.writing.bundles import read_bundle
from app.fhir.writing.reading import TYPE
from app.fhir.writing.recording import Sent, read_all, record


def create(work: Work, call: Call) -> Answer:
    """Stores a response. Raises what reading, conditions and the record refuse it with."""
    resource_of(call.path["type"], "create")
    check_scope(work, TYPE, "c")
    return _alone(work, call, Sent(TYPE, call.resource(), if_none_exist=call.headers.get("if-none-exist")))


def update(work: Work, call: Call) -> Answer:
    """Stores a correction of a response. Raises what reading, conditions and the record refuse it with."""
    resource_of(call.path["type"], "update")
    check_scope(work, TYPE, "u")
    sent = Sent(TYPE, call.resource(), changes=call.path["id"], if_match=call.headers.get("if-match"))
    return _alone(work, call, sent)


def _alone(work: Work, call: Call, sent: Sent) -> Answer:
    drawing = drawing_for(work)
    read_all([sent], drawing.base)
    record(drawing, [sent], together=True)
    return answering.answer(
        drawing, sent, answering.drawn(drawing, [sent])[0], answering.preferred(call.preferences, "representation")
    )


def bundle(work: Work, call: Call) -> Answer:
    """Stores what a Bundle holds: all or nothing, or each entry by itself. Raises what reading it and its entries raise."""
    if all(categories(work.actor.smart, TYPE, letter) == frozenset() for letter in "cu"):
        raise NotAllowedError
    drawing = drawing_for(work)
    is_transaction, sent = read_bundle(call.resource(), drawing.base)
    for one in sent:
        if categories(work.actor.smart, TYPE, one.letter) == frozenset():
            one.refused = NotAllowedError()
    read_all(sent, drawing.base)
    record(drawing, sent, together=is_transaction)
    found = answering.drawn(drawing, sent)
    preference = answering.preferred(call.preferences, "minimal")
    entries = [answering.entry(drawing, one, found.get(place), preference) for place, one in enumerate(sent)]
    answered = {"resourceType": "Bundle", "type": f"{'transaction' if is_transaction else 'batch'}-response"}
    return Answer(answered | ({"entry": entries} if entries else {}))
