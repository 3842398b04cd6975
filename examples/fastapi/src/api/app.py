"""A notebook over HTTP: notes in PostgreSQL, their count in Redis, and what an operator wants to see."""
import asyncio
import base64
import hashlib
import hmac
import logging
import os
import socket
import time
from collections.abc import Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import redis.asyncio as redis
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import BaseModel, Field
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from src import settings

# Read now and not on first use: a deployment that lacks one must fail while the old release still runs.
DATABASE_URL = settings.database_url()
REDIS_URL = settings.redis_url()
SECRET_KEY = settings.secret("SECRET_KEY").encode()
ADMIN_PASSWORD = settings.secret("ADMIN_PASSWORD").encode()
POOL_SIZE = settings.integer("DATABASE_POOL_SIZE", default=5, highest=1000)

PAGE_SIZE = settings.integer("NOTES_PAGE_SIZE", default=50, highest=500)
CORS_ORIGINS = settings.origins("CORS_ORIGINS")
METRICS_ENABLED = settings.boolean("METRICS_ENABLED", default=True)

COUNT_KEY = "notes:count"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

logging.basicConfig(level=settings.log_level(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("notes")

# Counters and histograms only: gauges of several processes would need a hook in gunicorn when a worker dies.
REQUESTS = Counter("notes_http_requests", "Responses sent.", ["method", "route", "status"])
SECONDS = Histogram("notes_http_request_seconds", "Time until a response was complete.", ["route"])


@asynccontextmanager
async def lifespan(app: FastAPI):
    # With min_size=0 the pool connects on demand, so the service starts, and stays alive, without its database.
    # Every wait has an end: a silent server should fail requests and not pile them up.
    app.state.db = await asyncpg.create_pool(DATABASE_URL, min_size=0, max_size=POOL_SIZE, timeout=3, command_timeout=5)
    # One retry hides a connection that Redis closed while it was idle; the default of several slows every request
    # when Redis is away.
    app.state.cache = redis.Redis.from_url(
        REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 1)
    )
    log.info("release %s, environment %s", settings.RELEASE, settings.ENVIRONMENT)
    yield
    await app.state.cache.aclose()
    await app.state.db.close()


# The browsable API description is for developers.
app = FastAPI(
    title="Notes", lifespan=lifespan, openapi_url=None if settings.ENVIRONMENT == "production" else "/openapi.json"
)


class Measure:
    """Counts responses per route template: labels made of what clients send would grow without limit."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.inner(scope, receive, send)
        status, started = 500, time.perf_counter()

        async def noting(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.inner(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(route).observe(time.perf_counter() - started)


# Without the header that it adds, browsers keep the answers from pages of other sites. Cookies are none of ours.
if CORS_ORIGINS:
    app.add_middleware(CORSMiddleware, allow_origins=CORS_ORIGINS, allow_methods=["GET", "POST"], allow_headers=["*"])
app.add_middleware(Measure)


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, error)
    return JSONResponse({"detail": "a backing service is unavailable"}, 503, {"Retry-After": "5"})


# An outage next door is no fault of this program: 503 lets a proxy or a client try again.
for outage in (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
    app.add_exception_handler(outage, unavailable)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    # FastAPI's own answer repeats the input, however long, and breaks on half a surrogate pair.
    return JSONResponse({"detail": [{"loc": found["loc"], "msg": found["msg"]} for found in error.errors()]}, 422)


@app.get("/")
async def root():
    return {"service": "notes", "release": settings.RELEASE, "environment": settings.ENVIRONMENT}


@app.get("/livez")
async def livez():
    """Answers as long as the event loop turns. It asks nobody: restarting workers does not repair a database."""
    return {"status": "ok"}


@app.get("/api/v1/monitoring/health")
async def health(response: Response):
    """Readiness: whether this process reaches what it needs; the answer takes two seconds at most."""
    tasks = {
        "postgres": asyncio.ensure_future(app.state.db.fetchval("SELECT 1")),
        "redis": asyncio.ensure_future(app.state.cache.ping()),
    }
    # Not asyncio.timeout: it waits for what it cancels, and asyncpg tidies up a silent connection for seconds.
    await asyncio.wait(tasks.values(), timeout=2)
    checks = {}
    for name, task in tasks.items():
        if not task.done():
            task.cancel()
            task.add_done_callback(lambda late: late.cancelled() or late.exception())  # else asyncio logs it as lost
            error = TimeoutError("no answer in time")
        else:
            error = task.exception()
        if error:
            log.warning("%s: %s: %s", name, type(error).__name__, error)
        checks[name] = type(error).__name__ if error else "ok"  # the whole text could tell outsiders hosts and users
    healthy = set(checks.values()) == {"ok"}
    response.status_code = 200 if healthy else 503
    return {"status": "ok" if healthy else "unavailable", "checks": checks}


@app.get("/metrics")
async def metrics():
    if not METRICS_ENABLED:
        raise HTTPException(404)
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # A scrape reaches one worker; the folder holds the numbers of all of them.
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def running_workers() -> int | None:
    """Counts siblings with this command line: what was started, whatever was configured. None without Linux's /proc."""
    try:
        parent = os.getppid()
        own = Path("/proc/self/cmdline").read_bytes()
        siblings = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return sum(Path(f"/proc/{pid}/cmdline").read_bytes() == own for pid in siblings)
    except OSError:
        return None


@app.get("/api/v1/whoami")
def whoami(request: Request):
    """What this process is and how the proxies in front of it describe the caller."""
    return {
        "hostname": socket.gethostname(),
        "pid": os.getpid(),
        "uid": os.getuid(),
        "workers": running_workers(),
        "release": settings.RELEASE,
        "client": request.client.host if request.client else None,  # there is none on a Unix socket
        "scheme": request.url.scheme,
        "request_id": request.headers.get("x-request-id"),
        "prefix": request.headers.get("x-forwarded-prefix"),
    }


@app.get("/api/v1/slow")
async def slow(seconds: Annotated[float, Query(ge=0, le=120, allow_inf_nan=False)] = 1):
    """For trying out time limits and graceful stops."""
    await asyncio.sleep(seconds)
    return {"slept": seconds, "pid": os.getpid()}


@app.get("/api/v1/ticks")
async def ticks(count: Annotated[int, Query(ge=1, le=100)] = 3):
    """For trying out whether a proxy holds back what comes bit by bit: server-sent events, one in half a second."""

    async def events():
        for number in range(count):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.5)

    return StreamingResponse(events(), media_type="text/event-stream")


