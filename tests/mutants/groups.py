"""What is changed, and the tests among which the nearest are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Group:
    """Modules, as globs below the root, and the arguments of pytest for the tests that are to notice their changes."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def paths(self) -> list[str]:
        """The modules, relative to the root."""
        found = {path.relative_to(ROOT).as_posix() for glob in self.modules for path in ROOT.glob(glob)}
        return sorted(found - {path for path in found if path.endswith("__init__.py")})


GROUPS = {
    "access": Group(
        ("app/services/access/*.py", "app/views/gate.py"),
        (
            "tests/services/access",
            "tests/views/test_gate.py",
            "tests/views/test_links.py",
            "tests/views/test_visitors.py",
            "tests/security/test_grants.py",
            "tests/security/limits",
        ),
    ),
    "processing": Group(
        tuple(
            f"app/services/{name}.py"
            for name in ("variants/claims", "variants/processing", "variants/isolation", "leases")
        ),
        (
            "tests/services/variants/test_processing.py",
            "tests/services/variants/test_claims.py",
            "tests/services/variants/test_isolation.py",
            "tests/services/variants/test_on_demand.py",
            "tests/services/test_leases.py",
            "tests/jobs/test_pool.py",
            "tests/jobs/test_sweep.py",
            "tests/jobs/test_sweeper.py",
        ),
    ),
    "uploads": Group(
        ("app/services/uploads/*.py",),
        (
            "tests/services/uploads",
            "tests/views/test_uploads.py",
            "tests/views/test_upload_check.py",
            "tests/views/test_resumable.py",
            "tests/views/test_direct_parts.py",
            "tests/cli/test_storage.py",
            "tests/cli/test_imports.py",
        ),
    ),
    "delivery": Group(
        (
            "app/services/delivery/files.py",
            "app/services/delivery/addresses.py",
            "app/services/delivery/pictures.py",
            "app/views/collections/file_routes.py",
        ),
        (
            "tests/services/delivery/test_files.py",
            "tests/services/delivery/test_pictures.py",
            "tests/services/delivery/test_addresses.py",
            "tests/views/test_files.py",
            "tests/views/test_info.py",
            "tests/views/test_picture_cache_control.py",
            "tests/security/test_presigned.py",
            "tests/security/test_metadata_privacy.py",
            "tests/security/limits",
        ),
    ),
    "imaging": Group(
        tuple(f"app/imaging/{name}.py" for name in ("render", "variants", "flat", "formats", "colour")),
        (
            "tests/imaging/test_render.py",
            "tests/imaging/test_variants.py",
            "tests/imaging/test_flat.py",
            "tests/imaging/test_formats.py",
            "tests/imaging/test_colour.py",
            "tests/imaging/test_named_colour.py",
            "tests/imaging/test_heic.py",
            "tests/imaging/test_raw.py",
        ),
    ),
}

FIRST_ONLY = "`scalar` takes the first row only."

# Changes that no test can notice, by module, line before and line after, with the reason.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "app/services/leases.py",
        "if db.session.scalar(select(Lease.name).where(Lease.expires_at <= utc_now()).limit(1)) is None:",
        "if db.session.scalar(select(Lease.name).where(Lease.expires_at <= utc_now()).limit(2)) is None:",
    ): FIRST_ONLY,
    (
        "app/services/variants/processing.py",
        "if db.session.scalar(select(File.id).where(exhausted).limit(1)) is None:",
        "if db.session.scalar(select(File.id).where(exhausted).limit(2)) is None:",
    ): FIRST_ONLY,
    (
        "app/services/access/grants.py",
        "if db.session.scalar(select(models.Grant.id).where(old).limit(1)) is None:",
        "if db.session.scalar(select(models.Grant.id).where(old).limit(2)) is None:",
    ): FIRST_ONLY,
    (
        "app/services/variants/processing.py",
        "suspicion = case((interruptions < isolation.SUSPECT_AFTER, 0), else_=interruptions)",
        "suspicion = case((interruptions < isolation.SUSPECT_AFTER, 1), else_=interruptions)",
    ): "Suspects have at least 2 interruptions, so they come after 1 as they do after 0.",
    (
        "app/services/variants/claims.py",
        "longest = min(FIRST_DELAY_SECONDS * 4 ** min(attempt - 1, 8), LONGEST_DELAY_SECONDS)",
        "longest = min(FIRST_DELAY_SECONDS * 4 ** min(attempt - 1, 9), LONGEST_DELAY_SECONDS)",
    ): "From the fifth attempt on LONGEST_DELAY_SECONDS is less.",
    (
        "app/services/access/guesses.py",
        "LOCKS = 64",
        "LOCKS = 65",
    ): "Only which guesses under different keys wait for each other.",
    (
        "app/services/delivery/addresses.py",
        "if ends_at is not None and now < ends_at < expires_at:",
        "if ends_at is not None and now < ends_at <= expires_at:",
    ): "A URL that expires at the end, to the second, is given the end as its expiry.",
    (
        "app/views/gate.py",
        'require_scope(visitor, scope_of(request.endpoint or ""))',
        'require_scope(visitor, scope_of(request.endpoint or "?"))',
    ): "A request without an endpoint needs no account, so it does not come so far.",
    (
        "app/imaging/flat.py",
        "SHARPEN = ImageFilter.Kernel((3, 3), (-1, -1, -1, -1, 15, -1, -1, -1, -1), scale=7)",
        "SHARPEN = ImageFilter.Kernel((3, 3), (-1, -1, -1, -1, 15, -1, -1, -1, -1), )",
    ): "without a scale Pillow divides by the sum of the kernel, which is 7",
    (
        "app/imaging/flat.py",
        'wide = image if image.mode == "I;16" else image.convert("I")',
        'wide = image if image.mode == "" else image.convert("I")',
    ): "the same values, held in twice the memory",
}
