"""The container files: the names in them exist, and their commands run. No image is built here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from app import config
from tests.config import containers
from tests.config.containers import COMPOSE_FILES, PORT, WORKDIR, compose, of
from tests.support.celery_workers import COMMAND
from tests.support.processes import eventually, free_port
from tests.support.services_available import program

SECONDS = 180  # far more than any command takes
OF_A_FILE = {"services", "volumes", "secrets"}
OF_A_SERVICE = {
    *("build", "image", "command", "env_file", "environment", "secrets", "volumes", "depends_on", "ports"),
    *("healthcheck", "stop_grace_period", "restart"),
}
OF_A_HEALTHCHECK = {"test", "interval", "timeout", "retries", "start_period"}
SERVICES = [(file, name) for file in COMPOSE_FILES for name in compose(file)["services"]]


# --- the files ------------------------------------------------------------------------------


def test_image_runs_as_a_user_who_owns_only_the_volume() -> None:
    names = [name for name, _ in containers.instructions()]
    assert names[0] == "FROM"
    (user,) = of("USER")
    made = of("RUN")[-1]
    assert re.search(rf"useradd .*\b{user}\b", made)
    assert f"install -d -o {user} -g {user} -m 0750 instance" in made
    assert names.index("USER") > max(number for number, name in enumerate(names) if name in ("COPY", "RUN"))
    assert of("WORKDIR") == [WORKDIR]
    assert of("EXPOSE") == [PORT]


def test_image_has_the_oldest_python_that_will_do() -> None:
    project = tomllib.loads((config.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert of("FROM") == [f"python:{project['requires-python'].removeprefix('>=')}-slim"]


def test_build_context_has_only_copied_files() -> None:
    copied = {source.removeprefix("./") for rest in of("COPY") for source in rest.split()[:-1]}
    assert containers.sent_to_the_builder() == copied
    assert all((config.ROOT / name).exists() for name in copied)


@pytest.mark.parametrize(("file", "name"), SERVICES)
def test_service_names_only_what_the_file_defines(file: str, name: str) -> None:
    whole = compose(file)
    service = whole["services"][name]
    assert {key for key in whole if not key.startswith("x-")} <= OF_A_FILE
    assert set(service) <= OF_A_SERVICE
    assert service.get("build") == "." or ":" in service["image"]
    assert {volume.split(":")[0] for volume in service["volumes"]} <= set(whole["volumes"])
    assert set(service.get("secrets", [])) <= set(whole.get("secrets", {}))
    assert set(service.get("healthcheck", {})) <= OF_A_HEALTHCHECK
    for needed, wish in service.get("depends_on", {}).items():
        other = whole["services"][needed]
        if wish["condition"] == "service_healthy":
            assert "healthcheck" in other
        else:
            assert (wish["condition"], other["restart"]) == ("service_completed_successfully", "no")


@pytest.mark.parametrize(("file", "name"), SERVICES)
def test_service_gets_settings_that_there_are_and_secrets_that_it_is_given(file: str, name: str) -> None:
    service = compose(file)["services"][name]
    for variable, value in service.get("environment", {}).items():
        assert name == "postgres" or variable.removesuffix("_FILE") in config.NAMES
        if variable.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in service["secrets"]
    if service.get("build"):
        assert f"instance:{WORKDIR}/instance" in service["volumes"]
        assert service["env_file"] == [{"path": ".env", "required": False}]


@pytest.mark.parametrize("file", COMPOSE_FILES)
def test_every_volume_and_secret_is_used(file: str) -> None:
    whole = compose(file)
    services = whole["services"].values()
    assert {volume.split(":")[0] for each in services for volume in each["volumes"]} == set(whole["volumes"])
    assert {secret for each in services for secret in each.get("secrets", [])} == set(whole.get("secrets", {}))


@pytest.mark.parametrize("file", COMPOSE_FILES)
def test_web_waits_for_the_migrations_and_listens_at_this_machine(file: str) -> None:
    services = compose(file)["services"]
    assert services["migrate"]["command"] == ["alembic", "upgrade", "head"]
    assert services["web"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["web"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert "command" not in services["web"]
    assert services["web"]["healthcheck"] == compose(COMPOSE_FILES[0])["services"]["web"]["healthcheck"]


def test_worker_runs_the_command_that_is_tested() -> None:
    worker = compose("compose.workers.yaml")["services"]["worker"]
    assert worker["command"] == [*COMMAND[1:], "--concurrency", "3"]


def test_documents_make_every_secret_of_the_compose_file(tmp_path: Path) -> None:
    text = (config.ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(mkdir --mode=700 secrets\n.*?)docker", text, re.DOTALL)
    program("openssl", "openssl")
    subprocess.run([program("bash", "bash"), "-euc", block], cwd=tmp_path, check=True, timeout=SECONDS)
    files = {each["file"]: tmp_path / each["file"] for each in compose("compose.workers.yaml")["secrets"].values()}
    assert {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "secrets").iterdir()} == set(files)
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in files.values())
    environ = {"DATABASE_URL_FILE": files["secrets/database_url"], "SECRET_KEY_FILE": files["secrets/secret_key"]}
    with pytest.MonkeyPatch.context() as patch:
        for name, path in environ.items():
            patch.setenv(name, str(path))
        loaded = config.load()
    password = files["secrets/database_password"].read_text().strip()
    postgres = compose("compose.workers.yaml")["services"]["postgres"]["environment"]
    user, database = postgres["POSTGRES_USER"], postgres["POSTGRES_DB"]
    assert loaded["DATABASE_URL"] == f"postgresql+psycopg://{user}:{password}@postgres/{database}"
    assert len(loaded["SECRET_KEY"]) == 64


# --- the commands ---------------------------------------------------------------------------


class Container:
    """A folder with the files of the image, in which its commands run with the programs of this environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        containers.build(folder)
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {"PATH": programs} | containers.image_environment()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        with subprocess.Popen(words, cwd=self.folder, env=self.environment) as process:
            try:
                yield process
            finally:
                process.kill()

    def files(self) -> set[str]:
        """All files outside the volume."""
        paths = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*")}
        return {path for path in paths if not path.startswith("instance/")}


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path / "image")


def test_image_installs_the_pinned_versions(container: Container) -> None:
    container.environment |= {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1"}  # all of it is installed here already
    (install,) = [rest for rest in of("RUN") if rest.startswith("pip ")]
    done = container.run(sys.executable, "-m", *install.split())
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


def test_services_migrate_serve_and_make_the_first_account(container: Container) -> None:
    before, port = container.files(), free_port()
    web: dict[str, Any] = compose("compose.yaml")["services"]["web"]
    check = containers.at_port(web["healthcheck"]["test"][1:], port)
    migrated = container.run(*compose("compose.yaml")["services"]["migrate"]["command"])
    assert migrated.returncode == 0, migrated.stderr
    assert container.run(*check).returncode != 0  # nothing listens yet
    with container.running(*containers.at_port(containers.server_command(), port)) as server:
        eventually(lambda: container.run(*check).returncode == 0, SECONDS, "the health check succeeds")
        link = container.run("flask", "users", "setup-link", "--base-url", f"http://127.0.0.1:{port}")
        assert link.returncode == 0, link.stderr
        assert requests.get(link.stdout.splitlines()[1], timeout=SECONDS).status_code == 200
        server.terminate()
        assert server.wait(int(web["stop_grace_period"].removesuffix("s"))) == 0
    assert container.files() == before
    assert {"proofsheet.db", "secret_key"} <= {path.name for path in (container.folder / "instance").iterdir()}
