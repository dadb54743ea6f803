"""Every setting: what it falls back to, what it takes, and the sentence with which it refuses the rest."""

from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from app import config
from app.errors import ConfigError

ROOT = config.ROOT
R2 = {
    "STORAGE_BACKEND": "r2",
    "R2_BUCKET": "photos",
    "R2_ACCESS_KEY_ID": "id",
    "R2_SECRET_ACCESS_KEY": "secret",
    "R2_ENDPOINT_URL": "https://example.com",
}
PARSERS = {setting.name: setting for setting in config.SETTINGS}

# name: default, what is given and what becomes of it, what is refused
TABLE: dict[str, tuple[Any, dict[str, Any], tuple[str, ...]]] = {
    "SECRET_KEY": ("", {"s3cret $%": "s3cret $%"}, ()),
    "DATABASE_URL": (
        f"sqlite:///{ROOT}/instance/proofsheet.db",
        {
            "sqlite:////srv/p.db": "sqlite:////srv/p.db",
            "sqlite:///data/p.db": f"sqlite:///{ROOT}/data/p.db",
            "sqlite:////srv/p.db?timeout=5": "sqlite:////srv/p.db?timeout=5",
            "postgres://u:p%40s@db/name": "postgresql+psycopg://u:p%40s@db/name",
            "postgresql://u@db:5433/name?sslmode=require": "postgresql+psycopg://u@db:5433/name?sslmode=require",
            "postgresql+psycopg://u@/name?host=/run/pg": "postgresql+psycopg://u@/name?host=%2Frun%2Fpg",
        },
        (
            "mysql://root@localhost/p",
            "proofsheet.db",
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite://data/p.db",
            "postgresql://u@db:port/name",
            "postgresql+psycopg2://u@db/name",
        ),
    ),
    "STORAGE_BACKEND": ("local", {"Local": "local", "R2": "r2"}, ("s3", "local r2")),
    "STORAGE_PATH": (f"{ROOT}/instance/storage", {"/srv/photos": "/srv/photos", "photos": f"{ROOT}/photos"}, ()),
    "R2_ENDPOINT_URL": (
        "",
        {"https://a.example.com/": "https://a.example.com", "http://127.0.0.1:9000": "http://127.0.0.1:9000"},
        ("a.example.com", "s3://bucket", "https://", "https://[a"),
    ),
    "R2_ACCOUNT_ID": ("", {"abc123": "abc123"}, ()),
    "R2_BUCKET": ("", {"photos": "photos"}, ()),
    "R2_ACCESS_KEY_ID": ("", {"id": "id"}, ()),
    "R2_SECRET_ACCESS_KEY": ("", {"a/b+c=": "a/b+c="}, ()),
    "R2_REGION": ("auto", {"eu-central-1": "eu-central-1"}, ()),
    "R2_ORIGINALS_STORAGE_CLASS": ("STANDARD", {"standard_ia": "STANDARD_IA"}, ("GLACIER",)),
    "PRESIGNED_URL_SECONDS": (7200, {"60": 60, "604800": 604_800}, ("59", "604801", "two hours", "-60")),
    "QUEUE_URL": (
        "",
        {url: url for url in ("redis://127.0.0.1:6379/0", "rediss://h/1", "amqp://a:b@h", "amqps://h", "memory://")},
        ("localhost:6379", "http://h", "sqs://h"),
    ),
    "VARIANT_WORKERS": (3, {"1": 1, "64": 64, " 4 ": 4}, ("0", "65", "3.0", "²", "--3", "1e1", "9" * 5000)),
    "VARIANT_WAIT_SECONDS": (3.0, {"0": 0.0, "0.5": 0.5, "60": 60.0}, ("-0.1", "60.1", "nan", "inf", "soon")),
    "VARIANT_EXTRA_FORMATS": (
        (),
        {"avif": ("avif",), "WebP, avif": ("webp", "avif")},
        ("png", "avif avif", "webp,webp"),
    ),
    "MAX_UPLOAD_MB": (200, {"1": 1, "5000": 5000}, ("0", "5001", "200 MB")),
    "MAX_IMAGE_MEGAPIXELS": (160, {"1": 1, "2000": 2000}, ("0", "2001", "many")),
    "TRASH_DAYS": (30, {"0": 0, "3650": 3650}, ("-1", "3651", "never")),
    "TRUSTED_PROXIES": (0, {"1": 1, "16": 16}, ("-1", "17", "10.0.0.1")),
}
GOOD = [(name, given, value) for name, (_, good, _) in TABLE.items() for given, value in good.items()]
BAD = [(name, given) for name, (_, _, bad) in TABLE.items() for given in bad]

