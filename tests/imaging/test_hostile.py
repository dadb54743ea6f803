"""Odd and hostile files, modelled on public collections of such files, and the limits of their cost."""

import contextlib
import errno
import io
import struct
import threading
import time
import zlib

import pytest
from PIL import Image

from app.errors import ImageCorrupt, ImageError, ImageOutOfMemory, ImageTimeout, ImageTooLarge, ImageUnsupported
from app.imaging import guard, limits
from app.imaging import render as renderer
from app.imaging.limits import MEGA, Deadline, Limits, MemoryBudget
from app.imaging.render import render
from app.imaging.variants import LADDER, by_name
from tests.support.photos import TINY
from tests.support.pictures import corners, encoded, pixels, scene, with_orientation

THUMB = [by_name("thumb")]


def png(width: int, height: int, *chunks: tuple[bytes, bytes], bits: int = 8, kind: int = 0) -> io.BytesIO:
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    body = b"\x89PNG\r\n\x1a\n"
    for name, data in (header, *chunks, (b"IEND", b"")):
        body += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return io.BytesIO(body)


def bomb(kind: str) -> io.BytesIO:
    if kind == "PNG":
        return png(30_000, 30_000, (b"IDAT", zlib.compress(b"\0" * 9000)))
    if kind == "GIF":
        return io.BytesIO(b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b"," + bytes(20))
    if kind == "BMP":
        return io.BytesIO(
            b"BM"
            + struct.pack("<IHHI", 100, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
            + bytes(99)
        )
    body = bytearray(encoded(scene(64, 64), kind, progressive=True).getvalue())
    at = body.index(b"\xff\xc2")
    body[at + 5 : at + 9] = struct.pack(">HH", 30_000, 30_000)
    return io.BytesIO(bytes(body))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "JPEG"])
def test_excessive_header_is_refused_before_decoding(kind):
    start = time.process_time()
    with pytest.raises(ImageTooLarge, match=r"This \w+ is (\d+) (megapixels|pixels)"):
        render(bomb(kind), LADDER)
    assert time.process_time() - start < 0.5


def test_a_baseline_jpeg_may_have_more_pixels_because_it_is_decoded_small():
    limits = Limits(max_megapixels=1)
    with render(encoded(scene(1500, 1000)), THUMB, limits) as picture:
        assert picture.width == 1500
    pair = encoded(scene(1500, 1000), "MPO", save_all=True, append_images=[scene(300, 200)])
    with render(pair, THUMB, limits) as picture:
        assert picture.width == 1500
    with pytest.raises(ImageTooLarge, match=r"is 1.5 megapixels; the limit is 1\."):
        render(encoded(scene(1500, 1000), progressive=True), THUMB, limits)
    with pytest.raises(ImageTooLarge, match=r"is 3 megapixels; the limit is 2\.5\."):
        render(encoded(scene(2000, 1500)), THUMB, limits)


def test_more_bytes_than_allowed_are_refused():
    with pytest.raises(ImageTooLarge, match="the limit for photos is"):
        render(encoded(scene(500, 500)), THUMB, Limits(max_megabytes=0.01))


def test_more_frames_than_allowed_are_refused():
    frames = [scene(40, 40, seed) for seed in range(5)]
    stream = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(ImageTooLarge, match="has 5 frames; the limit is 3"):
        render(stream, THUMB, Limits(max_frames=3))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_of_several_frames_the_first_is_shown(kind):
    others = [Image.new("RGB", (1600, 1000), "white")] * 2
    with render(encoded(corners(), kind, save_all=True, append_images=others), [by_name("medium")]) as picture:
        assert pixels(Image.open(picture.renditions[0].stream)).mean() < 150


def test_an_mpo_shows_its_first_picture():
    stream = encoded(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (800, 500), "white")])
    with render(stream, [by_name("medium")]) as picture:
        assert (picture.format.name, picture.width) == ("jpeg", 1600)


@pytest.mark.parametrize("before", [b"", b"\0", b"junk " * 8])
def test_junk_around_a_jpeg_does_not_matter(before):
    stream = io.BytesIO(before + encoded(scene(400, 300)).getvalue() + b"and after" * 50)
    with render(stream, THUMB) as picture:
        assert picture.width == 400


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("progressive", [True, False])
def test_every_subsampling_gives_the_same_colours(subsampling, progressive):
    stream = encoded(corners(2801, 1903), quality=95, subsampling=subsampling, progressive=progressive)
    with render(stream, [by_name("medium")]) as picture:
        found = Image.open(picture.renditions[0].stream).convert("RGB")
    assert max(abs(a - b) for a, b in zip(found.getpixel((100, 100)), (200, 30, 30), strict=True)) <= 4


def test_jpeg_with_contradictory_colour_markers_follows_libjpeg():
    adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
    whole = encoded(corners(640, 400)).getvalue()
    with render(io.BytesIO(whole[:20] + adobe + whole[20:]), [by_name("medium")]) as picture:
        assert picture.width == 640


def test_rgb_stored_as_rgb_in_a_jpeg_keeps_its_colours():
    with render(encoded(corners(), quality=95, keep_rgb=True), [by_name("medium")]) as picture:
        found = Image.open(picture.renditions[0].stream).convert("RGB")
    assert max(abs(a - b) for a, b in zip(found.getpixel((100, 100)), (200, 30, 30), strict=True)) <= 4


