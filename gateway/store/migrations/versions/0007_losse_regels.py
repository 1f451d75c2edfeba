"""The Declaratie of a line is no longer looked up for every line that is written."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let go of the foreign key of the lines."""
    with op.batch_alter_table("prestatie") as lines:
        lines.drop_constraint("fk_prestatie_declaratie_id", type_="foreignkey")
