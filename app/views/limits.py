"""Rate limits of requests, and the key by which each is counted.

Pages have no limit: it would also hit a wedding party behind one address, and would not stop a flood.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from app.extensions import client_network, limiter
from app.services.access.guesses import Bound, Guesses
from app.services.accounts.accounts import normalized_email
from app.views.visitors import current_visitor


def account_or_network() -> str:
    """The key of a limit: the account, or the network of the client if it is not signed in."""
    account = current_visitor().user_id
    return client_network() if account is None else f"account {account}"


def found_nothing(response: Response) -> bool:
    """Whether the secret in the URL was wrong, or the form was invalid."""
    return response.status_code in (404, 422)


# More than one process can send. Thumbnails and previews have no limit: a wedding party behind one address requests
# tens of thousands a minute, and counting one costs as much as sending it. Password attempts are counted separately.
originals = limiter.shared_limit("20000 per minute", scope="pictures")
# 100 requests a second for one client, who may send 5,000 files in chunks; a process handles about half of that.
uploads = limiter.shared_limit("6000 per minute", scope="uploads", key_func=account_or_network)


def limit_uploads(blueprint: Blueprint) -> None:
    """Count every request to a blueprint as an upload."""
    uploads(blueprint)
    blueprint.before_request(limiter.check)


# Secrets of 192 bits cannot be guessed; this limits the cost of attempts.
links = limiter.shared_limit("20 per 15 minutes", scope="links", deduct_when=found_nothing)
# A visit without a cookie writes two rows.
visits = limiter.shared_limit("600 per minute", scope="visits")
REPORTS_A_MINUTE = 60  # of images that a page could not load
repairs = limiter.limit(f"{REPORTS_A_MINUTE} per minute")


def guesses() -> Guesses:
    """The counter of wrong passwords of this app."""
    found: Guesses = current_app.extensions["proofsheet.guesses"]
    return found


def of_collection(collection_uuid: str) -> tuple[Bound, ...]:
    """The limits of wrong passwords of a collection, per network, in total, and per network for all collections.

    The total is high because an attacker who exhausts it locks out new visitors; those with access keep it.
    """
    here = client_network()
    return (
        Bound("collection", 20, f"{here} {collection_uuid}"),
        Bound("collection from anywhere", 200, collection_uuid),
        Bound("any collection", 100, here),
    )


def of_sign_in(email: str) -> tuple[Bound, ...]:
    """The limits of wrong passwords of an account; the same for accounts that do not exist."""
    return Bound("sign-in", 20, client_network()), Bound("sign-in from anywhere", 100, normalized_email(email))


def of_present_password(user_id: int) -> tuple[Bound, ...]:
    """The limit of wrong current passwords, which anyone at a signed-in browser could try."""
    return (Bound("present password", 20, str(user_id)),)
