"""Accounts: making them, and telling whether a password is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from app.errors import Conflict, Invalid, NotFound, WrongPassword
from app.models import OneTimeLink, User, db, utc_now
from app.models import Role as Role
from app.services.transactions import changed, transaction

SHORTEST_PASSWORD = 8
# Compared against when nobody has the address, so that the answer takes as long as for a wrong password.
NOBODY = generate_password_hash("nobody has this password")


Provided = Callable[[Session], None]


def nothing(_session: Session) -> None:
    """What is to be done first in a transaction that depends on nothing."""


def create(
    email: str, password: str, *, name: str = "", role: Role = Role.PHOTOGRAPHER, provided: Provided = nothing
) -> int:
    """The id of a new account; raises Invalid for an address that is taken or senseless, or a short password.

    `provided` is called first in the same transaction; if it raises, there is no account.
    """
    address = normalized_email(email)
    if "@" not in address.strip("@") or any(c.isspace() for c in address) or len(address) > 254:
        raise Invalid("That is not an email address.", {"email": "This is not an email address."})
    require_strong(password)
    account = User(email=address, name=name.strip(), password_hash=generate_password_hash(password), role=role)
    try:
        with transaction() as session:
            provided(session)
            session.add(account)
            session.flush()
            return account.id
    except IntegrityError:
        raise Invalid("That address has an account already.", {"email": "This address has an account."}) from None


def create_first(email: str, password: str, *, name: str) -> int:
    """The id of the first account, an administrator's; raises Invalid once there is any account."""

    def nobody_has(session: Session) -> None:
        if session.scalar(select(func.count(User.id))):
            raise Invalid("Proofsheet is set up already.")

    return create(email, password, name=name, role=Role.ADMIN, provided=nobody_has)


def update_profile(user_id: int, *, name: str, accent: str | None) -> None:
    """Change the name and the accent (#rrggbb) that visitors see; raises NotFound."""
    with transaction() as session:
        account = session.get(User, user_id)
        if account is None:
            raise NotFound
        account.name, account.accent = name.strip(), accent


def none_yet() -> bool:
    """Whether nobody has an account."""
    return db.session.scalar(select(func.count(User.id))) == 0


def authenticate(email: str, password: str) -> User | None:
    """The account with this address and password, or None, in the same time either way."""
    account = db.session.scalar(select(User).where(User.email == normalized_email(email)))
    right = check_password_hash(account.password_hash if account else NOBODY, password)
    return account if right else None


def of_session(kept: str) -> User | None:
    """The account that a session is of, from what `User.get_id` gave it; None once its password was changed."""
    user_id, _, version = kept.partition(".")
    account = db.session.get(User, int(user_id)) if user_id.isdecimal() else None
    # Sessions from before there were versions have none: they are of the first.
    return account if account is not None and (version or "1") == str(account.session_version) else None


def by_email(email: str) -> User:
    """The account with this address; raises NotFound."""
    account: User | None = db.session.scalar(select(User).where(User.email == normalized_email(email)))
    if account is None:
        raise NotFound("Nobody has an account with this address.")
    return account


def by_id(user_id: int) -> User:
    """The account with this id; raises NotFound."""
    account = db.session.get(User, user_id)
    if account is None:
        raise NotFound
    return account


def everybody() -> Sequence[User]:
    """All accounts by address."""
    return db.session.scalars(select(User).order_by(User.email)).all()


def change_password(user_id: int, present: str, new: str) -> None:
    """Change a password whose present one is known, and end all sessions; raises Invalid or WrongPassword."""
    account = db.session.get(User, user_id)
    if account is None or not check_password_hash(account.password_hash, present):
        raise WrongPassword("present")
    set_password(user_id, new)


def set_password(user_id: int, new: str, *, provided: Provided = nothing) -> None:
    """Give an account another password; its sessions and the ways to a new one end. Raises Invalid or NotFound.

    `provided` is as for `create`.
    """
    require_strong(new)
    hashed = generate_password_hash(new)  # 50 ms, in which no transaction is open
    values = {"password_hash": hashed, "session_version": User.session_version + 1}
    with transaction() as session:
        provided(session)
        if not changed(session, update(User).where(User.id == user_id).values(values)):
            raise NotFound
        unused = update(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None))
        changed(session, unused.values(used_at=utc_now()))


def set_role(user_id: int, role: Role) -> None:
    """Make an account an administrator's or not; raises NotFound, or Conflict for the last administrator."""
    with transaction() as session:
        # Locked, always in the same order: of two who end each other's role at once, the second finds the first gone.
        admins = session.scalars(select(User.id).where(User.role == Role.ADMIN).order_by(User.id).with_for_update())
        if role != Role.ADMIN and not {*admins} - {user_id}:
            raise Conflict("This is the only administrator. Make somebody else one first.")
        if not changed(session, update(User).where(User.id == user_id).values(role=role)):
            raise NotFound


def require_strong(password: str) -> None:
    """Raise Invalid for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        words = f"At least {SHORTEST_PASSWORD} characters."
        raise Invalid(f"The password is too short: {words.lower()}", {"password": words})


def normalized_email(email: str) -> str:
    """The address as it is stored and compared: stripped, in lower case."""
    return email.strip().lower()
