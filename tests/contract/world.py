"""A full record of one couple, built through the API, with the ids that calls need."""

from tests.conftest import Caller, Clinic


class World:
    """One therapist's couple with everything an operation may ask for."""

    def __init__(self, clinic: Clinic, therapist: Caller) -> None:
        self.clinic = clinic
        self.therapist = therapist
        self.ids: dict[str, str] = {"name": "concerns"}
        self._open()

    def _post(self, path: str, body: object = None) -> dict[str, object]:
        found = self.therapist.post(path, json=body)
        assert found.status_code in {200, 201}, found.text
        answer: dict[str, object] = found.json()
        return answer

    def _open(self) -> None:
        couple = self.therapist.post(
            "/v1/couples", json={"partner_a": {"record_number": "world-a"}, "partner_b": {"record_number": "world-b"}}
        ).json()
        self._keep(couple_id=couple["id"], partner_id=couple["partners"][0]["id"])

    def _keep(self, **ids: str) -> None:
        for name, value in ids.items():
            self.ids[name] = value
            self.ids[value[:3]] = value

    def prepare(self, operation: str) -> None:
        """Brings the record to where an operation's example holds."""
