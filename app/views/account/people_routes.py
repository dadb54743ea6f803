"""Accounts, for administrators: invitations, password resets, API tokens and roles."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from app.errors import Conflict
from app.models import Role
from app.services.accounts import accounts, api_tokens, one_time_links
from app.views import audit_request, gate, shown_once
from app.views.account.blueprint import bp
from app.views.answers import wants_json
from app.views.visitors import account_id


@bp.get("/people")
@gate.needs(gate.ADMIN)
def people() -> ResponseReturnValue:
    """List the accounts; show a new link once."""
    return page(shown_once.take())


@bp.post("/people/invitation")
@gate.needs(gate.ADMIN)
def invite() -> ResponseReturnValue:
    """Create an invitation link; return it as JSON, or redirect to the page that shows it once."""
    role = wanted_role()
    secret = one_time_links.invite(role, account_id())
    audit_request.note("invitation.made", role=role)
    address = url_for("auth.invitation", secret=secret, _external=True)
    return made("Invitation link. Works once, for 7 days.", address)


@bp.post("/people/<int(max=2147483647):user_id>/password")
@gate.needs(gate.ADMIN)
def reset_password(user_id: int) -> ResponseReturnValue:
    """Create a link with which a user sets a new password."""
    account = accounts.by_id(user_id)
    words = f"Password reset link for {account.email}. Works once, for 24 hours."
    address = url_for("auth.new_password", secret=one_time_links.reset(user_id, account_id()), _external=True)
    audit_request.note("reset_link.made", user=user_id)
    return made(words, address)


def made(words: str, address: str) -> ResponseReturnValue:
    """Return the URL of a new link as JSON, or a redirect to the page that shows it once."""
    if wants_json():
        return jsonify(url=address), 201
    return shown_once.redirect_to(url_for("account.people"), address, words)


@bp.post("/people/<int(max=2147483647):user_id>/tokens/revoke")
@gate.needs(gate.ADMIN)
def revoke_tokens_of(user_id: int) -> ResponseReturnValue:
    """Revoke all API tokens of a user; a new password does not revoke them."""
    account = accounts.by_id(user_id)
    api_tokens.revoke_all(account.id)
    audit_request.note("tokens.revoked", user=account.id)
    flash(f"API tokens of {account.email} revoked. Apps using them no longer have access.", "success")
    return redirect(url_for("account.people"))


@bp.post("/people/<int(max=2147483647):user_id>/role")
@gate.needs(gate.ADMIN)
def change_role(user_id: int) -> ResponseReturnValue:
    """Make a user an administrator or a photographer."""
    role = wanted_role()
    try:
        accounts.set_role(user_id, role)
    except Conflict as error:
        flash(error.message, "error")
    else:
        audit_request.note("account.role_changed", user=user_id, role=role)
        flash("Saved.", "success")
    return redirect(url_for("account.people"))


def wanted_role() -> Role:
    """The role in the form, by default photographer; raises BadRequest for an unknown one."""
    try:
        return Role(request.form.get("role", Role.PHOTOGRAPHER))
    except ValueError:
        raise BadRequest("There is no such role.") from None


def page(shown: shown_once.Shown | None) -> str:
    """Render the page; `shown` is a new link."""
    holders = api_tokens.holders()
    words, address = (shown.words, shown.value) if shown else ("", "")
    return render_template(
        "account/people.html", people=accounts.every(), holders=holders, words=words, address=address
    )