@app.post("/api/v1/echo-size")
async def echo_size(request: Request):
    """For trying out limits on uploads; the body is counted as it passes and never held."""
    return {"bytes": sum([len(chunk) async for chunk in request.stream()])}


@app.websocket("/ws")
async def echo(ws: WebSocket):
    await ws.accept()
    while (message := await ws.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await ws.send_text(message["text"])
        else:
            await ws.send_bytes(message["bytes"])


class NewNote(BaseModel):
    # PostgreSQL cannot store a NUL character in text.
    body: Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]


def token(number: int | str) -> str:
    """A note's public name. The signature shows that this service gave it out, on whichever replica it comes back."""
    signature = hmac.new(SECRET_KEY, f"note:{number}".encode(), hashlib.sha256).hexdigest()
    return f"{number}.{signature}"


def number_of(given: str) -> int:
    number = given.partition(".")[0]
    if not hmac.compare_digest(token(number).encode(), given.encode()):
        raise HTTPException(400, "this token was not given out here")
    return int(number)


async def optional(answer: Awaitable):
    """A cache may be away: callers then get None and do without it."""
    try:
        return await answer
    except (redis.RedisError, OSError) as error:
        log.warning("no cache: %s: %s", type(error).__name__, error)


def admin(request: Request) -> None:
    # By hand, because FastAPI's HTTPBasic refuses any password that is not ASCII.
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except ValueError:
        given = b""
    # compare_digest: how long the comparison takes must not tell how much of a guess was right.
    if not hmac.compare_digest(given, b"admin:" + ADMIN_PASSWORD):
        raise HTTPException(401, "admins only", {"WWW-Authenticate": 'Basic realm="notes", charset="UTF-8"'})


@app.post("/api/v1/notes", status_code=201)
async def add_note(note: NewNote):
    async with app.state.db.acquire(timeout=5) as db:
        number = await db.fetchval("INSERT INTO notes (body) VALUES ($1) RETURNING id", note.body)
    await optional(app.state.cache.delete(COUNT_KEY))
    return {"id": number, "token": token(number)}


@app.get("/api/v1/notes")
async def list_notes(before: str | None = None):
    """The newest notes, or with a token the page that follows the note it names."""
    below = number_of(before) if before else None
    count = await optional(app.state.cache.get(COUNT_KEY))
    async with app.state.db.acquire(timeout=5) as db:
        rows = await db.fetch(
            "SELECT id, body, created_at FROM notes WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
            below,
            PAGE_SIZE,
        )
        counted = None if count else await db.fetchval("SELECT count(*) FROM notes")
    if counted is not None:
        # Short-lived, because a count read just before somebody else's insert may be stored just after it.
        await optional(app.state.cache.set(COUNT_KEY, counted, ex=30))
    return {
        "count": int(count) if count else counted,
        "count_from": "cache" if count else "database",
        "notes": [dict(row) | {"token": token(row["id"])} for row in rows],
    }


@app.delete("/api/v1/notes", dependencies=[Depends(admin)])
async def delete_notes():
    async with app.state.db.acquire(timeout=5) as db:
        deleted = await db.fetchval("WITH gone AS (DELETE FROM notes RETURNING 1) SELECT count(*) FROM gone")
    await optional(app.state.cache.delete(COUNT_KEY))
    return {"deleted": deleted}


# A proxy may serve the same folder itself; without one the service is complete on its own.
app.mount("/static", StaticFiles(directory=settings.STATIC_DIR, html=True), name="static")
