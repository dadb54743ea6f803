"""Schemathesis against the API of a server of its own: what the document allows and what it does not, for a while.

    python -m tests.security.fuzz --seconds 120

Ends with its exit code: 0 if nothing was answered with 5xx, or otherwise than the document says.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, func, select

from app.models import ApiToken, User
from app.services.accounts import tokens
from tests.support.server import LiveServer

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"),
    *("response_headers_conformance", "use_after_free"),
)


def token(server: LiveServer) -> str:
    """A token of a new account that may do everything."""
    server.create_user()
    secret = f"ps_{tokens.new()}"
    engine = create_engine(server.environment["DATABASE_URL"])
    row = {"name": "fuzzing", "secret_sha256": tokens.digest(secret), "scope": "manage"}
    with engine.begin() as rows:
        user_id = rows.scalar(select(func.max(User.id)))
        rows.execute(ApiToken.__table__.insert().values(user_id=user_id, **row))
    engine.dispose()
    return secret


def fuzz(server: LiveServer, folder: str, seconds: int, more: list[str]) -> int:
    """The exit code of Schemathesis; what it finds, it prints."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{server.url}/api/openapi.json"]
    command += ["--url", server.url, "--checks", ",".join(CHECKS), "--max-time", str(seconds)]
    command += ["-H", f"Authorization: Bearer {token(server)}", *more]
    return subprocess.run(command, cwd=folder, check=False, timeout=seconds + 120).returncode


def main() -> int:
    """Start, fuzz, look into the log of the server, end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    arguments, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder)) as server:
        failed = fuzz(server, folder, arguments.seconds, more)
        faults = server.log.read_text(errors="replace").count("Traceback")
    print(f"tracebacks in the log of the server: {faults}")
    return failed or min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
