"""Named leases, and the removal of expired ones."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import Proofsheet
from app.jobs import tasks
from app.models import Lease, db
from app.services import leases


def test_sweep_forgets_the_leases_that_ran_out_and_no_others(app: Proofsheet) -> None:
    with app.app_context():
        leases.acquire("variant/1/large/failed", timedelta(seconds=-1))
        leases.acquire("variant/2/large", timedelta(minutes=1))
    tasks.sweep(app, 10)
    with app.app_context():
        assert set(db.session.scalars(select(Lease.name))) == {"sweep", "uploads/abandoned", "variant/2/large"}
