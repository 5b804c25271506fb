"""The demo's FHIR client: software known by its key, which lies in the demo's folder, and a line that reads with it."""

import json
import os
import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from joserfc.jwk import ECKey
from sqlalchemy import select

from app.access import clients, keys
from app.access import service as access
from app.access.models import Integration, OAuthClient
from app.core.database import RecordSession
from app.core.outbound import Outbound

NAME: Final = "demo-fhir"
SCOPES: Final = ("system/*.rs", "system/QuestionnaireResponse.cu")
SCRIPT: Final = Path(__file__).parents[2] / "docs" / "integrators" / "fhir_bundle.py"


@dataclass(frozen=True)
class FhirClient:
    """Under which id the service knows it, and where its private key lies."""

    id: str
    key_file: Path


def fhir_client(session: RecordSession, folder: Path, now: datetime) -> FhirClient:
    """The client that was made on an earlier start, or a new one with new keys."""
    key_file = folder / "keys" / "fhir-client.json"
    integration = session.scalars(select(Integration).where(Integration.name == NAME)).one_or_none()
    if integration is None:
        integration = access.add_integration(session, NAME, set(SCOPES), now)
    of_it = select(OAuthClient).where(OAuthClient.integration_id == integration.id, OAuthClient.revoked_at.is_(None))
    client = session.scalars(of_it).first()
    if client is None or not key_file.exists():
        key = ECKey.generate_key("P-384", {"kid": str(uuid4()), "use": "sig", "alg": "ES384"})
        with os.fdopen(os.open(key_file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            json.dump(key.as_dict(private=True), file)
        public = {"keys": [key.as_dict(private=False)]}
        way_out = Outbound()
        client = clients.register_client(session, integration.id, jwks=public, jwks_url=None, outbound=way_out, now=now)
    return FhirClient(keys.client_id(client.clinic_id, client.id), key_file)


def told_of(client: FhirClient, base: str) -> str:
    """What a newcomer is told of it: the client, and the line that fetches a token and a Bundle."""
    words = [sys.executable, str(SCRIPT), "--client-id", client.id, "--key", str(client.key_file), "--base-url", base]
    said = f"""\
FHIR client        {client.id} (SMART Backend Services, ES384), its private key in {client.key_file}
                   {" ".join(SCOPES)}; the rest of it says {base}/fhir/metadata
"""
    # the documentation is not part of an installed package
    return said + (shlex.join([*words, "Patient?_count=2"]) + "\n" if SCRIPT.exists() else "")
