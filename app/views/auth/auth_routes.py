"""Sign in and out, create the first account, accept invitations, and reset passwords."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.errors import Invalid, NotFound
from app.models import OneTimePurpose, User
from app.services.accounts import accounts, one_time_links, setup_link
from app.views import audit_request, gate, limits, visitors
from app.views.answers import json_error, wants_json
from app.views.auth.forms import ForgottenForm, SetupForm, SignInForm
from app.views.incoming import Form

bp = Blueprint("auth", __name__, url_prefix="/auth", template_folder="templates")

READY = "Your account is ready. Create your first collection."
WRONG = "Wrong email or password."


@bp.route("/sign-in", methods=["GET", "POST"])
@gate.needs(gate.NOTHING)
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form; by POST, start a session if the password is right."""
    form = SignInForm()
    status = 200
    if form.is_submitted():
        complete = form.validate()
        account = account_of(form.email.data, form.password.data) if complete else None
        if account is not None:
            begin_session(account)
            target = own_path(request.values.get("next", ""))
            return jsonify(email=account.email, url=target) if wants_json() else redirect(target)
        audit_request.note("sign_in.refused", email=audit_request.address_like(form.email.data))
        if wants_json():
            return json_error(401, "wrong_password", WRONG)
        if complete:
            form.form_errors.append(WRONG)
        status = 401
    return render_template("auth/sign_in.html", form=form, next_url=request.values.get("next", "")), status


def begin_session(account: User) -> None:
    """Sign in with an empty session, without data of an anonymous visitor or another account."""
    session.clear()
    visitors.sign_in(account)
    audit_request.note("sign_in.ok")


def account_of(email: str, password: str) -> User | None:
    """The account with this email and password; None if either is wrong. Raises TooOften."""
    return limits.guesses().evaluate(lambda: accounts.authenticate(email, password), *limits.of_sign_in(email))


@bp.post("/sign-out")
@gate.needs(gate.NOTHING)
def sign_out() -> ResponseReturnValue:
    """Sign out and end the session."""
    audit_request.note("sign_out")
    visitors.sign_out()
    flash("You are signed out.", "info")
    return redirect(url_for("auth.sign_in"))


@bp.route("/setup/<token>", methods=["GET", "POST"])
@limits.links
@gate.needs(gate.NOTHING)
def setup(token: str) -> ResponseReturnValue:
    """Create the first account, an administrator; 404 once there is an account."""
    if not setup_link.is_valid(token):
        raise NotFound("This setup link was used or has expired. `make run` prints a new one.")
    form = SetupForm()

    def accept() -> int:
        user_id = accounts.create_first(form.email.data, form.password.data, name=form.name.data)
        audit_request.note("account.made", user=user_id, role="admin")
        return user_id

    lede = "Create the first account. This link works once."
    return accepted(form, accept, READY) or page("account", form, heading="Set up Proofsheet", lede=lede)


@bp.route("/invitation/<secret>", methods=["GET", "POST"])
@limits.links
@gate.needs(gate.NOTHING)
def invitation(secret: str) -> ResponseReturnValue:
    """Create an account by an invitation link."""
    link = one_time_links.find(secret, OneTimePurpose.INVITATION)
    form = SetupForm()

    def accept() -> int:
        fields = {"name": form.name.data, "email": form.email.data, "password": form.password.data}
        user_id = one_time_links.accept_invitation(secret, **fields)
        audit_request.note("account.made", user=user_id, role=link.role)
        return user_id

    lede = "You’ve been invited to Proofsheet. This link works once."
    return accepted(form, accept, READY) or page("account", form, heading="Your account", lede=lede)


@bp.route("/new-password/<secret>", methods=["GET", "POST"])
@limits.links
@gate.needs(gate.NOTHING)
def new_password(secret: str) -> ResponseReturnValue:
    """Set a new password by a password reset link."""
    link = one_time_links.find(secret, OneTimePurpose.PASSWORD)
    form = ForgottenForm()

    def accept() -> int:
        user_id = one_time_links.accept_password(secret, form.password.data)
        audit_request.note("account.password_reset", user=link.user_id)
        return user_id

    words = "Password changed. You’ve been signed out everywhere else."
    return accepted(form, accept, words) or page("new_password", form)


def accepted(form: Form, accept: Callable[[], int], words: str) -> Response | None:
    """Call `accept` for a valid form, sign in to the account whose id it returns, and redirect to the collections.

    Returns None if the form was not sent, is invalid, or `accept` raises Invalid; the form has the errors.
    """
    if not form.validate_on_submit():
        return None
    try:
        user_id = accept()
    except Invalid as error:
        form.refuse(error)
        return None
    begin_session(accounts.by_id(user_id))
    flash(words, "success")
    return redirect(url_for("collections.index"))


def page(name: str, form: Form, **more: str) -> ResponseReturnValue:
    """The page of a form; status 422 if the form was sent and is invalid."""
    return render_template(f"auth/{name}.html", form=form, **more), 422 if form.is_submitted() else 200


def own_path(target: str) -> str:
    """The target if it is a path of this site, else the path of the collections.

    Rejects backslashes, which browsers read as slashes, and tabs and line breaks, which they skip.
    """
    ours = target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    return target if ours else url_for("collections.index")
