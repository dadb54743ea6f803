"""Rows that are easily damaged: odd text, microseconds, numbers past 31 bits, JSON as it was written, NULLs.

Every column has a value; a database at an older revision gets those columns that it has.
"""

from __future__ import annotations

from typing import Any

ODD_TEXT = "Łódź 東京 📷 e\u0301 \u202e\u00a0 '' \" \\ \\n %s %(x)s :name ?1 ;-- \t\r\n trailing "
ODD_JSON = (
    '{"ISO":100,  "Objektiv": "f/2.8  24\\u202f–\\u202f70 mm", "n": 9007199254740993, "x": [0.10, 1e-7, null, ""]}'
)
TIME = "2026-02-28 23:59:59.987654"
LONG_AGO = "0999-12-31 00:00:00.000001"
FAR_AWAY = "9998-01-01 12:30:00.500000"

Row = dict[str, Any]

LIVE: Row = {"deleted_at": None, "deleted_by_id": None, "purge_after": None, "purging_at": None, "purge_attempts": 0}
DELETED: Row = {
    "deleted_at": TIME,
    "deleted_by_id": 7,
    "purge_after": FAR_AWAY,
    "purging_at": LONG_AGO,
    "purge_attempts": 2_147_483_647,
}


def _file(number: int, **columns: Any) -> Row:
    common = {
        "id": number,
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "filename": f"{number:032x}.jpg",
        "original_filename": "photo.jpg",
        "name_key": "photo.jpg",
        "mime_type": "image/jpeg",
        "size": 24_300_000,
        "storage_path": f"collections/c/{number:032x}.jpg",
        "thumbnail_path": None,
        "thumb_path": None,
        "medium_path": None,
        "upload_complete": True,
        "storage_backend": "local",
        "storage_class": None,
        "metadata_json": None,
        "created_at": TIME,
        "collection_id": 1,
        "sha256": f"{number:064x}",
        "crc32": number,
        "width": None,
        "height": None,
        "taken_at": None,
        "order_time": None,
        "utc_offset": None,
        "camera": "",
        "camera_serial": "",
        "thumbhash": None,
        "processing_status": "pending",
        "attempts": 0,
        "interruptions": 0,
        "error_code": None,
        "error": None,
        "started_at": None,
        "completed_at": None,
        "next_attempt_at": None,
        "lease_token": None,
        "lease_expires_at": None,
        "position": None,
        "deleted_with_collection": False,
        **LIVE,
    }
    assert columns.keys() <= common.keys()
    return common | columns


def _variant(number: int, file_id: int, name: str) -> Row:
    return {
        "id": number,
        "file_id": file_id,
        "name": name,
        "format": "JPEG",
        "path": f"collections/c/variants/{name}_{number}.jpg",
        "width": 2_147_483_647,
        "height": 1,
        "size": 2**40 + number,
        "sha256": f"{number:064x}",
        "created_at": TIME,
    }


