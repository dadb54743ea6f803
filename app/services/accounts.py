"""Accounts: making them, and telling whether a password is right."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from app.errors import Invalid, NotFound
from app.models import Role as Role
from app.models import User, db
from app.services.transactions import transaction

SHORTEST_PASSWORD = 8
# Compared against when nobody has the address, so that the answer takes as long as for a wrong password.
NOBODY = generate_password_hash("nobody has this password")


def create(email: str, password: str, *, name: str = "", role: Role = Role.PHOTOGRAPHER) -> int:
    """The id of a new account; raises Invalid for an address that is taken or senseless, or a short password."""
    address = normal(email)
    if "@" not in address.strip("@") or any(c.isspace() for c in address) or len(address) > 254:
        raise Invalid("That is not an email address.", {"email": "This is not an email address."})
    if len(password) < SHORTEST_PASSWORD:
        words = f"At least {SHORTEST_PASSWORD} characters."
        raise Invalid(f"The password is too short: {words.lower()}", {"password": words})
    account = User(email=address, name=name.strip(), password_hash=generate_password_hash(password), role=role)
    try:
        with transaction() as session:
            session.add(account)
            session.flush()
            return account.id
    except IntegrityError:
        raise Invalid("That address has an account already.", {"email": "This address has an account."}) from None


def create_first(email: str, password: str, *, name: str) -> int:
    """The id of the first account, an administrator's; raises Invalid once there is any account."""
    if not none_yet():
        raise Invalid("Proofsheet is set up already.")
    return create(email, password, name=name, role=Role.ADMIN)


def present(user_id: int, *, name: str, accent: str | None) -> None:
    """Change how a photographer appears to visitors; `accent` as #rrggbb. Raises NotFound."""
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
    account = db.session.scalar(select(User).where(User.email == normal(email)))
    right = check_password_hash(account.password_hash if account else NOBODY, password)
    return account if right else None


def by_id(user_id: str) -> User | None:
    """The account with this id, as the session keeps it, or None."""
    return db.session.get(User, int(user_id)) if user_id.isdigit() else None


def still_there(user_id: int) -> bool:
    """Whether the account has not been deleted."""
    return db.session.scalar(select(User.id).where(User.id == user_id)) is not None


def normal(email: str) -> str:
    """The form in which an address is stored and compared."""
    return email.strip().lower()
