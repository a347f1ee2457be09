"""A team's own Alembic applies the steps, and takes them back."""

import sys

import pytest

from .test_command import run, written

pytestmark = pytest.mark.slow

ENV = """
import os
import sqlalchemy
from alembic import context

engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
from alembic import op
revision, down_revision = "{name}", {below!r}

def upgrade():
    op.execute("{up}")

def downgrade():
    op.execute("{down}")
"""
REVISIONS = [
    ("one", None, "CREATE TABLE customer (email text PRIMARY KEY)", "DROP TABLE customer"),
    ("two", "one", "ALTER TABLE customer ADD COLUMN name text", "ALTER TABLE customer DROP COLUMN name"),
]
OLD = "-- with: {email: ann}\nINSERT INTO customer (email) VALUES (:email);"
NEW = "-- with: {email: bob}\nINSERT INTO customer (email, name) VALUES (:email, 'Bob');"


def alembic(revision, to="upgrade"):
    return {"kind": "alembic", "revision": revision, "to": to, "run": [sys.executable, "-m", "alembic"]}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_revisions_are_the_steps_and_a_downgrade_is_the_way_back(database, tmp_path):
    (tmp_path / "alembic/versions").mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    (tmp_path / "alembic/env.py").write_text(ENV)
    for name, below, up, down in REVISIONS:
        text = REVISION.format(name=name, below=below, up=up, down=down)
        (tmp_path / f"alembic/versions/{name}.py").write_text(text)
    parts = {"before": alembic("one"), "expand": alembic("two"), "undo": {"expand": alembic("one", "downgrade")}}
    done = run(written(tmp_path, database=database, **parts, old=OLD, new=NEW))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "taking it back works" in done.stdout
