"""python -m src.index hands notes to a search service (Meilisearch), as they come; runs until it is told to stop."""
import asyncio
import json
import logging
import os
import signal
import sys
import urllib.request
from pathlib import Path

import asyncpg

from src import settings

PAUSE = 5  # seconds between two looks
AT_ONCE = 500  # notes in one request
ALIVE = Path(os.environ.get("ALIVE_FILE") or "/tmp/alive")  # touched with each look

log = logging.getLogger("index")


def send(notes: list[dict]) -> None:
    request = urllib.request.Request(
        f"{os.environ['SEARCH_URL'].rstrip('/')}/indexes/notes/documents",
        json.dumps(notes).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {settings.secret('SEARCH_KEY')}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


async def main() -> None:
    logging.basicConfig(level=settings.log_level(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    over = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, over.set)
    # From the beginning after each start: a note that is there already is replaced by itself.
    last = 0
    async with asyncpg.create_pool(settings.database_url(), min_size=0, max_size=1, timeout=10, command_timeout=30) as pool:
        while not over.is_set():
            ALIVE.touch()
            try:
                notes = [dict(row) for row in await pool.fetch("SELECT id, body FROM notes WHERE id > $1 ORDER BY id LIMIT $2", last, AT_ONCE)]
                if notes:
                    await asyncio.to_thread(send, notes)
                    last = notes[-1]["id"]
                    log.info("%d notes, up to %d", len(notes), last)
                    continue
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("%s: %s", type(error).__name__, error)
            try:
                await asyncio.wait_for(over.wait(), PAUSE)
            except TimeoutError:
                pass


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (settings.SettingsError, KeyError) as error:
        sys.exit(f"index: {type(error).__name__}: {error}")
