"""python -m src.migrate brings the schema up to date; it may run again, and in several places at once."""
import asyncio
import sys

import asyncpg

from src import settings

LOCK = 7_046_029_254  # any number, as long as nothing else in this database uses it

# The position is the version. Append only: what has run somewhere is not edited. During a deployment the previous
# release still runs on the new schema, so a column goes away one release after the code that used it.
MIGRATIONS = [
    """CREATE TABLE notes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX notes_created_at ON notes (created_at)",
]


async def main() -> None:
    db = await asyncpg.connect(settings.database_url(), timeout=10)
    try:
        # One transaction: all or nothing, and a lock that a crash or a connection pooler cannot leave behind.
        async with db.transaction():
            await db.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            # Only now, since it would also limit the wait for another migration. A statement that queues behind a
            # long query makes all later queries queue behind itself.
            await db.execute("SET LOCAL lock_timeout = '10s'")
            await db.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions"
                " (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            current = await db.fetchval("SELECT coalesce(max(version), 0) FROM schema_versions")
            for version, statement in list(enumerate(MIGRATIONS, start=1))[current:]:
                await db.execute(statement)
                await db.execute("INSERT INTO schema_versions (version) VALUES ($1)", version)
                print(f"migrate: applied {version}")
    finally:
        await db.close(timeout=5)
    # The schema is ahead of the code after a rollback, which is fine.
    print(f"migrate: schema is at version {max(current, len(MIGRATIONS))}")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (settings.SettingsError, asyncpg.PostgresError, OSError) as error:
        sys.exit(f"migrate: {type(error).__name__}: {error}")
