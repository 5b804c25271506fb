"""${message}."""

from typing import Any

import sqlalchemy as sa

import app.core.database
from alembic import op
from migrations.protection import protect
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade(service_role: str) -> None:
    ${upgrades if upgrades else "pass"}


def downgrade(service_role: str) -> None:
    ${downgrades if downgrades else "pass"}
