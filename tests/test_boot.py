"""The start-up checks of the local store's folder and of the database."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import boot, create_app
from app.errors import ConfigError

DISK = {"STORAGE_BACKEND": "local"}


def refusal(path: Path, **settings: str) -> str:
    """The message that refuses a folder."""
    with pytest.raises(ConfigError) as caught:
        boot.require_folder({"STORAGE_PATH": str(path)} | DISK | settings)
    return caught.value.message


def test_folder_that_can_be_made_is_not_made(tmp_path: Path) -> None:
    boot.require_folder(DISK | {"STORAGE_PATH": str(tmp_path / "a" / "b")})
    boot.require_folder(DISK | {"STORAGE_PATH": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_storage_path_that_is_not_a_folder_is_refused(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.touch()
    link.symlink_to(tmp_path / "nowhere")
    for path, culprit in ((file, file), (file / "storage", file), (link, link), (link / "storage", link)):
        assert refusal(path) == f"STORAGE_PATH='{path}' cannot be used: '{culprit}' is not a folder."


def test_folder_that_cannot_be_made_is_refused() -> None:
    assert refusal(Path("/proc/storage")).startswith("STORAGE_PATH='/proc/storage' cannot be used: ")


def test_folder_with_a_name_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"cannot be used: {os.strerror(errno.ENAMETOOLONG)}\.$"):
        create_app({"STORAGE_PATH": str(tmp_path / ("a" * 300)), "SECRET_KEY": "only for tests"})


@pytest.mark.parametrize(
    ("backend", "refused"), [("local", os.W_OK | os.X_OK), ("r2", os.R_OK | os.X_OK), ("r2", os.X_OK)]
)
def test_only_the_store_of_new_files_has_to_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, refused: int
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != refused)  # root may do anything
    if refused == os.X_OK:
        boot.require_folder({"STORAGE_PATH": str(tmp_path), "STORAGE_BACKEND": backend})
    else:
        said = refusal(tmp_path, STORAGE_BACKEND=backend)
        assert said.endswith(f"cannot be used: it cannot be {'written to' if backend == 'local' else 'read'}.")


def test_database_that_answers_is_taken(tmp_path: Path, postgres_url: str) -> None:
    for url in (f"sqlite:///{tmp_path / 'p.db'}", f"sqlite:///{tmp_path / 'p.db'}?timeout=5", postgres_url):
        boot.require_database(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/p.db", "unable to open database file."),
        ("sqlite:////proc", "unable to open database file."),
        ("sqlite:///{text}/p.db", "unable to open database file."),
        ("sqlite:///{text}", "file is not a database."),
        ("sqlite:///{text}?timeout=soon", "could not convert string to float: 'soon'."),
        ("postgresql+psycopg://u@127.0.0.1/n?colour=red", 'invalid connection option "colour".'),
    ],
)
def test_database_that_does_not_answer_is_refused(tmp_path: Path, url: str, said: str) -> None:
    text = tmp_path / "text"
    text.write_text("no database, whatever it is called\n" * 100)
    url = url.format(text=text)
    with pytest.raises(ConfigError) as caught:
        boot.require_database(url)
    assert caught.value.message == f"DATABASE_URL='{url}' does not answer: {said}"


def test_option_of_sqlite_that_would_be_ignored_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not answer: Query string argument.* 'colour' are not accepted"):
        boot.require_database(f"sqlite:///{tmp_path / 'p.db'}?colour=red")


def test_postgresql_that_is_away_is_refused_in_one_line_without_its_password() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}/photos"
        with pytest.raises(ConfigError) as caught:
            boot.require_database(f"postgresql+psycopg://ada:s3cret@{address}")
    assert caught.value.message.startswith(f"DATABASE_URL='postgresql+psycopg://ada:***@{address}' does not answer: ")
    assert "Connection refused" in caught.value.message
    assert "\n" not in caught.value.message
    assert "s3cret" not in caught.value.message


def test_silent_postgresql_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "CONNECT_SECONDS", 2)  # the least that libpq takes
    with closing(socket.socket()) as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        with pytest.raises(ConfigError, match="timeout"):
            boot.require_database(f"postgresql+psycopg://ada@127.0.0.1:{mute.getsockname()[1]}/photos")


def test_failed_start_prints_one_line(capfd: pytest.CaptureFixture[Any]) -> None:
    with pytest.raises(SystemExit) as ended, boot.starting():
        raise ConfigError("TRASH_DAYS is wrong.")
    assert ended.value.code == 3
    assert capfd.readouterr() == ("", "proofsheet: TRASH_DAYS is wrong.\n")
