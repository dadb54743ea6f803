"""How a photographer appears to visitors: the name above every collection, and the accent colour of its pages."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp
from wtforms.widgets import ColorInput

from app.errors import Invalid, NotFound, WrongPassword
from app.services.accounts import accents, accounts, api_tokens
from app.views import audit_request, gate, limits
from app.views.account import people_routes, token_routes
from app.views.account.blueprint import bp
from app.views.incoming import Form
from app.views.visitors import account_id, sign_in

__all__ = ["bp", "people_routes", "token_routes"]

OURS = "#17655b"  # --accent of tokens.css
ACCENT_SECONDS = 31_536_000  # a year: another colour has another address


class AccountForm(Form):
    """What visitors see of a photographer."""

    name = StringField("Your name, as visitors see it", [DataRequired("A name, please."), Length(max=120)])
    own_accent = BooleanField("A colour of your own")
    accent = StringField("Accent colour", [Regexp("^#[0-9a-fA-F]{6}$", message="Not a colour.")], widget=ColorInput())


class NewPasswordForm(Form):
    """Another password, asked for by whoever knows the present one."""

    present = PasswordField("Present password", [InputRequired("Your present password, please."), Length(max=1000)])
    password = PasswordField("New password", [InputRequired("A password, please."), Length(max=1000)])


@bp.route("/", methods=["GET", "POST"])
@gate.needs(gate.ACCOUNT)
def edit() -> ResponseReturnValue:
    """The form; by POST, change the name and the colour."""
    kept = {"name": current_user.name, "accent": current_user.accent or OURS}
    form = AccountForm(data=kept | {"own_accent": current_user.accent is not None})
    if form.validate_on_submit():
        accent = form.accent.data.lower() if form.own_accent.data else None
        accounts.update_profile(current_user.id, name=form.name.data, accent=accent)
        flash("Saved.", "success")
        return redirect(url_for("account.edit"))
    return render_template("account/edit.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/password", methods=["GET", "POST"])
@gate.needs(gate.ACCOUNT)
def password() -> ResponseReturnValue:
    """The form; by POST, change the password, which ends all sessions of the account but this one."""
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            changed(form.present.data, form.password.data)
        except Invalid as error:
            if isinstance(error, WrongPassword):  # not for a new one that is too short: nobody guessed
                audit_request.note("account.password_refused")
            form.refuse(error)
        else:
            audit_request.note("account.password_changed")
            sign_in(accounts.by_id(account_id()))  # this session is one of the new password
            flash("The password is changed. Wherever else you were signed in, you are not any more.", "success")
            if api_tokens.count(account_id()):
                flash("Your API tokens work still. If somebody else may have one, revoke them here.", "info")
                return redirect(url_for("account.tokens"))
            return redirect(url_for("account.edit"))
    return render_template("account/password.html", form=form), 422 if form.is_submitted() else 200


def changed(present: str, new: str) -> bool:
    """Change the password of whoever asks; raises Invalid, or TooOften."""
    user_id = account_id()

    def change() -> bool:
        accounts.change_password(user_id, present, new)
        return True

    return limits.guesses().evaluate(change, *limits.of_present_password(user_id))


@bp.get("/accent/<colour>.css")
@gate.needs(gate.NOTHING)
def accent(colour: str) -> Response:
    """The stylesheet of one colour; it names no account and never changes, so any cache may keep it."""
    if not accents.is_colour(f"#{colour}"):
        raise NotFound
    light, dark = accents.light(f"#{colour}"), accents.dark(f"#{colour}")
    sheet = render_template("account/accent.css", light=light, dark=dark)
    response = Response(sheet, mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={ACCENT_SECONDS}, immutable"
    return response
