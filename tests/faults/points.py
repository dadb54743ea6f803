"""The points of upload, generation and deletion at which the process can be killed, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Which = Callable[[tuple[Any, ...], Any], bool]  # arguments and result of a call -> whether it is the one that is meant

COMMIT = "sqlalchemy.engine.default:DefaultDialect.do_commit"
LOCAL = "app.integrations.local_storage:"
ORIGINALS = "app.services.uploads.originals:"
THUMBNAILS = "app.services.thumbnail_service:ThumbnailService."
SINGLE = "app.services.variants.single:SingleVariant."
VARIANTS = "app.services.variants.store:"
PURGE = "app.services.trash.purge:"


@dataclass(frozen=True)
class Point:
    """A place in the running program: just before or just after a call of `target`, the first `often` of them.

    With `since`, only the first call that the same thread makes after it has begun a call of that function.
    """

    name: str
    when: str
    target: str
    since: str = ""
    which: Which = lambda _arguments, _result: True
    often: int = 1


def _has_result(_arguments: tuple[Any, ...], result: Any) -> bool:
    return bool(result)


def _of_original(arguments: tuple[Any, ...], _result: Any) -> bool:
    return not _of_variant(arguments, _result)


def _of_variant(arguments: tuple[Any, ...], _result: Any) -> bool:
    return any(isinstance(argument, str) and "/variants/" in argument for argument in arguments)


def _lease_of_variant(arguments: tuple[Any, ...], result: Any) -> bool:
    return result is not None and arguments[0].startswith("variant/") and not arguments[0].endswith("/failed")


def _lease_of_sweep(arguments: tuple[Any, ...], result: Any) -> bool:
    return result is not None and arguments[0] == "sweep"


def _is_new(arguments: tuple[Any, ...], _result: Any) -> bool:
    return bool(arguments[1] != "duplicate")


POINTS = (
    # a file arrives
    Point("upload.receiving", "before", "app.services.uploads.spool:Spool._receive_chunk", often=3),
    Point("upload.spooled", "after", "app.services.uploads.spool:Spool.receive", often=3),
    Point("upload.object_unflushed", "before", "os:fsync", LOCAL + "_copy_verified", _of_original, often=3),
    Point("upload.object_temp_written", "after", LOCAL + "_copy_verified", which=_of_original, often=3),
    Point("upload.object_linked", "after", LOCAL + "LocalStorage._link", which=_of_original, often=3),
    Point("upload.object_put", "after", "app.services.storage_service:StorageService.upload_file", often=3),
    Point("upload.row_flushed", "before", COMMIT, ORIGINALS + "accepted_as", _is_new, often=3),
    Point("upload.committed", "after", COMMIT, ORIGINALS + "accepted_as", _is_new, often=3),
    Point("upload.handed_over", "after", ORIGINALS + "OriginalService.enqueue", often=3),
    Point("upload.answered", "after", "tests.faults.client:Client.acknowledged", often=3),
    # its variants are made
    Point("claim.row_flushed", "before", COMMIT, "app.services.variants.claims:acquire", often=3),
    Point("claim.committed", "after", "app.services.variants.claims:acquire", which=_has_result, often=3),
    Point("original.fetched", "before", "app.imaging.render:render", often=3),
    Point("rendered", "before", VARIANTS + "VariantStore.keep", often=3),
    Point("variant.temp_written", "after", LOCAL + "_copy_verified", which=_of_variant, often=9),
    Point("variant.linked", "after", LOCAL + "LocalStorage._link", which=_of_variant, often=9),
    Point("variant.put", "after", VARIANTS + "VariantStore._keep_one", often=9),
    Point("variant.all_put", "after", VARIANTS + "VariantStore.keep", often=3),
    Point("settle.before_commit", "before", COMMIT, "app.services.variants.claims:settle", often=3),
    Point("settle.committed", "after", COMMIT, "app.services.variants.claims:settle", often=3),
    # a variant is asked for
    Point("on_demand.leased", "after", "app.services.leases:acquire", which=_lease_of_variant),
    Point("on_demand.put", "before", SINGLE + "_record"),
    Point("on_demand.before_commit", "before", COMMIT, SINGLE + "_record"),
    Point("on_demand.recorded", "after", SINGLE + "_record"),
    # the sweep, which is what heals
    Point("sweep.leased", "after", "app.services.leases:acquire", which=_lease_of_sweep),
    Point("sweep.found", "after", "app.services.variants.processing:due"),
    # a file or a collection is deleted
    Point("delete.before_commit", "before", COMMIT, "app.services.trash.deletion:changed", often=3),
    Point("delete.tombstoned", "after", COMMIT, "app.services.trash.deletion:changed", often=3),
    Point("delete.answered", "after", "tests.faults.client:Client.deleted", often=3),
    Point("delete.withdrawing", "before", THUMBNAILS + "_withdraw"),
    Point("delete.claimed", "after", PURGE + "_claim_due", which=_has_result, often=2),
    Point("delete.objects_half", "after", PURGE + "PurgeService._remove", often=9),
    Point("delete.objects_gone", "before", PURGE + "_record", often=2),
    Point("delete.rows_before_commit", "before", COMMIT, PURGE + "_record", often=2),
    Point("delete.rows_gone", "after", PURGE + "_record", often=2),
    Point("delete.folder_gone", "after", PURGE + "PurgeService._remove_leftovers"),
)
BY_NAME = {point.name: point for point in POINTS}
# What a process that starts anew comes past while it takes up what a killed one left.
IN_RECOVERY = ("sweep.", "claim.", "original.", "rendered", "variant.", "settle.", "delete.claimed", "delete.objects")
