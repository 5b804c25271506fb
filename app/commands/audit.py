"""The trail of who did what: show that nothing of it was changed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Final

import typer

from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.ids import encode
from app.core.signing import Purpose, public_keys
from app.desk import AgainstOption, ClinicOption, clinic_named, settings_from_environment, told
from app.ledger.checkpoints import newest_checkpoint, verifier_key
from app.ledger.service import chore_at_work
from app.ledger.verification import Finding, Verified, verify_ledger
from app.main import SIGNED, create_runtime

COMMANDS = typer.Typer(no_args_is_help=True, help=__doc__)
NOT_WHOLE: Final = 3


@COMMANDS.command("verify")
def verify(against: AgainstOption = [], clinic: ClinicOption = None) -> None:  # noqa: B006 - typer copies it
    """Recompute the trail from its rows; exit code 0 when it is whole, 3 when it is not, 1 when that cannot be told."""
    settings = settings_from_environment()
    with told():
        clinic_id, runtime = clinic_named(settings, clinic), create_runtime(settings)
        given = [file.read_text(encoding="utf-8") for file in against]

        @contextmanager
        def record() -> Iterator[tuple[RecordSession, Vault]]:
            with chore_at_work(runtime, clinic_id, "verify_ledger") as (session, vault, _now):
                yield session, vault

        with closing(runtime.database), closing(runtime.cache):
            found = verify_ledger(record, clinic_id, given)
            altered = []
            for name, verify_signed in SIGNED.items():
                with record() as (session, vault):
                    altered += [f"{name}: {one}" for one in verify_signed(session, vault).altered]
    typer.echo(_sentence(found, len(given)))
    if found.finding is not None:
        typer.echo(_told(found.finding), err=True)
    for one in altered:
        typer.echo(f"{one} is not what was signed", err=True)
    raise typer.Exit(NOT_WHOLE if found.finding or altered else 0)


@COMMANDS.command("checkpoint")
def checkpoint(
    key: Annotated[bool, typer.Option("--key", help="Print the public keys it is verified with instead.")] = False,
    clinic: ClinicOption = None,
) -> None:
    """Print the newest signed checkpoint, to be kept where nobody who can change the record can change it."""
    settings = settings_from_environment()
    with told():
        clinic_id, runtime = clinic_named(settings, clinic), create_runtime(settings)
        with (
            closing(runtime.database),
            closing(runtime.cache),
            chore_at_work(runtime, clinic_id, "print_checkpoint") as (session, _vault, _now),
        ):
            newest = newest_checkpoint(session)
            keys = [verifier_key(clinic_id, public) for public in public_keys(session, Purpose.CHECKPOINT).values()]
        if newest is None:
            raise ValueError("nothing is sealed yet: run `rekindle worker --once`")
    typer.echo("\n".join(keys) + "\n" if key else newest.note, nl=False)


def _sentence(found: Verified, given: int) -> str:
    told = f"{found.size} sealed events, {found.unsealed} not sealed yet; {found.checkpoints} checkpoints kept, {given} given"
    erased = f"; {found.erased} events of erased couples" if found.erased else ""
    return f"{told}{erased}; root {found.root.hex()}: {'NOT whole' if found.finding else 'whole'}"


def _told(finding: Finding) -> str:
    where = f"leaf {finding.number}" if finding.until is None else f"a leaf from {finding.number} to {finding.until}"
    event = f", event {encode('evt', finding.event_id)}" if finding.event_id else ""
    return f"{finding.wrong} at {where}{event}: {finding.sentence}"
