"""What is refused of a resource that is written, named for what happened."""

from app.errors import ConflictError, Fault, InvalidError, MalformedError, RekindleError, StaleVersionError
from app.fhir.rules import InteractionUnknownError


class ResourceMalformedError(MalformedError):
    """The body is no resource of the type that is written, or says what cannot be kept."""

    code = "fhir_resource_malformed"
    detail = "This is not a resource as R4 has it, or it says what cannot be kept here; each issue names the place."


class ResponseInvalidError(InvalidError):
    """A QuestionnaireResponse that is R4 and cannot become an administration."""

    code = "fhir_response_invalid"
    detail = "This response cannot be kept; each issue names the place. Nothing was stored."


class IdForeignError(InteractionUnknownError):
    """A change of a resource that is not there: clients do not choose ids."""

    code = "fhir_id_not_chosen"
    detail = "There is no such response to change, and ids are given by this service: create one with POST."


class IdDiffersError(MalformedError):
    """The id in the resource is not the one in the address."""

    code = "fhir_id_differs"
    detail = "The id in the resource has to be the one in the address."


class VersionMissingError(MalformedError):
    """A change that could overwrite somebody else's."""

    code = "fhir_if_match_required"
    detail = 'Say which version you change, with `If-Match: W/"1"`: the ETag it was read with.'


class ConditionUnknownError(MalformedError):
    """A condition of a create that cannot be asked."""

    code = "fhir_condition_unknown"
    detail = (
        "A create is conditional on one criterion: `identifier=system|value`, with the identifier of the resource itself among"
        " those it names, so that sent again it is found."
    )


class SeveralMatchError(StaleVersionError):
    """More than one resource meets the condition of a create."""

    code = "fhir_several_match"
    detail = "Several responses have one of these identifiers, so nothing was stored."


class BundleMalformedError(MalformedError):
    """The body is no Bundle that can be done."""

    code = "fhir_bundle_malformed"
    detail = "This is not a transaction or batch of QuestionnaireResponses; each issue names the place."


class EntryTwiceError(ConflictError):
    """Two entries of one transaction are of one response."""

    code = "fhir_entry_twice"
    detail = "Two entries of the Bundle are of the same response."


STRUCTURAL = frozenset({"unknown_field", "wrong_type", "wrong_form", "not_kept", "too_long", "too_many"})


def refusal_of(faults: tuple[Fault, ...]) -> RekindleError:
    """The error of what is wrong with a resource: 400 for what is not R4 or cannot be kept, else 422."""
    is_structural = any(fault.code in STRUCTURAL for fault in faults)
    return (ResourceMalformedError if is_structural else ResponseInvalidError)(faults=faults)
