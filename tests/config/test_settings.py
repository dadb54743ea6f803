"""Every setting: its default, its accepted values, and its message for invalid ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import config
from app.config import dotenv_file, folders
from app.errors import ConfigError
from tests.config.table import PARSERS, R2, ROOT, TABLE

GOOD = [(name, given, value) for name, (_, good, _) in TABLE.items() for given, value in good.items()]
BAD = [(name, given) for name, (_, _, bad) in TABLE.items() for given in bad]

Environment = dict[str, str]


def read(name: str, text: str) -> Any:
    """The parsed value of a text, relative to the real folder of Proofsheet."""
    return PARSERS[name].parse(text)


def test_table_has_every_setting() -> None:
    assert list(TABLE) == [setting.name for setting in config.SETTINGS]


@pytest.mark.parametrize("name", [name for name in TABLE if name != "SECRET_KEY"])
def test_default(environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(folders, "ROOT", ROOT)
    monkeypatch.setattr(dotenv_file, "read", lambda _path: {})
    default = TABLE[name][0]
    for nothing in ("", "  "):
        environment(**{name: nothing})
        assert config.load()[name] == default
    assert type(config.load()[name]) is type(default)


@pytest.mark.parametrize(("name", "given", "value"), GOOD)
def test_good_value(name: str, given: str, value: Any) -> None:
    given = given.strip()
    assert config.load({"SECRET_KEY": "only for tests"} | R2 | {name: given})[name] == read(name, given) == value


@pytest.mark.parametrize(("name", "given"), BAD)
def test_bad_value_is_refused_by_name(environment: Callable[..., None], name: str, given: str) -> None:
    environment(**{name: given})
    with pytest.raises(ConfigError) as caught:
        config.load()
    shown = name if PARSERS[name].is_secret else f"{name}={given!r}"
    assert re.fullmatch(rf"{re.escape(shown)} is not valid: it must [a-z].+\.", caught.value.message)
    if PARSERS[name].is_secret and len(given) > 3:
        assert given not in caught.value.message


@pytest.mark.parametrize(
    ("given", "overrides", "value"),
    [
        ({"env": "5"}, {}, 5),
        ({"dotenv": "6"}, {}, 6),
        ({"env": "5", "dotenv": "6"}, {}, 5),
        ({"env": "5", "dotenv": "6"}, {"VARIANT_WORKERS": 7}, 7),
        ({"env": "5", "dotenv": "6"}, {"VARIANT_WORKERS": None}, 5),
    ],
)
def test_override_wins_over_environment_over_dotenv(
    environment: Callable[..., None], tmp_path: Path, given: Environment, overrides: dict[str, Any], value: int
) -> None:
    if "env" in given:
        environment(VARIANT_WORKERS=given["env"])
    if "dotenv" in given:
        (tmp_path / ".env").write_text(f"# mine\nVARIANT_WORKERS={given['dotenv']}\n", encoding="utf-8")
    assert config.load(overrides)["VARIANT_WORKERS"] == value


def test_bad_override_is_refused(environment: Callable[..., None]) -> None:
    with pytest.raises(ConfigError, match=r"^MAX_UPLOAD_MB="):
        config.load({"MAX_UPLOAD_MB": 0})


def test_override_of_an_unknown_setting_is_kept(environment: Callable[..., None]) -> None:
    assert config.load({"TESTING": True})["TESTING"] is True


@pytest.mark.parametrize("name", list(TABLE))
def test_any_setting_is_read_from_a_file(environment: Callable[..., None], tmp_path: Path, name: str) -> None:
    given, value = next(iter(TABLE[name][1].items()))
    path = tmp_path / "secret"
    path.write_text(f" {given}\r\n", encoding="utf-8")
    environment(**R2 | {name: "something else", f"{name}_FILE": str(path)})
    assert config.load()[name] == value


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"\xff\xfe", "cannot be read: it is not text in UTF-8."),
        (b" \n", "is empty."),
    ],
    ids=["missing", "not text", "empty"],
)
def test_empty_secret_file_is_refused(
    environment: Callable[..., None], tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    environment(R2_SECRET_ACCESS_KEY_FILE=str(path), R2_SECRET_ACCESS_KEY="another")
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert caught.value.message == f"R2_SECRET_ACCESS_KEY_FILE={str(path)!r} {problem}"


@pytest.mark.parametrize("missing", [name for name in R2 if name != "STORAGE_BACKEND"])
def test_r2_without_its_required_settings_is_refused(environment: Callable[..., None], missing: str) -> None:
    environment(**{name: value for name, value in R2.items() if name != missing})
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert caught.value.message == f"STORAGE_BACKEND=r2 also needs {missing}."


def test_files_are_left_to_a_trusted_proxy_only(environment: Callable[..., None]) -> None:
    environment(FILES_SENT_BY="proxy")
    with pytest.raises(ConfigError, match=r"^FILES_SENT_BY=proxy also needs TRUSTED_PROXIES\.$"):
        config.load()
    assert config.load({"TRUSTED_PROXIES": 1})["FILES_SENT_BY"] == "proxy"


def test_account_stands_for_the_address_of_r2(environment: Callable[..., None]) -> None:
    environment(**R2 | {"R2_ENDPOINT_URL": "", "R2_ACCOUNT_ID": "abc"})
    assert config.load()["R2_ENDPOINT_URL"] == "https://abc.r2.cloudflarestorage.com"


def test_address_wins_over_the_account(environment: Callable[..., None]) -> None:
    environment(**R2 | {"R2_ACCOUNT_ID": "abc"})
    assert config.load()["R2_ENDPOINT_URL"] == "https://example.com"


def test_store_that_was_left_needs_its_keys_still(environment: Callable[..., None]) -> None:
    environment(**R2 | {"STORAGE_BACKEND": "local", "R2_SECRET_ACCESS_KEY": ""})
    with pytest.raises(ConfigError, match=r"^R2_BUCKET=photos also needs R2_SECRET_ACCESS_KEY\.$"):
        config.load()


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        ("DATABASE_URL", "mysql://ada:s3cret@db/photos", "mysql://ada:***@db/photos"),
        ("DATABASE_URL", "mysql://ada:s3cret/with@both@db/photos", "mysql://ada:***@db/photos"),
        ("DATABASE_URL", "ada:s3cret@db/photos", "ada:***@db/photos"),
        ("DATABASE_URL", "mysql://db/photos?user=ada&password=s3cret", "mysql://db/photos?user=ada&password=***"),
        ("QUEUE_URL", "redis://:s3cret@db:port", "redis://:***@db:port"),
        ("RATE_LIMIT_URL", "amqp://ada:s3cret@db", "amqp://ada:***@db"),
    ],
)
def test_password_in_an_address_is_not_printed(
    environment: Callable[..., None], name: str, given: str, shown: str
) -> None:
    environment(**{name: given})
    with pytest.raises(ConfigError) as refused:
        config.load()
    assert refused.value.message.startswith(f"{name}='{shown}' is not valid: it must ")
    assert "s3cret" not in refused.value.message
