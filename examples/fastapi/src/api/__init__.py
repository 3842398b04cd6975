"""Runs before any module of this package, hence before prometheus_client, which looks at the folder on import."""
import os
from pathlib import Path

if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(folder).mkdir(parents=True, exist_ok=True)
else:
    # To prometheus_client a variable that is set but empty means the working directory.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
