"""python -m src.prune deletes notes older than NOTES_KEEP_DAYS (30); meant for a daily timer."""
import asyncio
import sys

import asyncpg

from src import settings


async def main() -> None:
    days = settings.integer("NOTES_KEEP_DAYS", default=30, highest=36_500)
    db = await asyncpg.connect(settings.database_url(), timeout=10)
    try:
        status = await db.execute("DELETE FROM notes WHERE created_at < now() - make_interval(days => $1)", days)
    finally:
        await db.close(timeout=5)
    # The cached count is left to expire: this job then needs no access to Redis.
    print(f"prune: deleted {status.split()[-1]} notes older than {days} days")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (settings.SettingsError, asyncpg.PostgresError, OSError) as error:
        sys.exit(f"prune: {type(error).__name__}: {error}")
