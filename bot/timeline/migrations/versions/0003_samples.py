"""The tables of what was measured of the objectives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objectives",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("reading", sa.Float),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("lag", sa.Integer, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
    )
    op.create_table(
        "sample_hours",
        sa.Column("objective", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("total", sa.Float),
        sa.Column("bad", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sample_minutes",
        sa.Column("objective", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