def test_png_orientation_after_the_pixels_is_applied():
    stored = corners(400, 300)
    whole = encoded(stored, "PNG", exif=with_orientation(6)).getvalue()
    at = whole.index(b"eXIf") - 4
    chunk = whole[at : at + 12 + int.from_bytes(whole[at : at + 4])]
    moved = whole.replace(chunk, b"").replace(b"\0\0\0\0IEND", chunk + b"\0\0\0\0IEND")
    with render(io.BytesIO(moved), THUMB) as picture:
        assert (picture.width, picture.height) == (300, 400)


@pytest.mark.parametrize("bits", [1, 8, 16])
def test_greyscale_png_with_transparent_colour_is_rendered(bits):
    rows = zlib.compress((b"\0" + b"\x80" * bits) * 8)
    with render(png(8, 8, (b"tRNS", b"\0\1"), (b"IDAT", rows), bits=bits), THUMB) as picture:
        assert picture.width == 8


class Slow(io.BytesIO):
    """A slow stream."""

    def read(self, size: int | None = -1, /) -> bytes:
        time.sleep(0.02)
        return super().read(size)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_decode_that_takes_too_long_is_stopped(kind):
    stream = Slow(encoded(scene(1500, 1200), kind, **({"quality": 98} if kind == "JPEG" else {})).getvalue())
    with pytest.raises(ImageTimeout):
        render(stream, THUMB, Limits(max_seconds=0.1))


def test_a_call_that_cannot_be_stopped_keeps_its_memory_until_it_ends():
    released, budget = threading.Event(), MemoryBudget(100)

    def stuck() -> limits.Reservation:
        memory = budget.reserve(60, "PNG", 1)
        released.wait(5)
        return memory

    with pytest.raises(ImageTimeout):
        guard.run_until(stuck, Deadline(0.1))
    assert budget.used == 60
    released.set()
    with budget.reserve(100, "PNG", 2):
        assert budget.used == 100


def test_pixels_stay_reserved_until_the_variants_are_made(monkeypatch: pytest.MonkeyPatch):
    budget, used, save = MemoryBudget(10 * MEGA), [], renderer._save
    monkeypatch.setattr(renderer, "_save", lambda *given: (used.append(budget.used), save(*given)))
    with render(encoded(scene(1600, 1200), "PNG"), THUMB, Limits(budget=budget)):
        assert used == [1600 * 1200 * 4]
        assert budget.used == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "AVIF"])
def test_error_after_the_decode_releases_the_memory(monkeypatch: pytest.MonkeyPatch, kind: str):
    def fail(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    budget = MemoryBudget(100 * MEGA)
    monkeypatch.setattr(renderer, "_save", fail)
    with pytest.raises(OSError, match="No space left"):
        render(encoded(scene(1600, 1200), kind), THUMB, Limits(budget=budget))
    assert budget.used == 0


def test_error_of_the_guarded_call_is_raised_before_the_deadline():
    def broken() -> None:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        guard.run_until(broken, Deadline(1))


def test_memory_above_the_budget_is_refused_with_a_message():
    with pytest.raises(ImageTooLarge, match="This PNG needs 9 MB of memory to open; the limit is 5 MB"):
        render(encoded(scene(1600, 1200), "PNG"), THUMB, Limits(budget=MemoryBudget(5 * MEGA)))


def test_picture_waits_for_memory_and_is_retried_later():
    budget = MemoryBudget(10 * MEGA)
    with budget.reserve(5 * MEGA, "PNG", 1), pytest.raises(ImageOutOfMemory) as caught:
        render(encoded(scene(1600, 1200), "PNG"), THUMB, Limits(budget=budget, max_seconds=0.1))
    assert caught.value.transient
    with render(encoded(scene(1600, 1200), "PNG"), THUMB, Limits(budget=budget)) as picture:
        assert picture.width == 1600
    assert budget.used == 0


def test_threads_never_hold_more_than_the_budget():
    budget, most = MemoryBudget(20 * MEGA), []
    body = encoded(scene(1600, 1200), "PNG").getvalue()

    def work() -> None:
        with render(io.BytesIO(body), THUMB, Limits(budget=budget)):
            most.append(budget.used)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(most) == 6
    assert max(most) <= 20 * MEGA
    assert budget.used == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_any_damage_is_a_named_error_or_a_picture(kind):
    whole = encoded(scene(64, 48), kind).getvalue()
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        with contextlib.suppress(ImageError):
            render(io.BytesIO(damaged), THUMB).close()


def avif(matrix: int) -> bytes:
    """An AVIF of 4:2:2 and odd size whose planes are said to make RGB by this matrix."""
    plain = encoded(scene(63, 31), "AVIF", subsampling="4:2:2").getvalue()
    at = plain.index(b"nclx") + 8
    return plain[:at] + matrix.to_bytes(2) + plain[at + 2 :]


@pytest.mark.parametrize(
    "body",
    [avif(0), avif(10), avif(6).replace(b"ispe", b"ispX"), TINY.replace(b"pitm", b"pitX")],
    ids=["4:2:2 as RGB", "constant luminance", "AVIF without a size", "HEIC without a main picture"],
)
def test_whole_file_that_no_decoder_knows_is_not_called_damaged(body):
    with pytest.raises(ImageUnsupported, match="is of a rare kind that we can't show"):
        render(io.BytesIO(body), THUMB)


def test_same_file_cut_off_is_called_damaged():
    with pytest.raises(ImageCorrupt):
        render(io.BytesIO(avif(6).replace(b"ispe", b"ispX")[:-20]), THUMB)


def test_odd_sizes_of_4_2_2_are_shown():
    with render(io.BytesIO(avif(6)), THUMB) as picture:
        assert (picture.width, picture.height) == (63, 31)