Environment = dict[str, str]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Sets variables where there were none, not even in .env or instance/."""
    for name in list(os.environ):
        if name.removesuffix("_FILE") in config.NAMES or name.startswith(config.OWN_PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")

    def set_all(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all


def read(name: str, text: str) -> Any:
    """What the text becomes, relative to the real folder of Proofsheet."""
    return PARSERS[name].parse(text)


def test_table_has_every_setting() -> None:
    assert list(TABLE) == [setting.name for setting in config.SETTINGS]


@pytest.mark.parametrize("name", [name for name in TABLE if name != "SECRET_KEY"])
def test_default(environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(config, "ROOT", ROOT)
    monkeypatch.setattr(config, "_dotenv", dict)
    default = TABLE[name][0]
    for nothing in ("", "  "):
        environment(**{name: nothing})
        assert config.load()[name] == default
    assert type(config.load()[name]) is type(default)


@pytest.mark.parametrize(("name", "given", "value"), GOOD)
def test_good_value(name: str, given: str, value: Any) -> None:
    assert config.load({"SECRET_KEY": "x"} | R2 | {name: given.strip()})[name] == read(name, given.strip()) == value


@pytest.mark.parametrize(("name", "given"), BAD)
def test_bad_value_is_refused_by_name(environment: Callable[..., None], name: str, given: str) -> None:
    environment(**{name: given})
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert re.fullmatch(rf"{name}='.+' makes no sense: it takes (a|one|sqlite).+\.", caught.value.message)
    assert given in caught.value.message


@pytest.mark.parametrize(
    "misspelt", ["R2_BUKET", "VARIANT_WORKER", "PRESIGNED_URL_SECOND", "MAX_UPLOAD_MIB", "R2_KEY_FILE"]
)
def test_misspelt_name_is_refused(environment: Callable[..., None], misspelt: str) -> None:
    environment(**{misspelt: "1"})
    with pytest.raises(ConfigError, match=f"^{misspelt} is not a setting of Proofsheet; see docs/configure.md"):
        config.load()


def test_misspelt_override_is_refused(environment: Callable[..., None]) -> None:
    with pytest.raises(ConfigError, match=r"^VARIANT_WORKER is not a setting"):
        config.load({"VARIANT_WORKER": 1})


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


def test_override_that_is_no_setting_of_ours_passes(environment: Callable[..., None]) -> None:
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
def test_file_that_says_nothing_is_refused(
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
def test_r2_without_what_it_needs_is_refused(environment: Callable[..., None], missing: str) -> None:
    environment(**{name: value for name, value in R2.items() if name != missing})
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert caught.value.message == f"STORAGE_BACKEND=r2 also needs {missing}."


def test_account_stands_for_the_address_of_r2(environment: Callable[..., None]) -> None:
    environment(**R2 | {"R2_ENDPOINT_URL": "", "R2_ACCOUNT_ID": "abc"})
    assert config.load()["R2_ENDPOINT_URL"] == "https://abc.r2.cloudflarestorage.com"


def test_address_wins_over_the_account(environment: Callable[..., None]) -> None:
    environment(**R2 | {"R2_ACCOUNT_ID": "abc"})
    assert config.load()["R2_ENDPOINT_URL"] == "https://example.com"


# --- the secret key ------------------------------------------------------------------------


def test_secret_key_is_made_once_for_its_owner_alone(environment: Callable[..., None], tmp_path: Path) -> None:
    first, second = config.load()["SECRET_KEY"], config.load()["SECRET_KEY"]
    assert first == second
    assert len(bytes.fromhex(first)) == 32
    [path] = (tmp_path / "instance").iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("secret_key", 0o600)


def test_secret_keys_differ(environment: Callable[..., None], tmp_path: Path) -> None:
    first = config.load()["SECRET_KEY"]
    (tmp_path / "instance" / "secret_key").unlink()
    assert config.load()["SECRET_KEY"] != first


def test_given_secret_key_leaves_no_file(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(SECRET_KEY="mine")
    assert config.load()["SECRET_KEY"] == "mine"
    assert not (tmp_path / "instance").exists()


def test_draft_of_an_interrupted_start_is_no_obstacle(environment: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / f"secret_key.{os.getpid()}").write_text("half", encoding="ascii")
    assert len(config.load()["SECRET_KEY"]) == 64


def test_empty_secret_key_file_is_refused(environment: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").touch()
    with pytest.raises(ConfigError, match=r"^SECRET_KEY is not set and .*secret_key is empty"):
        config.load()


def test_secret_key_that_cannot_be_kept_is_refused(environment: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "instance").touch()  # a file where the folder belongs
    with pytest.raises(ConfigError, match=r"^SECRET_KEY is not set and cannot be kept in "):
        config.load()


ROUNDS = 150
RACER = """
import sys, time
from pathlib import Path
from app import config
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(int(sys.argv[2])):
    config.INSTANCE = Path(sys.argv[1], str(number))
    while time.time() < start + number * 0.005:
        pass
    print(config.load()["SECRET_KEY"])
