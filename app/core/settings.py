"""The settings of one running service, read from `REKINDLE_*` environment variables."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.clinical.topics import LEADING_PAST, TOPICS

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Provider(BaseModel):
    """An OpenID Connect provider that signs members in, as the operator knows it; nothing a token says changes any of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="What requests call it.")
    issuer: str = Field(pattern=r"^https?://[!-~]+$", description="`iss` of its tokens, letter by letter.")
    client_id: str = Field(min_length=1, description="What the provider calls this service; `aud` of its tokens.")
    client_secret: SecretStr | None = Field(default=None, description="Shown to its token endpoint, if it wants one.")
    redirect_uris: tuple[str, ...] = Field(
        min_length=1, description="Where it may send members back to; the first if not told."
    )
    authorization_endpoint: str | None = Field(default=None, description="Discovered unless told.")
    token_endpoint: str | None = Field(default=None, description="Discovered unless told.")
    jwks_uri: str | None = Field(default=None, description="Discovered unless told.")
    hosts: tuple[str, ...] = Field(default=(), description="Hosts beside the issuer's that discovery may name.")
    algorithms: tuple[str, ...] = Field(default=("RS256",), min_length=1, description="How its tokens are signed.")
    scope: str = Field(default="openid", pattern=r"^openid( [!-~]+)*$", description="What it is asked for.")
    subject_claim: str = Field(default="sub", description="The claim that names the member, the same for ever.")
    mfa_amr: tuple[str, ...] = Field(default=("mfa",), description="Any of these in `amr` is a strong sign-in.")
    mfa_acr: tuple[str, ...] = Field(default=(), description="Any of these as `acr` is a strong sign-in.")
    clinics: tuple[str, ...] | None = Field(default=None, description="Clinics it signs in to, by id; unless told, every one.")


