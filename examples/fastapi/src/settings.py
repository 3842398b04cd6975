"""Reads the environment. Messages name the variable that is wrong and never repeat what it holds."""
import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENT = os.environ.get("ENVIRONMENT") or "development"
RELEASE = os.environ.get("RELEASE") or "dev"
STATIC_DIR = os.environ.get("STATIC_DIR") or "static"


class SettingsError(Exception):
    """Not SystemExit: gunicorn restarts a worker that exits with 1 for ever, but gives up on one that raises."""


def integer(name: str, default: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= highest):
        raise SettingsError(f"{name} must be a whole number from 1 to {highest}")
    return int(text)


def boolean(name: str, default: bool) -> bool:
    text = (os.environ.get(name) or str(default)).lower()
    if text not in ("true", "1", "yes", "on", "false", "0", "no", "off"):
        raise SettingsError(f"{name} must be true or false")
    return text in ("true", "1", "yes", "on")


def origins(name: str) -> list[str]:
    """Sites as browsers name them: scheme, host and port, without a path; commas between them."""
    found = [part.strip() for part in (os.environ.get(name) or "").split(",") if part.strip()]
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise SettingsError(f"{name} must hold origins like https://app.example.com, with commas between them")
    return found


def log_level() -> int:
    level = logging.getLevelNamesMapping().get((os.environ.get("LOG_LEVEL") or "INFO").upper())
    if level is None:
        raise SettingsError("LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return level


def secret(name: str) -> str:
    """The value of NAME, or what is in the file that NAME_FILE points to; the file wins."""
    value = os.environ.get(name)
    if path := os.environ.get(f"{name}_FILE"):
        try:
            # newline="" because a carriage return may be part of a secret; editors add just the last line feed.
            with Path(path).open(encoding="utf-8", newline="") as file:
                value = file.read().removesuffix("\n")
        except OSError as error:
            raise SettingsError(f"{name}_FILE: cannot read {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{name}_FILE: {path} is not UTF-8 text") from None
    if not value:
        raise SettingsError(f"{name} is required: set {name}, or {name}_FILE to the file that holds it")
    return value


def secret_url(name: str, *schemes: str) -> str:
    """A connection URL. Both clients decode its percent-encoding, so only the shape is checked.

    A password with a bare @, / or # in it shifts the parts of the URL, and the clients then quote pieces of it in
    their errors as if they were a host or a port. Such a URL goes no further than this.
    """
    url = secret(name)
    try:
        parts = urlsplit(url)
        sound = (
            parts.scheme in schemes
            and parts.hostname
            and parts.port != 0  # the property raises on a port that is no number
            and not parts.fragment
            and url.count("@") == parts.netloc.count("@") <= 1
        )
    except ValueError:
        sound = False
    if not sound:
        raise SettingsError(f"{name} must look like {schemes[0]}://user:password@host:port/name, percent-encoded")
    return url


def database_url() -> str:
    return secret_url("DATABASE_URL", "postgresql", "postgres")


def redis_url() -> str:
    return secret_url("REDIS_URL", "redis", "rediss")
