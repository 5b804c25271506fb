"""What FHIR refuses, named for what happened."""

from app.errors import ConflictError, FormatUnavailableError, MalformedError, NotFoundError, UnsupportedError


class ResourceUnknownError(NotFoundError):
    """There is no such resource type here."""

    code = "fhir_type_unknown"
    detail = "There is no such resource type here; /fhir/metadata says which there are."


class AddressUnknownError(NotFoundError):
    """There is nothing at this address under `/fhir`, for nobody."""

    code = "fhir_address_unknown"
    detail = "There is no such address here; /fhir/metadata says what there is."


class InteractionUnknownError(UnsupportedError):
    """The resource type does not have this interaction."""

    code = "fhir_interaction_unknown"
    detail = "This cannot be done with this resource type here; /fhir/metadata says what can."


class SearchUnknownError(MalformedError):
    """A filter that this resource type does not have; a filter that is passed over would answer more than was asked for."""

    code = "fhir_search_unknown"
    detail = "This resource type has no such search parameter or modifier; /fhir/metadata says which it has."


class SearchValueError(MalformedError):
    """A search parameter has a value of another kind."""

    code = "fhir_search_value_invalid"
    detail = "A search parameter has a value that is not of its kind."


class PageUnknownError(MalformedError):
    """A page that is not one of this search."""

    code = "fhir_page_invalid"
    detail = "This page link is broken, or the client's scopes have changed since. Search again."


class IncludesTooManyError(ConflictError):
    """What was to be included is more than one answer holds."""

    code = "fhir_includes_too_many"
    detail = "More resources were to be included than one answer holds. Ask for fewer with `_count`, or search for them alone."


class SearchTooLongError(MalformedError):
    """A search that says more than one can say."""

    code = "fhir_search_too_long"
    detail = "A search holds 100 parameters, 200 values of each, and 4,000 characters at most. Ask in several."


class FormatUnknownError(FormatUnavailableError):
    """Another format than JSON was asked for."""

    code = "fhir_format_unknown"
    detail = "FHIR is answered as JSON here: application/fhir+json."
