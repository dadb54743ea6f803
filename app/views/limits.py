"""How often something may be asked for, and under whose name it is counted: every budget of the house.

Pages have none: it could not tell a flood from a wedding party behind one address, and would not end the flood.
"""

from __future__ import annotations

from flask import Response, current_app

from app.extensions import client_network, limiter
from app.services.access.guesses import Bound, Guesses
from app.services.accounts.accounts import normalized_email
from app.views.visitors import current_visitor


def account_or_network() -> str:
    """The account that asks; of nobody, the address."""
    account = current_visitor().user_id
    return client_network() if account is None else f"account {account}"


def found_nothing(response: Response) -> bool:
    """Whether a secret in an address was wrong, or a form behind it has to be filled in again."""
    return response.status_code in (404, 422)


# Twenty grids of 1,000 pictures a minute: all that one process can serve, so people never meet it, a wedding party
# behind one address included. Guesses at passwords do not count here, nor the other way round.
pictures = limiter.shared_limit("20000 per minute", scope="pictures")
# A hundred requests a second, of a sender who may have 5,000 files in pieces; a process stores about half as many.
uploads = limiter.shared_limit("6000 per minute", scope="uploads", key_func=account_or_network)
# Secrets of 192 bits are not guessed; this is for whoever tries all the same, and for what the tries cost.
links = limiter.shared_limit("20 per 15 minutes", scope="links", deduct_when=found_nothing)
# Every visit without a cookie writes two rows.
visits = limiter.shared_limit("600 per minute", scope="visits")
REPORTS_A_MINUTE = 60  # of pictures that a page could not show
repairs = limiter.limit(f"{REPORTS_A_MINUTE} per minute")


def guesses() -> Guesses:
    """Where wrong passwords are counted."""
    found: Guesses = current_app.extensions["proofsheet.guesses"]
    return found


def of_collection(collection_uuid: str) -> tuple[Bound, ...]:
    """What bounds guesses at the password of a collection.

    From all addresses together there are more: whoever exhausts those keeps new visitors out, not those who are in.
    """
    here = client_network()
    return (
        Bound("collection", 20, f"{here} {collection_uuid}"),
        Bound("collection from anywhere", 200, collection_uuid),
        Bound("any collection", 100, here),
    )


def of_sign_in(email: str) -> tuple[Bound, ...]:
    """What bounds guesses at the password of an account; one that does not exist is treated alike."""
    return Bound("sign-in", 20, client_network()), Bound("sign-in from anywhere", 100, normalized_email(email))


def of_present_password(user_id: int) -> tuple[Bound, ...]:
    """What bounds guesses at the present password, by whoever sits at a browser that is signed in."""
    return (Bound("present password", 20, str(user_id)),)
