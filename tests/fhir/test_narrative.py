"""The text of a resource for a person."""

from xml.etree import ElementTree as ET

from app.fhir.narrative import narrative


def test_a_narrative_is_xhtml_whatever_a_title_holds() -> None:
    """A clinic gives its own protocols their titles."""
    told = narrative(["Touch & rest", "<script>alert(1)</script>", 'He said "]]>"'])
    found = ET.fromstring(told["div"])  # noqa: S314 - what we wrote ourselves
    assert [one.text for one in found] == ["Touch & rest", "<script>alert(1)</script>", 'He said "]]>"']
    assert (told["status"], found.tag) == ("generated", "{http://www.w3.org/1999/xhtml}div")
