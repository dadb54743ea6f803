"""Create accounts, change them, and check passwords."""

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
# Compared against when the address is unknown, so that the response takes as long as for a wrong password.
DUMMY_HASH = generate_password_hash("a password of no account")

Check = Callable[[Session], None]


def no_check(_session: Session) -> None:
    """Default check: passes."""


def create(
    email: str, password: str, *, name: str = "", role: Role = Role.PHOTOGRAPHER, check: Check = no_check
) -> int:
    """Create an account and return its id; raises Invalid for a bad or taken address, or a short password.

    `check` runs first in the same transaction; if it raises, no account is created.
    """
    address = normalized_email(email)
    if "@" not in address.strip("@") or any(c.isspace() for c in address) or len(address) > 254:
        raise Invalid("This is not an email address.", {"email": "This is not an email address."})
    require_strong(password)
    account = User(email=address, name=name.strip(), password_hash=generate_password_hash(password), role=role)
    try:
        with transaction() as session:
            check(session)
            session.add(account)
            session.flush()
            return account.id
    except IntegrityError:
        raise Invalid("This address already has an account.", {"email": "This address has an account."}) from None


def create_first(email: str, password: str, *, name: str) -> int:
    """Create the first account, an administrator, and return its id; raises Invalid if any account exists."""

    def require_no_accounts(session: Session) -> None:
        if session.scalar(select(func.count(User.id))):
            raise Invalid("Proofsheet is already set up.")

    return create(email, password, name=name, role=Role.ADMIN, check=require_no_accounts)


def update_profile(user_id: int, *, name: str, accent: str | None) -> None:
    """Set the name and the accent colour (#rrggbb or None) that visitors see; raises NotFound."""
    with transaction() as session:
        account = session.get(User, user_id)
        if account is None:
            raise NotFound
        account.name, account.accent = name.strip(), accent


def none_exist() -> bool:
    """Return whether there are no accounts yet."""
    return db.session.scalar(select(func.count(User.id))) == 0


def authenticate(email: str, password: str) -> User | None:
    """Return the account with this address and password, else None; takes the same time for unknown addresses."""
    account = db.session.scalar(select(User).where(User.email == normalized_email(email)))
    right = check_password_hash(account.password_hash if account else DUMMY_HASH, password)
    return account if right else None


def of_session(session_id: str) -> User | None:
    """Return the account for a value of `User.get_id` kept in a session; None after a password change."""
    user_id, version = in_session(session_id)
    account = db.session.get(User, user_id) if user_id is not None else None
    return account if account is not None and version == str(account.session_version) else None


def in_session(session_id: str) -> tuple[int | None, str]:
    """Return the account id and the session version of a value of `User.get_id`; None if it has no id."""
    user_id, _, version = session_id.partition(".")
    # Sessions from older releases have no version and count as version 1.
    return (int(user_id) if user_id.isdecimal() else None), version or "1"


def by_email(email: str) -> User:
    """Return the account with this address; raises NotFound."""
    account: User | None = db.session.scalar(select(User).where(User.email == normalized_email(email)))
    if account is None:
        raise NotFound("There is no account with this address.")
    return account


def by_id(user_id: int) -> User:
    """Return the account with this id; raises NotFound."""
    account = db.session.get(User, user_id)
    if account is None:
        raise NotFound
    return account


def every() -> Sequence[User]:
    """Return all accounts, sorted by address."""
    return db.session.scalars(select(User).order_by(User.email)).all()


def change_password(user_id: int, present: str, new: str) -> None:
    """Change a password after checking the present one, and end all sessions; raises Invalid or WrongPassword."""
    account = db.session.get(User, user_id)
    if account is None or not check_password_hash(account.password_hash, present):
        raise WrongPassword("present")
    set_password(user_id, new)


def set_password(user_id: int, new: str, *, check: Check = no_check) -> None:
    """Set a password, end the account's sessions and its unused reset links; raises Invalid or NotFound.

    `check` works as in `create`.
    """
    require_strong(new)
    hashed = generate_password_hash(new)  # takes 50 ms, so it runs before the transaction
    values = {"password_hash": hashed, "session_version": User.session_version + 1}
    with transaction() as session:
        check(session)
        if not changed(session, update(User).where(User.id == user_id).values(values)):
            raise NotFound
        unused = update(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None))
        changed(session, unused.values(used_at=utc_now()))


def set_role(user_id: int, role: Role) -> None:
    """Set the role of an account; raises NotFound, or Conflict if no administrator would be left."""
    with transaction() as session:
        # Locked in a fixed order, so that two administrators cannot demote each other at the same time.
        admins = session.scalars(select(User.id).where(User.role == Role.ADMIN).order_by(User.id).with_for_update())
        if role != Role.ADMIN and not {*admins} - {user_id}:
            raise Conflict("This is the only administrator. Make another account an administrator first.")
        if not changed(session, update(User).where(User.id == user_id).values(role=role)):
            raise NotFound


def require_strong(password: str) -> None:
    """Raise Invalid if the password has fewer than SHORTEST_PASSWORD characters."""
    if len(password) < SHORTEST_PASSWORD:
        words = f"At least {SHORTEST_PASSWORD} characters."
        raise Invalid(f"The password is too short: {words.lower()}", {"password": words})


def normalized_email(email: str) -> str:
    """Return the address as stored and compared: stripped and in lower case."""
    return email.strip().lower()