"""


def test_processes_that_start_at_once_agree_on_one_secret_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACER, str(tmp_path), str(ROUNDS)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, **pipes) for _ in range(2)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    start = time.time() + 0.05
    for racer in racers:
        racer.stdin.write(f"{start}\n")
        racer.stdin.flush()
    one, other = (racer.communicate(timeout=60)[0].split() for racer in racers)
    assert one == other
    assert {len(key) for key in one} == {64}
    assert len(set(one)) == ROUNDS
    assert {path.name for path in tmp_path.glob("*/*")} == {"secret_key"}


# --- what people read ----------------------------------------------------------------------


def documented() -> dict[str, tuple[str, str, str]]:
    """Default, what it takes and what it means, by name, from docs/configure.md."""
    lines = (ROOT / "docs" / "configure.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {name.strip("`"): (default.strip("`"), takes, meaning) for name, default, takes, meaning in cells}


def example() -> dict[str, str | None]:
    """The settings of .env.example, as if the # before each were taken away."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or not line for line in lines)
    text = "\n".join(line.removeprefix("#") for line in lines if not line.startswith("# "))
    return dict(dotenv_values(stream=io.StringIO(text)))


def test_documentation_example_and_settings_have_the_same_names() -> None:
    assert list(documented()) == list(example()) == [setting.name for setting in config.SETTINGS]


@pytest.mark.parametrize("name", list(TABLE))
def test_documented_default_is_the_default(name: str) -> None:
    default = PARSERS[name].parse(PARSERS[name].default) if PARSERS[name].default else ""
    for written in (documented()[name][0], example()[name]):
        assert (PARSERS[name].parse(written) if written else "") == default


@pytest.mark.parametrize("name", list(TABLE))
def test_documentation_says_what_the_refusal_says(name: str) -> None:
    _, takes, meaning = documented()[name]
    assert meaning.endswith(".")
    refused = TABLE[name][2]
    if not refused:
        assert takes == ("a path" if name == "STORAGE_PATH" else "any text")
        return
    with pytest.raises(ValueError, match=f"^takes {re.escape(takes)}$"):
        PARSERS[name].parse(refused[0])


def test_password_in_an_address_is_not_printed(environment: Callable[..., None]) -> None:
    environment(DATABASE_URL="mysql://ada:s3cret@db/photos")
    with pytest.raises(ConfigError, match=r"mysql://ada:\*\*\*@db") as refused:
        config.load()
    assert "s3cret" not in str(refused.value)
