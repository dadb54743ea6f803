"""Table of corrections to camera clocks."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model

CAMERA_LENGTH, SERIAL_LENGTH = 200, 100  # characters; at 4 bytes each they fit into an index entry


class CameraClock(Model):
    """Seconds added to the capture times of one camera in one collection; cameras without a row are not corrected."""

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
