"""fhirkit: structure, cardinality, types and unknown elements by R4."""

import fhirkit
from saying import crawled, tell_faults, trying

with trying("a planted fault is found") as tried:
    assert fhirkit.validate({"resourceType": "Patient", "couple": 1})

with trying("every resource validates") as tried:
    everything = [one for lines in crawled().values() for one in lines]
    faults = {f"{one['resourceType']}/{one['id']}": [str(fault) for fault in fhirkit.validate(one)] for one in everything}
    tried.figures = tell_faults({name: told for name, told in faults.items() if told}, len(everything))
