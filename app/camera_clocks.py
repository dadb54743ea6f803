"""By how much the clocks of cameras are put right."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model

CAMERA_LENGTH, SERIAL_LENGTH = 200, 100  # characters; at 4 bytes each within what an index entry may have


class CameraClock(Model):
    """What is added to the times of one camera in one collection; a camera without a row has its times as written."""

    __tablename__ = "camera_clocks"
    __table_args__ = (
        UniqueConstraint("collection_id", "camera", "serial"),
        CheckConstraint("shift_seconds <> 0", name="shift_not_zero"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    camera: Mapped[str] = mapped_column(String(CAMERA_LENGTH))  # as in files.camera
    serial: Mapped[str] = mapped_column(String(SERIAL_LENGTH))  # as in files.camera_serial
    shift_seconds: Mapped[int]
