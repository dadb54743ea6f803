"""Figures of the documents, each as the sentence has it, made of the value in the code."""

from __future__ import annotations

import re
from datetime import timedelta

from app import boot, config, patient_worker, server, sqlite
from app.cli import imports
from app.imaging import (
    colour,
    exif,
    flat,
    formats,
    high_range,
    jpeg,
    jpeg_segments,
    limits,
    packets,
    placeholder,
    png_chunks,
    render,
    source,
    tiff_directories,
)
from app.imaging.formats import ImageFormat
from app.integrations import base, prices
from app.integrations.file_storage import PRICES as PRICES_FILE
from app.integrations.s3 import presign, upload
from app.integrations.s3.settings import MIB, R2Settings
from app.jobs import sweeper
from app.services.accounts import one_time_links
from app.services.accounts.one_time_links import OneTimePurpose
from app.services.maintenance import orphans, overdue, rows
from app.services.trash import purge
from app.services.uploads import abandoned, folder, parts
from app.services.uploads import limits as upload_limits
from app.services.variants import budget, claims, isolation
from app.views.api import operations, schemas, upload_routes
from app.views.uploads import resumable_routes
from bench.browser import album, first_screen, hashing, lightbox, scenes, scrolling
from bench.imaging import pictures
from bench.serving import slow as slow_bench
from demo.album import ALBUM
from tests.faults import pair

MEGA, KIB = 1_000_000, 1024
SPELLED = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 10: "ten"}
EIGHTH = {1 / 8: "an eighth"}
MINUTES = {15: "a quarter of an hour"}
SCRIPTS = config.ROOT / "app" / "views" / "collections" / "static" / "js"
STATUS_POLL = "gallery/status_poll.js"
LIMITS = limits.Limits()
PRICES = prices.load(PRICES_FILE)
R2 = R2Settings("https://example.com", "photos", "id", "secret")


def of_script(name: str, constant: str) -> int:
    """A constant of a script: a whole number, or a product of such."""
    found = re.search(
        rf"^(?:export )?const {constant} = ([0-9_ *]+)", (SCRIPTS / name).read_text(encoding="utf-8"), re.M
    )
    assert found is not None
    product = 1
    for factor in found[1].split("*"):
        product *= int(factor)
    return product


def hours(age: timedelta) -> str:
    """The duration in hours."""
    return f"{age.total_seconds() / 3600:g}"


def most_megapixels(row: ImageFormat) -> int:
    """The largest picture that fits into the decode budget, including Pillow's 4 bytes a pixel."""
    return int(LIMITS.budget.total / (row.overhead + 4) / MEGA)


def spinning(pixels: int) -> str:
    """The pixels that the bench scrolls in a second."""
    return f"{pixels * scrolling.WHEELS_A_SECOND:,}"


