"""Who gets what, by group of routes (routes.py): the table that test_matrix.py holds every route to.

A new kind of visitor needs one row in each group of ANSWERS, and its headers in house.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What an answer may be: its status, and the code of the error in JSON. "ok" is what the row of the route says.
WORDS: dict[str, tuple[int, str]] = {
    "ask": (401, "password_required"),
    "sign in": (401, "sign_in_required"),
    "no": (403, "forbidden"),
    "none": (404, "not_found"),
    "over": (410, "expired"),
    "token": (401, "token_required"),
    "ended": (401, "invalid_token"),
    "scope": (403, "insufficient_scope"),
    "on": (302, ""),  # there is nothing to ask: on to the collection
}

# Rows that are the same for several visitors: those whom a cookie tells apart, and programs.
TOGETHER = {
    "cookies": (
        "anonymous", "wrong password", "right password", "former password", "expired", "expired, unopened",
        "revoked link", "ended link", "link", "download link", "forged session", "ended session", "photographer",
        "owner", "owner, expired", "admin",
    ),
    "tokens": (
        "read token", "upload token", "manage token", "revoked token", "ended token", "other token", "admin token",
    ),
}  # fmt: skip

# For each group of routes, by visitor: public, public without downloads, with a password, private.
# The collections of the rows "expired" are over; whoever comes there had opened them all before.
ANSWERS = {
    "browse": """
                           public    previews  password  private
        anonymous          ok        ok        ask       none
        wrong password     ok        ok        ask       none
        right password     ok        ok        ok        none
        former password    ok        ok        ask       none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       ok        ok        ask       none
        ended link         ok        ok        ask       none
        link               ok        ok        ok        ok
        download link      ok        ok        ok        ok
        forged session     ok        ok        ask       none
        ended session      ok        ok        ask       none
        photographer       ok        ok        ask       none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             ok        ok        ask       none
        token, expired     over      over      over      none
    """,
    "download": """
                           public    previews  password  private
        anonymous          ok        no        ask       none
        wrong password     ok        no        ask       none
        right password     ok        no        ok        none
        former password    ok        no        ask       none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       ok        no        ask       none
        ended link         ok        no        ask       none
        link               ok        no        no        no
        download link      ok        no        ok        ok
        forged session     ok        no        ask       none
        ended session      ok        no        ask       none
        photographer       ok        no        ask       none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             ok        no        ask       none
        token, expired     over      over      over      none
    """,
    "manage": """
                           public    previews  password  private
        anonymous          sign in   sign in   ask       none
        wrong password     sign in   sign in   ask       none
        right password     sign in   sign in   sign in   none
        former password    sign in   sign in   ask       none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       sign in   sign in   ask       none
        ended link         sign in   sign in   ask       none
        link               sign in   sign in   sign in   sign in
        download link      sign in   sign in   sign in   sign in
        forged session     sign in   sign in   ask       none
        ended session      sign in   sign in   ask       none
        photographer       no        no        ask       none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             sign in   sign in   ask       none
        token, expired     over      over      over      none
    """,
    # What lies in the bin is for those alone who may put it back: nobody else learns that it is there.
    "bin": """
                           public    previews  password  private
        anonymous          sign in   sign in   sign in   sign in
        wrong password     sign in   sign in   sign in   sign in
        right password     sign in   sign in   sign in   sign in
        former password    sign in   sign in   sign in   sign in
        expired            sign in   sign in   sign in   sign in
        expired, unopened  sign in   sign in   sign in   sign in
        revoked link       sign in   sign in   sign in   sign in
        ended link         sign in   sign in   sign in   sign in
        link               sign in   sign in   sign in   sign in
        download link      sign in   sign in   sign in   sign in
        forged session     sign in   sign in   sign in   sign in
        ended session      sign in   sign in   sign in   sign in
        photographer       none      none      none      none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             sign in   sign in   sign in   sign in
        token, expired     sign in   sign in   sign in   sign in
    """,
    # The page that asks for a password.
    "password": """
                           public    previews  password  private
        anonymous          on        on        ok        none
        wrong password     on        on        ok        none
        right password     on        on        on        none
        former password    on        on        ok        none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       on        on        ok        none
        ended link         on        on        ok        none
        link               on        on        on        on
        download link      on        on        on        on
        forged session     on        on        ok        none
        ended session      on        on        ok        none
        photographer       on        on        ok        none
        owner              on        on        on        on
        owner, expired     on        on        on        on
        admin              on        on        on        on
        tokens             on        on        ok        none
        token, expired     over      over      over      none
    """,
    # The rest concerns no collection.
    "account": """
                           any
        anonymous          sign in
        wrong password     sign in
        right password     sign in
        former password    sign in
        expired            sign in
        expired, unopened  sign in
        revoked link       sign in
        ended link         sign in
        link               sign in
        download link      sign in
        forged session     sign in
        ended session      sign in
        photographer       ok
        owner              ok
        owner, expired     ok
        admin              ok
        tokens             sign in
        token, expired     sign in
    """,
    "admin": """
                           any
        anonymous          sign in
        wrong password     sign in
        right password     sign in
        former password    sign in
        expired            sign in
        expired, unopened  sign in
        revoked link       sign in
        ended link         sign in
        link               sign in
        download link      sign in
        forged session     sign in
        ended session      sign in
        photographer       none
        owner              none
        owner, expired     none
        admin              ok
        tokens             sign in
        token, expired     sign in
    """,
    "open": """
                           any
        anonymous          ok
        wrong password     ok
        right password     ok
        former password    ok
        expired            ok
        expired, unopened  ok
        revoked link       ok
        ended link         ok
        link               ok
        download link      ok
        forged session     ok
        ended session      ok
        photographer       ok
        owner              ok
        owner, expired     ok
        admin              ok
        tokens             ok
        token, expired     ok
    """,
    # Programs: whoever comes without a token is told nothing, and a token opens what its account owns, closed or not.
    "api read": """
                           public    previews  password  private
        cookies            token     token     token     token
        read token         ok        ok        ok        ok
        upload token       ok        ok        ok        ok
        manage token       ok        ok        ok        ok
        token, expired     ok        ok        ok        ok
        revoked token      ended     ended     ended     ended
        ended token        ended     ended     ended     ended
        other token        none      none      none      none
        admin token        none      none      none      none
    """,
    "api upload": """
                           public    previews  password  private
        cookies            token     token     token     token
        read token         scope     scope     scope     scope
        upload token       ok        ok        ok        ok
        manage token       ok        ok        ok        ok
        token, expired     ok        ok        ok        ok
        revoked token      ended     ended     ended     ended
        ended token        ended     ended     ended     ended
        other token        none      none      none      none
        admin token        none      none      none      none
    """,
    "api manage": """
                           public    previews  password  private
        cookies            token     token     token     token
        read token         scope     scope     scope     scope
        upload token       scope     scope     scope     scope
        manage token       ok        ok        ok        ok
        token, expired     ok        ok        ok        ok
        revoked token      ended     ended     ended     ended
        ended token        ended     ended     ended     ended
        other token        none      none      none      none
        admin token        none      none      none      none
    """,
    "api account read": """
                           any
        cookies            token
        read token         ok
        upload token       ok
        manage token       ok
        token, expired     ok
        revoked token      ended
        ended token        ended
        other token        ok
        admin token        ok
    """,
    "api account manage": """
                           any
        cookies            token
        read token         scope
        upload token       scope
        manage token       ok
        token, expired     ok
        revoked token      ended
        ended token        ended
        other token        ok
        admin token        ok
    """,
}


@dataclass(frozen=True)
class Cell:
    """What one kind of visitor gets at one kind of place."""

    visitor: str
    kind: str
    word: str


def cells(group: str) -> Iterator[Cell]:
    """The table of a group, cell by cell."""
    head, *rows = [line.strip() for line in ANSWERS[group].strip().splitlines()]
    for row in rows:
        visitors, *words = re.split(r"\s{2,}", row)
        for visitor in TOGETHER.get(visitors, (visitors,)):
            yield from (Cell(visitor, kind, word) for kind, word in zip(head.split(), words, strict=True))


def may_have_original(cell: Cell, group: str) -> bool:
    """Whether a visitor may have originals of this kind of collection; a program, where it may have anything."""
    if group.startswith("api"):
        return cell.word == "ok"
    return Cell(cell.visitor, cell.kind, "ok") in set(cells("download"))
