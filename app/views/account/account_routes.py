"""The account page: name, accent colour and password."""

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

DEFAULT_ACCENT = "#17655b"  # --accent of tokens.css
ACCENT_SECONDS = 31_536_000  # a year: a new colour has a new URL


class AccountForm(Form):
    """The name and accent colour that clients see."""

    name = StringField("Your name, as clients see it", [DataRequired("Enter a name."), Length(max=120)])
    own_accent = BooleanField("Use my own accent colour")
    accent = StringField(
        "Accent colour", [Regexp("^#[0-9a-fA-F]{6}$", message="Choose a colour.")], widget=ColorInput()
    )


class NewPasswordForm(Form):
    """A new password, confirmed by the current one."""

    present = PasswordField("Current password", [InputRequired("Enter your current password."), Length(max=1000)])
    password = PasswordField("New password", [InputRequired("Enter a password."), Length(max=1000)])


@bp.route("/", methods=["GET", "POST"])
@gate.needs(gate.ACCOUNT)
def edit() -> ResponseReturnValue:
    """Show the account form; by POST, save the name and the colour."""
    kept = {"name": current_user.name, "accent": current_user.accent or DEFAULT_ACCENT}
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
    """Show the password form; by POST, change the password and end all other sessions of the account."""
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            change_password(form.present.data, form.password.data)
        except Invalid as error:
            if isinstance(error, WrongPassword):  # a new password that is too short is not a wrong guess
                audit_request.note("account.password_refused")
            form.refuse(error)
        else:
            audit_request.note("account.password_changed")
            sign_in(accounts.by_id(account_id()))  # renew this session, which the new password ended too
            flash("Password changed. You’ve been signed out everywhere else.", "success")
            if api_tokens.count(account_id()):
                flash("Your API tokens still work. Revoke any that others may have.", "info")
                return redirect(url_for("account.tokens"))
            return redirect(url_for("account.edit"))
    return render_template("account/password.html", form=form), 422 if form.is_submitted() else 200


def change_password(present: str, new: str) -> bool:
    """Change the password of the signed-in account and return True; raises Invalid or TooOften."""
    user_id = account_id()

    def change() -> bool:
        accounts.change_password(user_id, present, new)
        return True

    return limits.guesses().evaluate(change, *limits.of_present_password(user_id))


@bp.get("/accent/<colour>.css")
@gate.needs(gate.NOTHING)
def accent(colour: str) -> Response:
    """The stylesheet of an accent colour; public and immutable, since it depends on the URL only."""
    if not accents.is_colour(f"#{colour}"):
        raise NotFound
    light, dark = accents.light(f"#{colour}"), accents.dark(f"#{colour}")
    sheet = render_template("account/accent.css", light=light, dark=dark)
    response = Response(sheet, mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={ACCENT_SECONDS}, immutable"
    return response
