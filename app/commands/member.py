"""Members of a clinic."""

import sys
from typing import Annotated

import typer

from app.access import identities
from app.access import service as access
from app.access.departures import Departure, depart
from app.access.permissions import Role
from app.core.clock import now
from app.core.ids import decode, encode
from app.desk import ClinicOption, at_desk, clinic_named, key_environment, settings_from_environment, told

COMMANDS = typer.Typer(no_args_is_help=True, help=__doc__)


@COMMANDS.command("add")
def add_member(
    login: Annotated[str, typer.Argument(help="How the clinic knows the member.")],
    role: Annotated[Role, typer.Option(help="What the member is.")],
    competence: Annotated[str, typer.Option(help="PLISSIT level attested for the member: P, LI, SS or IT.")] = "P",
    clinic: ClinicOption = None,
) -> None:
    """Add a member and print their id and a key that lives 90 days; the key is shown this once."""
    settings = settings_from_environment()
    with told():
        if competence not in access.PLISSIT:
            raise ValueError("competence is one of " + ", ".join(access.PLISSIT))
        with at_desk(settings, clinic_named(settings, clinic), "add_member") as (session, _vault):
            member = access.add_member(session, login, role, competence, now())
            key = access.issue_key(session, member, key_environment(settings), now())
    typer.echo(f"{encode('mem', member.id)}\n{key}")


@COMMANDS.command("end")
def end_member(
    member: Annotated[str, typer.Argument(help="Who leaves, `mem_...`.")],
    hand_to: Annotated[str | None, typer.Option(help="Therapist who takes over every couple not named apart.")] = None,
    handover: Annotated[
        list[str] | None, typer.Option(help="A couple and who takes it over: `cpl_...=mem_...`; repeat.")
    ] = None,
    clinic: ClinicOption = None,
) -> None:
    """End a member: seats, keys and sign-ins end and every couple is handed over, all at once or not at all."""
    settings = settings_from_environment()
    with told():
        pairs = [pair.partition("=") for pair in handover or ()]
        departure = Departure(
            member_id=decode("mem", member),
            by=None,
            handed_to=None if hand_to is None else decode("mem", hand_to),
            handovers={decode("cpl", couple): decode("mem", taker) for couple, _, taker in pairs},
        )
        with at_desk(settings, clinic_named(settings, clinic), "end_member") as (session, _vault):
            done = depart(session, departure, now())
    typer.echo(
        f"{member} has left: {done.credentials_ended} keys, {done.sign_ins_ended} sign-ins and {done.seats_ended} seats ended."
    )
    for one in done.handed_over:
        typer.echo(f"{encode('cpl', one.couple_id)} is now with {encode('mem', one.member_id)}.")


@COMMANDS.command("password")
def set_password(
    login: Annotated[str, typer.Argument(help="How the clinic knows the member.")], clinic: ClinicOption = None
) -> None:
    """Set a member's password, read from the terminal or from the first line of standard input; their sign-ins end."""
    settings = settings_from_environment()
    with told():
        clinic_id = clinic_named(settings, clinic)
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if sys.stdin.isatty() else _first_line()
        with at_desk(settings, clinic_id, "set_password") as (session, _vault):
            access.set_password(session, login, password, now())
    typer.echo(f"{login} can sign in.")


@COMMANDS.command("identity")
def bind_identity(
    login: Annotated[str, typer.Argument(help="How the clinic knows the member.")],
    issuer: Annotated[str, typer.Option(help="`iss` of the provider, letter by letter.")],
    subject: Annotated[str, typer.Option(help="What the provider calls the member for ever, its `sub`.")],
    clinic: ClinicOption = None,
) -> None:
    """Let whom a provider names sign in as a member."""
    settings = settings_from_environment()
    with told(), at_desk(settings, clinic_named(settings, clinic), "bind_identity") as (session, _vault):
        identities.bind(session, access.member_of(session, login).id, issuer, subject, now())
    typer.echo(f"{login} can sign in through {issuer}.")


def _first_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
