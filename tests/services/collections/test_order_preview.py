"""The preview of a change of order, on both databases."""

from __future__ import annotations

from sqlalchemy import insert

from app.models import Collection, File, SortOrder, db
from app.services.collections import camera_clocks, order_preview
from app.services.collections.order_preview import Preview, Proposal, Shown
from tests.services.collections.test_camera_clocks import HOUR, LISBON, MANY, TOKYO, A, B, at
from tests.services.collections.test_camera_clocks import journey as journey
from tests.services.collections.test_camera_clocks import wedding as wedding
from tests.services.collections.test_order import collection as collection
from tests.services.collections.test_order import names
from tests.services.collections.test_order import studio as studio
from tests.support.rows import add, fill

MINUTE = 60


def clock(collection: Collection, serial: str, shift: int) -> Proposal:
    camera = next(each for each in camera_clocks.cameras(collection.id) if each.serial == serial)
    return order_preview.clock_of(collection, camera, shift)


def strip_names(preview: Preview) -> list[tuple[str, str]]:
    """The names in each strip, the one in the middle as a capital letter."""
    return [(in_letters(strip.before), in_letters(strip.after)) for strip in preview.strips]


def in_letters(shown: list[Shown]) -> str:
    names = [(each.file.original_filename, each.is_middle) for each in shown]
    return "".join(name.upper() if is_middle else name for name, is_middle in names)


def test_strips_show_photos_between_neighbours_before_and_after(wedding: Collection) -> None:
    found = order_preview.preview(clock(wedding, "3002", HOUR))
    assert found.moved == 4
    assert strip_names(found) == [("Bda", "aBcd"), ("daCe", "abCde"), ("bDac", "bcDe")]
    middle = next(each for each in found.strips[0].after if each.is_middle)
    assert (middle.at - (middle.file.order_time or middle.at)).total_seconds() == HOUR
    assert names(wedding, SortOrder.TAKEN) == "bdacex"  # nothing is changed


def test_saved_order_equals_its_preview(wedding: Collection) -> None:
    [*_, strip] = order_preview.preview(clock(wedding, "3002", HOUR)).strips
    camera_clocks.correct(wedding.id, "NIKON Z 9", "3002", HOUR)
    shown = "".join(each.file.original_filename for each in strip.after)
    assert shown in names(wedding, SortOrder.TAKEN)
    assert [each.at for each in strip.after] == [each.file.order_time for each in strip.after]
    assert order_preview.preview(clock(wedding, "3002", HOUR)).moved == 0


def test_correction_of_the_only_camera_changes_no_order(collection: Collection) -> None:
    assert order_preview.preview(unknown_clock(collection)) == Preview(0, [])
    fill(*(add(collection, original_filename=name, **at(n, **A)) for n, name in enumerate("abc")))
    assert order_preview.preview(clock(collection, "3001", HOUR)) == Preview(0, [])


def unknown_clock(collection: Collection) -> Proposal:
    nobody = camera_clocks.Camera("Nobody's", "", 0, at(0)["taken_at"], at(0)["taken_at"], 0)
    return order_preview.clock_of(collection, nobody, HOUR)


def test_real_time_is_seen_where_zones_meet(journey: Collection) -> None:
    proposal = order_preview.real_time(journey)
    assert proposal
    found = order_preview.preview(proposal)
    assert (found.moved, strip_names(found)) == (2, [("aCb", "abC")])
    fill(add(journey, original_filename="d", **at(0)))
    assert order_preview.real_time(journey) is None


def test_preview_of_many_shows_a_few(collection: Collection) -> None:
    zones = TOKYO, LISBON
    rows = [add(collection, **at(n / 60, **(A, B)[n % 2], utc_offset=zones[n % 2])) for n in range(MANY)]
    db.session.execute(insert(File), rows)
    db.session.commit()
    for proposal in (clock(collection, "3002", MINUTE), order_preview.real_time(collection)):
        assert proposal
        found = order_preview.preview(proposal)
        assert found.moved > MANY // 2
        assert 1 <= len(found.strips) <= order_preview.STRIPS
