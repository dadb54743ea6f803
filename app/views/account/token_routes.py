"""Create, list and revoke the API tokens of the signed-in account."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.errors import Conflict, Invalid
from app.models import Scope
from app.services.accounts import api_tokens
from app.views import audit_request, gate, shown_once
from app.views.account.blueprint import bp
from app.views.answers import wants_json
from app.views.fields import MomentField
from app.views.incoming import Form
from app.views.visitors import account_id

SCOPES = {
    Scope.READ: "View and download",
    Scope.UPLOAD: "View, download and upload",
    Scope.MANAGE: "Everything, including editing, sharing and deleting",
}


class TokenForm(Form):
    """The name, scope and expiry of a new token."""

    name = StringField("Name", [DataRequired("Enter a name."), Length(max=api_tokens.LONGEST_NAME)])
    scope = SelectField("Access", choices=[SelectChoice(scope.value, words) for scope, words in SCOPES.items()])
    expires_at = MomentField("Expires on")

    def checked(self) -> dict[str, Any]:
        """The values of the form, by the parameters of `api_tokens.make`; raises Invalid."""
        self.require()
        return {"name": self.name.data, "scope": Scope(self.scope.data), "expires_at": self.expires_at.data}


@bp.get("/tokens")
@gate.needs(gate.ACCOUNT)
def tokens() -> ResponseReturnValue:
    """List the tokens, with the form for a new one; show a new token once."""
    shown = shown_once.take()
    return page(TokenForm(), shown.value if shown else "")


@bp.post("/tokens")
@gate.needs(gate.ACCOUNT)
def make_token() -> ResponseReturnValue:
    """Create a token; return it as JSON, or redirect to the page that shows it once."""
    form = TokenForm()
    try:
        made = api_tokens.make(account_id(), **form.checked())
    except (Conflict, Invalid) as error:
        return refused(error, form)
    audit_request.note("token.made", made=made.uuid, scope=form.scope.data)
    if wants_json():
        return jsonify(token=made.secret), 201
    return shown_once.redirect_to(url_for("account.tokens"), made.secret)


def refused(error: Conflict | Invalid, form: TokenForm) -> ResponseReturnValue:
    """The form with its errors; raises `error` again if the client wants JSON."""
    if wants_json():
        raise error
    if isinstance(error, Invalid):
        form.refuse(error)
    else:
        form.form_errors.append(error.message)
    return page(form), 422


@bp.post("/tokens/<token_uuid>/revoke")
@gate.needs(gate.ACCOUNT)
def revoke_token(token_uuid: str) -> ResponseReturnValue:
    """Revoke a token."""
    api_tokens.revoke(account_id(), token_uuid)
    audit_request.note("token.revoked", revoked=token_uuid)
    flash("Token revoked. Apps using it no longer have access.", "success")
    return redirect(url_for("account.tokens"))


@bp.post("/tokens/revoke")
@gate.needs(gate.ACCOUNT)
def revoke_tokens() -> ResponseReturnValue:
    """Revoke all tokens of the account."""
    api_tokens.revoke_all(account_id())
    audit_request.note("tokens.revoked", user=account_id())
    flash("All tokens revoked. Apps using them no longer have access.", "success")
    return redirect(url_for("account.tokens"))


def page(form: TokenForm, made: str = "") -> str:
    """Render the page; `made` is a new token, shown once."""
    return render_template(
        "account/tokens.html", tokens=api_tokens.of(account_id()), form=form, made=made, scopes=SCOPES
    )
