"""CORS rules for direct uploads to a bucket, and tests of them with the requests that a browser sends."""

from __future__ import annotations

from typing import Any

import urllib3

PREFLIGHT_SECONDS = 10.0
SENT_HEADERS = ("content-md5", "content-type")


def wanted_rules(origin: str) -> list[dict[str, Any]]:
    """Return the CORS rules that a bucket needs for direct uploads from the origin."""
    return [
        {
            "AllowedOrigins": [origin],
            "AllowedMethods": ["GET", "HEAD", "PUT"],
            "AllowedHeaders": [*SENT_HEADERS, "range"],
            "ExposeHeaders": ["ETag", "Content-Length", "Content-Range"],
            "MaxAgeSeconds": 3600,
        }
    ]


def preflight_problem(url: str, origin: str) -> str | None:
    """Return why the preflight request of a browser fails for a PUT to the URL, None if it succeeds."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": ",".join(SENT_HEADERS),
    }
    try:
        with urllib3.PoolManager(timeout=PREFLIGHT_SECONDS, retries=False) as pool:
            answer = pool.request("OPTIONS", url, headers=asked, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        return f"The store did not answer the preflight request ({type(error).__name__})."
    return _refusal(answer.status, {name.lower(): value for name, value in answer.headers.items()}, origin)


def put_problem(url: str, origin: str, body: bytes, md5: str) -> str | None:
    """Send a part to its URL; return why a page of the origin cannot send it or read the ETag, None if it can."""
    try:
        with urllib3.PoolManager(timeout=PREFLIGHT_SECONDS, retries=False) as pool:
            answer = pool.request("PUT", url, body=body, headers={"Origin": origin, "Content-MD5": md5})
    except urllib3.exceptions.HTTPError as error:
        return f"The store did not take the part ({type(error).__name__})."
    if answer.status != 200:
        return f"The store answered {answer.status} to a part at a presigned URL."
    exposed = answer.headers.get("Access-Control-Expose-Headers", "").lower()
    if "etag" not in exposed and "*" not in exposed:
        return "The store does not let the page read the ETag (ExposeHeaders)."
    return None


def get_problem(url: str, body: bytes) -> str | None:
    """Fetch a presigned URL; return the problem in words if it does not give `body`, else None."""
    try:
        with urllib3.PoolManager(timeout=PREFLIGHT_SECONDS, retries=False) as pool:
            answer = pool.request("GET", url)
    except urllib3.exceptions.HTTPError as error:
        return f"The store did not answer at a presigned URL ({type(error).__name__})."
    if answer.status != 200:
        return f"The store answered {answer.status} at a presigned URL."
    return None if answer.data == body else "A presigned URL returned other bytes than were written."


def _refusal(status: int, headers: dict[str, str], origin: str) -> str | None:
    if status not in (200, 204):
        return f"The store answered {status} to the preflight request of {origin}."
    if headers.get("access-control-allow-origin") not in (origin, "*"):
        return f"The store does not allow the origin {origin} (AllowedOrigins)."
    if "PUT" not in _listed(headers, "access-control-allow-methods", str.upper):
        return "The store does not allow PUT (AllowedMethods)."
    allowed = _listed(headers, "access-control-allow-headers", str.lower)
    if missing := [name for name in SENT_HEADERS if name not in allowed and "*" not in allowed]:
        return f"The store does not allow the headers {', '.join(missing)} (AllowedHeaders)."
    return None


def _listed(headers: dict[str, str], name: str, normal: Any) -> set[str]:
    return {normal(each.strip()) for each in headers.get(name, "").split(",")}