README = (
    f"gallery to look at: {len(ALBUM)} photos",
    f"{source.SCALED_ALLOWANCE:g} times that for a baseline JPEG",
    f"holds the SQLite file for more than {sqlite.BUSY_TIMEOUT_MS / 1000:g} s",
    f"{SPELLED[claims.MAX_ATTEMPTS]} attempts in all",
    f"ended the server's worker {isolation.GIVEN_UP_AFTER} times",
    f"made then, {MINUTES[claims.LONGEST_DELAY_SECONDS / 60]} later at most",
)
API = (
    f"a body of more than {operations.BODY_BYTES // 1000} kB ({upload_routes.CHECK_BYTES // MEGA} MB for `check`)",
    f"`limit` (1 to {schemas.MOST}, default {schemas.PageQuery().load({})['limit']})",
)
ARCHITECTURE = (
    f"`upload/hash_worker.js`: {of_script('upload/hash_worker.js', 'SLICE') // MIB} MiB at a time, "
    f"{SPELLED[of_script('upload/queue.js', 'HASHING_LANES')]} at once)",
    f"{SPELLED[of_script('upload/queue.js', 'SENDING_LANES')]} at once (`upload/send.js`)",
    f"from {upload_limits.RESUMABLE_FROM // MEGA} MB on in pieces",
)
PHONE, DESKTOP, DENSE = scenes.PHONE, scenes.DESKTOP, scenes.DENSE
BENCHMARKS = (
    f"{len(album.SHOTS)} drawn ones of "
    + " and ".join(f"{size:g}" for size in sorted({shot.megapixels for shot in album.SHOTS}))
    + " megapixels",
    *(
        f"| {each.name} | {each.round_trip_ms} ms | {each.down_mbit:g}, {each.up_mbit:g} |"
        for each in (scenes.SLOW_4G, scenes.FAST_4G)
    ),
    f"The phone is {PHONE.width} x {PHONE.height} at {PHONE.density} device pixels",
    f"slowed down {PHONE.slowdown} times",
    f"desktops are {DESKTOP.width} x {DESKTOP.height} at {DESKTOP.density} and at {DENSE.density}",
    f"the worst visit counts | < {first_screen.LCP_MS / 1000:g} s; 0",
    f"placeholder < {lightbox.PLACEHOLDER_MS} ms",
    f"{SPELLED[int(lightbox.LOOKING_SECONDS)]} seconds after the navigation",
    f"the arrow key {SPELLED[int(lightbox.NEXT_AFTER_SECONDS)]} seconds later",
    f"turned ({spinning(scrolling.TURNED)} pixels a second, three screens) and spun ({spinning(scrolling.SPUN)})",
    f"turned: p95 < {scrolling.LATE_MS} ms, < 5 % over {scrolling.LATE_MS} ms; spun: median < {scrolling.LATE_MS} ms",
    "at " + "{:g}, {:g} and {:g} % of the way".format(*(100 * part for part in scrolling.CHECKPOINTS)),
    f"bottom < {scrolling.FLAT:g} of half way, where the page has the {of_script('gallery/slices.js', 'KEPT')} tiles",
    f"LCP beside the server | < {scrolling.CONSTANT:g} |",
    f"choosing {hashing.MEGABYTES} MB",
)
CONFIGURE = (
    f"{source.SCALED_ALLOWANCE:g} times that for a baseline JPEG",
    f"does not answer within {SPELLED[boot.CONNECT_SECONDS]} seconds",
)
FAULTS = (
    f"two servers of {SPELLED[pair.THREADS]} threads each",
    f"sweep {SPELLED[round(1 / pair.SWEEP_SECONDS)]} times a second",
    f"`verify` reports them after {'an hour' if timedelta(hours=1) == overdue.NOT_ENDED else overdue.NOT_ENDED}",
)
IMAGING = (
    f"with {render.DECODE_MARGIN:g} times the pixels of the largest spec",
    f"that has {render.RUNG_MARGIN:g} times its pixels",
    f"**Thumbhash** is made of {placeholder.LONGEST_SIDE} pixels",
    f"centre at {flat.SHARPEN.filterargs[3][4]:g} of {flat.SHARPEN.filterargs[1]:g}",
    f"megapixels | {LIMITS.max_megapixels:g}; baseline JPEG {LIMITS.max_megapixels * source.SCALED_ALLOWANCE:g} |",
    f"longer side | {LIMITS.max_side:,} pixels |",
    f"memory of all decodes together | {LIMITS.budget.total // MEGA:,} MB |",
    f"seconds for one picture | {LIMITS.max_seconds:g} |",
    f"bytes | {LIMITS.max_megabytes:,.0f} MB |",
    f"frames | {LIMITS.max_frames:,} |",
    f"PNG, BMP, GIF {formats.PNG.overhead:g}; TIFF {formats.TIFF.overhead:g}; HEIC {formats.HEIC.overhead:g}; "
    f"WebP {formats.WEBP.overhead:g}; AVIF {formats.AVIF.overhead:g} (10 bits",
    f"With {LIMITS.budget.total // MEGA:,} MB that admits a HEIC of {most_megapixels(formats.HEIC)} megapixels "
    f"and a WebP of {most_megapixels(formats.WEBP)}",
    f"fed {jpeg.PROGRESSIVE_READ // KIB} KiB at a time",
    "drawn photographs of {}, {} and {} megapixels".format(*pictures.SIZES),
    f"at most {packets.MAX_PACKET_BYTES / MEGA:g} MB of it",
    f"table has {high_range.STEPS} steps",
    f"EXIF up to {jpeg_segments.MAX_EXIF_BYTES // MEGA} MB and {jpeg_segments.MAX_BYTES // MEGA} MB of others",
    f"up to {png_chunks.MAX_CHUNK_BYTES // MEGA} MB each (profiles {colour.MAX_PROFILE_BYTES // MEGA} MB), "
    f"texts and others up to {png_chunks.MAX_BYTES // MEGA} MB together",
    f"over {tiff_directories.MAX_VALUE_BYTES // MEGA} MB or of more than "
    f"{tiff_directories.MAX_RATIONAL_BYTES // 8} fractions",
    f"Of an EXIF directory {exif.MAX_BYTES // MEGA} MB of values is read",
)
OPERATE = (
    f"with {server.threads} threads serves pages",
    f"Decoding takes at most {LIMITS.budget.total // MEGA:,} MB for all photos together",
    f"finish for up to {server.graceful_timeout} seconds",
    f"when its lease ({claims.CLAIM_LEASE.seconds} s) has run out",
    f"nothing is prepared until its lease ({claims.CLAIM_LEASE.seconds} s) has run out",
    f"at or below {budget.TARGET:g} times its originals",
    f"read once in {SPELLED[int(budget.FRESH_SECONDS)]} seconds at most, "
    f"or when {EIGHTH[budget.SHARE]} of what was left",
    f"At most {SPELLED[claims.MAX_ATTEMPTS]} attempts",
    f"a lease of {claims.CLAIM_LEASE.seconds} seconds",
    f"a sweep every {sweeper.SWEEP_SECONDS:g} seconds",
    f"one account within {({7: 'a week'})[one_time_links.LIFETIMES[OneTimePurpose.INVITATION].days]}",
    f"a new password once, within {({1: 'a day'})[one_time_links.LIFETIMES[OneTimePurpose.PASSWORD].days]}",
    f"gives this {SPELLED[int(purge.ROUND_SECONDS)]} seconds of each of its rounds",
    f"tried again after {({30: 'half a minute'})[purge.FIRST_DELAY.seconds]}",
    f"up to every {SPELLED[purge.LONGEST_DELAY.seconds // 3600]} hours",
    f"gunicorn's, which end after {server.keepalive} seconds",
    f"| {patient_worker.HEAD_SECONDS:g} seconds after its beginning, or {patient_worker.HEAD_BYTES // KIB} kB |",
    f"without a request | a connection | {server.keepalive} seconds |",
    f"after the last response | a connection | {patient_worker.LINGER_SECONDS:g} seconds |",
    f"There are {server.worker_connections:,} connections and {server.threads} threads",
    f"Above {server.worker_connections - server.threads:,} connections",
    f"{server.threads} clients that stop in bodies",
    f"while {slow_bench.CLIENTS} clients of each kind wait",
    f"{of_script(STATUS_POLL, 'FIRST_DELAY') // 1000} second after a change",
    f"up to every {of_script(STATUS_POLL, 'LAST_DELAY') // 1000} seconds, "
    f"every {of_script(STATUS_POLL, 'IDLE_DELAY') // 1000} seconds while nothing",
    f"objects older than {hours(base.LEFTOVER_AGE)} h",
    f"still there {({1: 'a day'})[overdue.NOT_BEGUN.days]} after its date",
    f"or {({3600: 'an hour'})[overdue.NOT_ENDED.seconds]} after its removal began",
    f"looks every {imports.LOOK_SECONDS:g} s",
    f"has not changed for {folder.SETTLED_SECONDS} s",
    f"Rows are read {({1000: 'a thousand'})[rows.BATCH]} at a time",
    f"one request for every {R2.page_size:,} objects",
    f"refuses to delete more than {orphans.FEW} objects",
    f"the {PRICES.classes['STANDARD'].free_gb_month:g} GB that are free",
    f"billed for at least {PRICES.classes['STANDARD_IA'].minimum_days} days",
)
STORAGE = (
    f"left there is removed after {hours(base.LEFTOVER_AGE)} hours",
    f"from {upload_limits.RESUMABLE_FROM // MEGA} MB on are sent in pieces",
    f"(tus {resumable_routes.TUS})",
    f"costs {resumable_routes.READ_BYTES // KIB} KiB at most",
    f"sends parts of {R2.part_bytes // MIB} MiB",
    f"presigned URLs that live for {({3600: 'an hour'})[parts.URL_SECONDS]}",
    f"without activity for {SPELLED[abandoned.ABANDONED.days]} days is removed",
    f"Bytes without a row go after {({24: 'a day'})[abandoned.ROWLESS.total_seconds() // 3600]}",
    f"for {PRICES.classes['STANDARD_IA'].minimum_days} days at least",
    f"Uploads of more than {R2.part_bytes // MIB} MiB go in parts of {R2.part_bytes // MIB} MiB, "
    f"{SPELLED[upload.PART_THREADS]} at a time",
    f"are aborted after {hours(base.LEFTOVER_AGE)} hours",
    f"({SPELLED[R2.max_attempts]} tries)",
    f"They live for at most {presign.MAX_SECONDS // 86_400} days",
)
TIED = {
    "README.md": README,
    "docs/api.md": API,
    "docs/architecture.md": ARCHITECTURE,
    "docs/benchmarks.md": BENCHMARKS,
    "docs/configure.md": CONFIGURE,
    "docs/faults.md": FAULTS,
    "docs/imaging.md": IMAGING,
    "docs/operate.md": OPERATE,
    "docs/storage.md": STORAGE,
}