class Settings(BaseSettings):
    """Where the record lives, who may reach it and how much it takes on; refuses combinations that would expose it."""

    model_config = SettingsConfigDict(env_prefix="REKINDLE_", extra="forbid", frozen=True)

    environment: Literal["demo", "production"] = Field(
        default="production", description="`demo` marks synthetic data and puts `demo` in the tokens it issues."
    )
    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///var/rekindle.db"),
        description="Address of the record: `sqlite:///file`, or `postgresql+psycopg://...` of the service role.",
    )
    owner_database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL address of the role that owns the tables; `migrate` uses it, `serve` never.",
    )
    service_role: str = Field(
        default="rekindle_service",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="PostgreSQL role that `migrate` grants the service's rights to.",
    )
    key_file: Path = Field(
        default=Path("keys/rekindle.key"),
        description="File with the clinic's key-encryption keys (mode 0600, in another folder than the database).",
    )
    key_service: str = Field(
        default="file",
        pattern=r"^[a-z]+(:[!-~]+)?$",
        description="Who wraps the clinics' keys: `file` (REKINDLE_KEY_FILE), `vault:https://host:8200/transit/name` or "
        "`aws:region/key`.",
    )
    key_service_seconds: float = Field(default=3, gt=0, le=60, description="Longest wait for the key service.")
    key_service_token_file: Path | None = Field(
        default=None,
        description="Vault: file with the token, as its agent keeps it (mode 0600). Default: the variable VAULT_TOKEN.",
    )
    key_store_url: SecretStr | None = Field(
        default=None,
        description="Address of the store of wrapped data keys. Default: on SQLite a file in the folder `store` beside the key "
        "file; on PostgreSQL the schema `rekindle_keys` of the record's database.",
    )
    owner_key_store_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL address of the role that owns the key store, when it is another database; for `migrate` only.",
    )
    shred_ledger: Path | None = Field(
        default=None,
        description="File that remembers which keys were destroyed, whatever is restored. Default: `shredded.jsonl` beside the "
        "key file.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    workers: int = Field(default=1, ge=1, le=64, description="Server processes.")
    tls_terminated: bool = Field(
        default=False, description="Declares that TLS ends in front of the service; needed to listen beyond loopback."
    )
    database_without_tls: bool = Field(
        default=False, description="Declares that the way to a remote database is private; otherwise TLS is required."
    )
    threads: int = Field(default=16, ge=1, le=200, description="Requests worked on at once, and connections held.")
    statement_seconds: float = Field(default=5, gt=0, le=600, description="Longest database statement.")
    body_bytes: int = Field(default=262_144, ge=1_024, description="Largest request body, in bytes.")
    requests_per_minute: int = Field(
        default=0, ge=0, description="Requests a credential may make a minute; 0 switches the limit off."
    )
    link_requests_per_minute: int = Field(
        default=60,
        ge=0,
        description="Requests a minute with one partner's link, and from one address before it is known who asks: with any "
        "link, to sign in, for a token; 0 switches it off.",
    )
    link_hours: int = Field(
        default=168,
        ge=1,
        le=2_160,
        description="How long a partner's link lives unless told otherwise, in hours (our proposal).",
    )
    sign_in_minutes: int = Field(
        default=15, ge=1, le=480, description="Minutes without a request after which a sign-in ends: automatic logoff."
    )
    sign_in_hours: int = Field(default=12, ge=1, le=24, description="Hours after which a sign-in ends in any case.")
    password_sign_in: bool = Field(
        default=True, description="Whether members may sign in with a password; switch it off where a provider signs them in."
    )
    password_tries: int = Field(
        default=10, ge=3, le=100, description="Wrong passwords for one login within 15 minutes, before it is refused unheard."
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[!-~]+[^/])?$",
        description="Where partners reach the service, as `https://care.example.org`; it goes before the links they are given.",
    )
    providers: tuple[Provider, ...] = Field(
        default=(), description="OpenID Connect providers that sign members in, as JSON: docs/how-to/sign-members-in.md."
    )
    private_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts that the service may ask although they lie in a private network: a provider that signs members in, "
        "keys of a client. All others must be public.",
    )
    webhook_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts that webhooks may be sent to although they lie in a private network; all others must be public.",
    )
    webhook_failing_days: float = Field(
        default=5, gt=0, le=30, description="Days without a delivery after which a webhook endpoint is disabled (our proposal)."
    )
    webhook_log_days: int = Field(
        default=30, ge=1, le=365, description="Days that webhook deliveries which came to an end are kept (our proposal)."
    )
    supervision_days: int = Field(
        default=90, ge=1, le=365, description="Longest grant of a supervisor on one couple, in days (our proposal)."
    )
    break_glass_a_day: int = Field(
        default=10, ge=1, le=100, description="Couples one member may open in an emergency in 24 hours (our proposal)."
    )
    alarm_couples_an_hour: int = Field(
        default=30,
        ge=0,
        description="Different couples a member may open within an hour before an alarm (our proposal); 0 switches it off.",
    )
    cors_origins: tuple[str, ...] = Field(default=(), description="Origins browsers may call from; none by default.")
    pause_delay_hours: tuple[float, float] = Field(
        default=(12, 60),
        description="Shortest and longest random delay before a pause shows to all but the care team (our proposal).",
    )
    menu_reveal_weeks: int = Field(
        default=12, ge=4, le=104, description="Weeks between two reveals from a couple's menus (our proposal)."
    )
    menu_shown_days: tuple[float, float] = Field(
        default=(14, 42),
        description="Shortest and longest time, drawn at random, that a menu's overlaps are shown (our proposal).",
    )
    local_norms_from: int = Field(
        default=100,
        ge=20,
        description="Baselines it takes before a clinic's own norms are computed (our proposal).",
    )
    direction_renewed_by: int = Field(
        default=10,
        ge=10,
        description="Couples that must bring something new before an analysis of direction counts it (our proposal).",
    )
    direction_rows: int = Field(default=25_000, ge=1_000, le=100_000, description="Most rows of a panel that is analysed.")
    retention_years: int = Field(
        default=7,
        ge=1,
        le=100,
        description="Years a record is kept after the last service, whatever the law of a place asks less (APA default).",
    )
    retention_years_of_age: int = Field(
        default=3, ge=0, le=100, description="Years a record is kept after a partner came of age who was a minor (APA default)."
    )
    erasure_wait_hours: float = Field(
        default=24, ge=0, le=720, description="Hours between the two steps of destroying a record (our proposal)."
    )
    exports_directory: Path | None = Field(
        default=None,
        description="Folder of the files of exports, sealed, until they are fetched; all hosts of a record share it. Default: "
        "`exports` beside a SQLite record, else `var/exports`.",
    )
    exports_kept_hours: float = Field(
        default=24, gt=0, le=168, description="Hours that the files of an export are kept (our proposal)."
    )
    export_part_rows: int = Field(
        default=250_000, ge=1, description="Most rows in one file of an exported table (our proposal)."
    )
    bulk_poll_seconds: int = Field(
        default=2, ge=0, le=600, description="Seconds between two looks of a FHIR client at a bulk export (our proposal)."
    )
    deidentified_k: int = Field(
        default=11, ge=11, description="Couples that share all that is told of what outsiders may know of one (our proposal)."
    )
    deidentified_fewest_couples: int = Field(
        default=50, ge=50, description="Couples it takes before a clinic makes de-identified exports (our proposal)."
    )
    deidentified_ends_within_days: int = Field(
        default=91,
        ge=1,
        le=366,
        description="Days before a cohort was settled within which each couple's rows end, on a day drawn once (our proposal).",
    )
    exports_streamed: int = Field(
        default=2, ge=1, le=32, description="Tables sent straight from the record at once; each holds a connection."
    )
    turn_around_willing: float = Field(
        default=5, ge=1, le=10, description="Willingness from which an evening counts as begun willing, 0-10 (our proposal)."
    )
    turn_around_pressure: float = Field(
        default=1, ge=0, le=2, description="Pressure up to which an evening counts as unpressured, 0-10 (our proposal)."
    )
    turn_around_mood: tuple[float, float] = Field(
        default=(3, 5), description="Moods before, 0-10 with 5 neutral, from and to which an evening counts (our proposal)."
    )
    turn_around_better_by: float = Field(
        default=1, gt=0, le=10, description="Points by which the mood after is higher when an evening turned (our proposal)."
    )
    turn_around_fewest: int = Field(default=5, ge=5, le=100, description="Evenings below which no rate is told.")
    cycle_weeks_to_draw: int = Field(default=8, ge=8, description="Pairs of weeks below which what followed what is not shown.")
    cycle_weeks_to_correlate: int = Field(default=20, ge=20, description="Pairs of weeks below which there is no correlation.")
    cycle_weeks_to_test: int = Field(default=80, ge=80, description="Pairs of weeks below which there is no p.")
    cycle_block_weeks: int = Field(
        default=4, ge=2, le=8, description="Weeks that stay together when their order is shuffled by chance (our proposal)."
    )
    cycle_momentum_weeks: int = Field(
        default=8, ge=4, le=52, description="Weeks that momentum looks back, the present one included (our proposal)."
    )
    cycle_momentum_fewest: int = Field(
        default=4, ge=2, description="Of these, weeks that have to be told of for momentum (our proposal)."
    )
    cycle_hours: tuple[float, ...] = Field(
        default=(24, 48, 72, 168),
        min_length=1,
        description="Upper ends of the bins of hours since the last satisfying intimacy (our proposal).",
    )
    cycle_bin_fewest: int = Field(default=3, ge=3, description="Ratings below which such a bin has no figures (our proposal).")
    on_track_in_a_row: int = Field(
        default=2, ge=2, le=10, description="Occasions that must agree before the colour is red or white (our proposal)."
    )
    on_track_sems_worse: float = Field(
        default=1,
        gt=0,
        description="Standard errors of measurement below intake from which an occasion counts as worse (our proposal).",
    )
    on_track_slips: tuple[int, int] = Field(
        default=(2, 3), description="Amber: worse on so many of the last so many occasions (our proposal)."
    )
    on_track_by_visit: int = Field(default=6, ge=1, description="Amber: no reliable improvement by this visit (our proposal).")
    on_track_by_plan_share: float = Field(
        default=0.5, gt=0, le=1, description="Amber: none by the time this share of a plan's stages is done (our proposal)."
    )
    on_track_missed_in_a_row: int = Field(
        default=2, ge=1, description="Amber: tasks in a row not done or declined (our proposal)."
    )
    rabbit_hole_visits: int = Field(
        default=4, ge=1, le=52, description="Amber: visits in a row that went mostly past the sexual concern (our proposal)."
    )
    rabbit_hole_share: float = Field(
        default=0.5, ge=0, lt=1, description="A visit went mostly past it with more than this share of its told minutes."
    )
    rabbit_hole_topics: tuple[str, ...] = Field(
        default=LEADING_PAST, min_length=1, description="Topics of a visit that count as past it (our proposal)."
    )

    @field_validator("rabbit_hole_topics")
    @classmethod
    def refuse_a_topic_that_no_note_has(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        """A misspelt topic would never count, and nobody would notice."""
        if not set(topics) <= set(TOPICS):
            raise ValueError(f"REKINDLE_RABBIT_HOLE_TOPICS needs topics of notes: {', '.join(TOPICS)}")
        return topics

    caseload_measure_weeks: float = Field(
        default=4, gt=0, le=52, description="A caseload asks for new scores when the last is older than this (our proposal)."
    )
    caseload_clearance_days: float = Field(
        default=14, ge=0, le=84, description="Days before it ends that a caseload tells of a clearance (our proposal)."
    )

    clinic_fewest_couples: int = Field(
        default=10, ge=10, le=1_000, description="Couples below which a clinic's figures tell nothing; never below 10."
    )
    drop_out_reasons: tuple[Literal["lost_contact", "declined", "separated", "referred", "other"], ...] = Field(
        default=("lost_contact", "declined"), description="Reasons of ended episodes that count as drop-out (our proposal)."
    )
    drop_out_silent_weeks: int = Field(
        default=12, ge=1, le=104, description="Weeks without a visit after which open care counts as silent (our proposal)."
    )

    @model_validator(mode="after")
    def refuse_what_would_expose_the_record(self) -> Self:
        """A public bind without TLS in front, or a key beside the database, refuses to start."""
        if self.host not in LOOPBACK and not self.tls_terminated:
            raise ValueError("listening beyond loopback needs TLS in front: set REKINDLE_TLS_TERMINATED=true")
        database = self.sqlite_file
        if database is not None and database.resolve().parent == self.key_file.resolve().parent:
            raise ValueError("the key file may not lie in the folder of the database: set REKINDLE_KEY_FILE")
        if database is not None and database.resolve().parent == self._folder_of_the_key_store:
            raise ValueError("the key store may not lie in the folder of the database: set REKINDLE_KEY_STORE_URL")
        if self._crosses_a_network_without_tls and not self.database_without_tls:
            raise ValueError("a remote database needs TLS: add ?sslmode=verify-full to its address")
        if self.pause_delay_hours[0] < 0 or self.pause_delay_hours[1] < self.pause_delay_hours[0]:
            raise ValueError("REKINDLE_PAUSE_DELAY_HOURS needs the shortest and the longest delay, in hours")
        if self.menu_shown_days[0] <= 0 or self.menu_shown_days[1] < self.menu_shown_days[0]:
            raise ValueError("REKINDLE_MENU_SHOWN_DAYS needs the shortest and the longest time, in days")
        if not 0 <= self.turn_around_mood[0] <= self.turn_around_mood[1] <= 10:
            raise ValueError("REKINDLE_TURN_AROUND_MOOD needs the lowest and the highest mood before, 0-10")
        if len({provider.name for provider in self.providers}) != len(self.providers):
            raise ValueError("REKINDLE_PROVIDERS needs a name of its own for each provider")
        if not 1 <= self.on_track_slips[0] <= self.on_track_slips[1]:
            raise ValueError("REKINDLE_ON_TRACK_SLIPS needs how many occasions are worse, and of how many")
        return self

    @model_validator(mode="after")
    def refuse_a_cycle_that_cannot_be_drawn(self) -> Self:
        """Bins that overlap, or more weeks asked for than are looked at, refuse to start."""
        if self.cycle_hours[0] <= 0 or list(self.cycle_hours) != sorted(set(self.cycle_hours)):
            raise ValueError("REKINDLE_CYCLE_HOURS needs hours that rise")
        if self.cycle_momentum_fewest > self.cycle_momentum_weeks:
            raise ValueError("REKINDLE_CYCLE_MOMENTUM_FEWEST cannot be more than the weeks that are looked at")
        return self

    @property
    def exports_folder(self) -> Path:
        """Where the sealed files of exports lie."""
        beside = Path("var") if self.sqlite_file is None else self.sqlite_file.parent
        return self.exports_directory or beside / "exports"

    @property
    def shred_ledger_file(self) -> Path:
        """Where it is remembered which keys were destroyed."""
        return self.shred_ledger or self.key_file.with_name("shredded.jsonl")

    def key_store_address(self, *, owner: bool = False) -> str:
        """Address of the key store; `owner` asks for that of the role that owns its tables."""
        if self.key_store_url is not None:
            chosen = self.owner_key_store_url if owner and self.owner_key_store_url else self.key_store_url
        elif self.sqlite_file is not None:
            return f"sqlite:///{self.key_file.parent / 'store' / 'wrapped-keys.db'}"
        else:
            chosen = self.owner_database_url if owner and self.owner_database_url else self.database_url
        return chosen.get_secret_value()

    @property
    def _folder_of_the_key_store(self) -> Path | None:
        """The folder of a key store that is a file."""
        scheme, _, path = self.key_store_address().partition(":///")
        return Path(path).resolve().parent if scheme == "sqlite" else None

    @property
    def _crosses_a_network_without_tls(self) -> bool:
        """Whether the record or its key store lies on another machine and is not asked for TLS."""
        return any(_is_remote_without_tls(url) for url in (self.database_url.get_secret_value(), self.key_store_address()))

    @property
    def address(self) -> str:
        """Where the service is reached from outside, without a slash at the end; without `public_url`, where it listens."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def token_mark(self) -> str:
        """What stands in a key or token after `rk_`."""
        return "demo" if self.environment == "demo" else "live"

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        scheme, _, path = self.database_url.get_secret_value().partition(":///")
        return Path(path) if scheme == "sqlite" else None


def _is_remote_without_tls(address: str) -> bool:
    """Whether any host of a database is neither this machine nor asked for TLS."""
    parts = urlsplit(address)
    if not parts.scheme.startswith("postgresql"):
        return False
    query = parse_qs(parts.query)
    hosts = [*query.get("host", []), *parts.netloc.rpartition("@")[2].split(",")]
    names = {re.sub(r":\d+$", "", host).strip("[]") for host in hosts if host}
    remote = {name for name in names if not name.startswith("/") and name not in LOOPBACK}
    return bool(remote) and not {"require", "verify-ca", "verify-full"} & set(query.get("sslmode", []))