# Parents before children, as foreign keys want them.
ROWS: dict[str, list[Row]] = {
    "users": [
        {
            "id": 7,
            "email": "zoë@example.com",
            "name": ODD_TEXT,
            "password_hash": "scrypt:32768:8:1$x$" + "f" * 128,
            "role": "admin",
            "created_at": LONG_AGO,
            "accent": "#1a6b5c",
            "session_version": 2_147_483_647,
        },
        {
            "id": 2_147_483_646,
            "email": "0123",
            "name": "",
            "password_hash": "1e3",
            "role": "photographer",
            "created_at": TIME,
            "accent": None,
            "session_version": 1,
        },
    ],
    "collections": [
        {
            "id": 1,
            "uuid": "00000000-0000-4000-8000-000000000001",
            "title": ODD_TEXT,
            "description": ODD_TEXT * 500,
            "owner_id": 7,
            "privacy": "password",
            "password_hash": "scrypt:32768:8:1$salt$" + "0" * 128,
            "expires_at": FAR_AWAY,
            "downloads_allowed": False,
            "hides_location": True,
            "created_at": TIME,
            "sort_order": "manual",
            "cover_uuid": "00000000-0000-4000-8000-000000000001",
            "event_date": "2026-02-28",
            "real_time_offset": 20_700,
            "real_time_ended_by": ODD_TEXT,
            **LIVE,
        },
        {
            "id": 2,
            "uuid": "00000000-0000-4000-8000-000000000002",
            "title": "007",
            "description": "",
            "owner_id": None,
            "privacy": "public",
            "password_hash": None,
            "expires_at": None,
            "downloads_allowed": True,
            "hides_location": False,
            "created_at": LONG_AGO,
            "sort_order": "taken",
            "cover_uuid": None,
            "event_date": None,
            "real_time_offset": None,
            "real_time_ended_by": None,
            **LIVE,
        },
        {
            "id": 3,
            "uuid": "00000000-0000-4000-8000-000000000003",
            "title": "In the bin",
            "description": "",
            "owner_id": 7,
            "privacy": "private",
            "password_hash": None,
            "expires_at": None,
            "downloads_allowed": True,
            "hides_location": False,
            "created_at": TIME,
            "sort_order": "taken",
            "cover_uuid": None,
            "event_date": None,
            "real_time_offset": None,
            "real_time_ended_by": None,
            **DELETED,
        },
    ],
    "files": [
        _file(
            1,
            original_filename=ODD_TEXT,
            size=2**53 + 1,
            thumbnail_path="old/thumb.jpg",
            thumb_path="collections/c/variants/thumb_1.jpg",
            medium_path="collections/c/variants/medium_1.jpg",
            storage_backend="r2",
            storage_class="STANDARD_IA",
            metadata_json=ODD_JSON,
            crc32=2**32 - 1,
            width=30_000,
            height=20_000,
            taken_at=LONG_AGO,
            order_time=FAR_AWAY,
            utc_offset=-34_200,
            camera=ODD_TEXT,
            camera_serial="3001234",
            position=-(2**40),
            thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI",
            processing_status="completed",
            attempts=1,
            started_at=TIME,
            completed_at=TIME,
        ),
        _file(
            2,
            mime_type="application/pdf",
            size=0,
            upload_complete=False,
            metadata_json="{}",
            created_at=FAR_AWAY,
            collection_id=2,
            sha256=None,
            crc32=None,
            processing_status="completed",
        ),
        _file(
            3,
            thumb_path="collections/c/variants/thumb_3.jpg",
            metadata_json="null",
            processing_status="retrying",
            attempts=2_147_483_647,
            interruptions=2_147_483_647,
            error_code="image_corrupt",
            error=ODD_TEXT,
            next_attempt_at=FAR_AWAY,
            lease_token="00000000-0000-4000-8000-00000000000f",
            lease_expires_at=TIME,
        ),
        # As the way down leaves what is deleted: out of sight.
        _file(4, collection_id=3, upload_complete=False, sha256=None, deleted_with_collection=True, **DELETED),
        *(_file(number, collection_id=2) for number in range(10, 60)),
    ],
    "camera_clocks": [
        {"id": 2_147_483_647, "collection_id": 1, "camera": ODD_TEXT, "serial": "", "shift_seconds": -2_147_483_648}
    ],
    "variants": [_variant(1, 1, "thumb"), _variant(2, 1, "medium"), _variant(3, 3, "thumb")],
    "uploads": [
        {
            "id": 1,
            "uuid": "00000000-0000-4000-8000-0000000000aa",
            "collection_id": 1,
            "user_id": 7,
            "name": ODD_TEXT,
            "size": 2**53 + 1,
            "sha256": "a" * 64,
            "storage_backend": "r2",
            "storage_path": "collections/c/arriving.jpg",
            "multipart_id": "2~" + "x" * 900,
            "part_size": 2**40,
            "created_at": TIME,
            "touched_at": FAR_AWAY,
        }
    ],
    "share_links": [
        {
            "id": 3,
            "uuid": "00000000-0000-4000-8000-0000000000bb",
            "collection_id": 1,
            "secret_sha256": "b" * 64,
            "label": ODD_TEXT,
            "downloads_allowed": True,
            "created_at": LONG_AGO,
            "expires_at": FAR_AWAY,
            "revoked_at": TIME,
            "visits": 2_147_483_647,
            "last_used_at": TIME,
        }
    ],
    "grants": [
        {
            "id": 1,
            "visitor": "00000000-0000-4000-8000-0000000000cc",
            "collection_id": 1,
            "seal": "0123456789abcdef",
            "share_link_id": None,
            "created_at": TIME,
        },
        {
            "id": 2,
            "visitor": "00000000-0000-4000-8000-0000000000cd",
            "collection_id": 1,
            "seal": None,
            "share_link_id": 3,
            "created_at": TIME,
        },
    ],
    "one_time_links": [
        {
            "id": 1,
            "purpose": "invitation",
            "secret_sha256": "c" * 64,
            "role": "admin",
            "user_id": None,
            "created_by_id": 7,
            "created_at": TIME,
            "expires_at": FAR_AWAY,
            "used_at": LONG_AGO,
        },
        {
            "id": 2,
            "purpose": "password",
            "secret_sha256": "d" * 64,
            "role": "photographer",
            "user_id": 7,
            "created_by_id": None,
            "created_at": TIME,
            "expires_at": TIME,
            "used_at": None,
        },
    ],
    "api_tokens": [
        {
            "id": 1,
            "uuid": "00000000-0000-4000-8000-0000000000dd",
            "user_id": 7,
            "name": ODD_TEXT,
            "secret_sha256": "e" * 64,
            "scope": "upload",
            "created_at": LONG_AGO,
            "expires_at": FAR_AWAY,
            "revoked_at": TIME,
            "last_used_at": TIME,
        }
    ],
    "leases": [{"name": ODD_TEXT[:100], "token": "00000000-0000-4000-8000-00000000000f", "expires_at": TIME}],
}
