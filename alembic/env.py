"""Alembic environment: runs migrations on the configured database."""

from __future__ import annotations

import logging

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool

from alembic import context
from app import boot, config, models, sqlite

logging.basicConfig(format="%(levelname)s %(message)s")
logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)

TARGET = models.db.metadata
# `alembic -x check-only check` compares the models with the revisions in a new database, not in the configured one.
CHECK_ONLY = "check-only" in context.get_x_argument()


def database_url() -> str:
    """Return the URL in the Alembic configuration, else DATABASE_URL; raises ConfigError if that cannot be used."""
    given = context.config.get_main_option("sqlalchemy.url")
    settings = {} if given else config.load()
    if CHECK_ONLY:
        return "sqlite://"
    if given:
        return given
    boot.require_folder(settings)
    if not context.is_offline_mode():
        boot.require_database(settings["DATABASE_URL"])
    return str(settings["DATABASE_URL"])


def migrate(connection: Connection) -> None:
    """Run all pending revisions in one transaction; commit only if no foreign key is violated."""
    context.configure(
        connection=connection,
        target_metadata=TARGET,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        check_foreign_keys(connection)


def check_foreign_keys(connection: Connection) -> None:
    """Raise RuntimeError for violated foreign keys on SQLite, where migrations run without enforcement."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"the migration would leave {len(broken)} rows without their parent, first {broken[0]}")


def build(connection: Connection) -> None:
    """Run all upgrades on an empty database."""
    scripts = ScriptDirectory.from_config(context.config)
    migration = MigrationContext.configure(connection)
    with migration.begin_transaction(), Operations.context(migration):
        for script in reversed([*scripts.walk_revisions()]):
            script.module.upgrade()
        migration.stamp(scripts, "head")


def run_offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(url=database_url(), target_metadata=TARGET, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Connect and migrate, on SQLite with foreign keys off."""
    engine = create_engine(database_url(), poolclass=pool.NullPool)
    sqlite.configure(engine, foreign_keys=False)
    with engine.connect().execution_options(**{sqlite.WRITES: True}) as connection:
        if CHECK_ONLY:
            build(connection)
        migrate(connection)
        connection.commit()


with boot.starting():
    run_offline() if context.is_offline_mode() else run_online()