# What is no value of the code: what it is instead. A measured figure stands beside the command that measures it anew.
LATELY = "measured by what the paragraph names, and dated there"
OTHERS = "somebody else's, and named as that"
ELSEWHERE = {
    "An idle process takes about 100 MB": "about",
    "(about 60 kB of memory each, once used)": "about; `make bench-serving ARGS=--slow` prints the memory",
    "one byte a minute": "BODY_STALL_SECONDS",
    "and 150 MB beside it: a machine with 2 GB is enough": "what `tests/test_allocator.py` allows beside the budget",
    "Originals of 5-50 MB": "what it is made for",
    "takes about 15 minutes with three rounds": "about",
    "3.6 MB on average": "of the drawn photographs; `make bench-browser` draws them",
    "`--patience` seconds (30) gives up: `> 30 s`": "an example; --help has the default",
    "the first page of 10,000 photographs over that of 100": "options of the bench",
    "at least 95 % of the changes": "a target of `make mutants`",
    "< 5 % over 20 ms": "a target",
    "six connections": OTHERS,
    "when 4 MiB of it are there": "of deploy/Caddyfile",
    "a form with photos 2,000 MiB, a piece 200 MiB, others 1 MiB": "tests/proxies/test_shipped.py",
    "+1.4 points": LATELY,
    "84 to 320 kB, 157 on average. Centre 14: 164 kB and 2.6 points less; Pillow's SHARPEN: 153 kB and 2 more; none: "
    "122 kB": LATELY,
    "12 to 45 megapixel": LATELY,
    "(8 % less CPU at 12 megapixels": LATELY,
    "200 megapixels take 39 MB": LATELY,
    "4 times that": "a ratio of the sentence",
    "(10 bits, 4:4:4)": "of the format",
    "3 bytes a pixel in 4:2:0 and 6 in 4:4:4": "of the format",
    "64 KiB may hold thousands of scans": OTHERS,
    "16 bits keep their tones": "of the format",
    "10 and 12 bits are brought down": "of the format",
    "and takes 0.3 s once": LATELY,
    "over 64 KB": OTHERS,
    "started again every five seconds": "RestartSec of the units beside it",
    "a unit that ends five times within ten": "systemd's default",
    "(0.03 ms of CPU for a thumb of 20 kB, 0.14 ms for a medium of 200 kB, 0.005 ms for every later look)": LATELY,
    "(about 180 bytes an object)": LATELY,
    "With 100,000 photographs (400,000 objects on a local disk, two busy cores, November 2026): `verify` 58 s and "
    "`orphans` 27 s with about 110 MiB": LATELY,
    "`analyze` 8 s, `backfill --dry-run` 2 s and `stats` 2 s with about 100 MiB": LATELY,
    "With 3,000 or 300,000 photographs": LATELY,
    "a read of 100 MiB takes 2 MiB locally and 20 MiB with R2": LATELY,
    "which fails at 32 MiB": "tests/integrations/test_storage_contract.py",
}
