"""`.env`: its accepted content, and the one-line error for anything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app import config
from app.errors import ConfigError

DID_YOU_MEAN = "is not a setting of Proofsheet; did you mean"
END = "ee docs/configure.md for those that are."


@pytest.fixture
def dotenv(environment: Callable[..., None], tmp_path: Path) -> Path:
    """The path of the file, which does not exist yet."""
    return tmp_path / ".env"


@pytest.mark.parametrize(
    "text",
    [
        "VARIANT_WORKERS=7",
        "\n# mine\n\nexport VARIANT_WORKERS = 7  # seven\n",
        "\ufeffVARIANT_WORKERS='7'\r\n",
        'FLASK_APP=wsgi\nFLASK_DEBUG=1\nFLASK_RUN_PORT=80\nVARIANT_WORKERS="7"',
    ],
)
def test_file_is_read(dotenv: Path, text: str) -> None:
    dotenv.write_text(text, encoding="utf-8")
    assert config.load()["VARIANT_WORKERS"] == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\nSTORAGE_BACKND=r2\n", f".env, line 3: STORAGE_BACKND {DID_YOU_MEAN} STORAGE_BACKEND? S{END}"),
        ("SECRETKEY=s3cret\n", f".env, line 1: SECRETKEY {DID_YOU_MEAN} SECRET_KEY? S{END}"),
        ("storage_path=/srv\n", f".env, line 1: storage_path {DID_YOU_MEAN} STORAGE_PATH? S{END}"),
        ("# a\nTRASH_DAYS=3\nPORT=80\n", f".env, line 3: PORT is not a setting of Proofsheet; s{END}"),
        ("FLASK_SECRET_KEY=s3cret\n", f".env, line 1: FLASK_SECRET_KEY is not a setting of Proofsheet; s{END}"),
    ],
)
def test_unknown_name_is_refused_with_its_line(dotenv: Path, text: str, said: str) -> None:
    dotenv.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert caught.value.message == said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("TRASH_DAYS=3\n\nSECRET_KEY = 's3cret of mine\n", 3),
        ('SECRET_KEY="s3cret\nTRASH_DAYS="3"\n', 1),
        ('SECRET_KEY="s3cret" of mine\nTRASH_DAYS=3\n', 1),
        ("SECRET_KEY s3cret\n", 1),
        ("TRASH_DAYS=3\n=s3cret\n", 2),
        ("SECRET_KEY: s3cret\n", 1),
        ("SECRET_KEY\n", 1),
    ],
)
def test_line_that_cannot_be_read_is_named_without_its_value(dotenv: Path, text: str, line: int) -> None:
    dotenv.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert caught.value.message == f".env, line {line}, cannot be read: it is not NAME=VALUE."


def test_file_that_is_not_text_is_refused(dotenv: Path) -> None:
    dotenv.write_bytes(b"SECRET_KEY=\xff\xfe\n")
    with pytest.raises(ConfigError, match=r"^\.env cannot be read: it is not text in UTF-8\.$"):
        config.load()


def test_file_that_cannot_be_opened_is_refused(dotenv: Path) -> None:
    dotenv.symlink_to(dotenv)
    with pytest.raises(ConfigError, match=r"^\.env cannot be read: Too many levels of symbolic links\.$"):
        config.load()


def test_folder_named_dotenv_is_ignored(dotenv: Path) -> None:
    dotenv.mkdir()
    assert config.load()["TRASH_DAYS"] == 30
