"""Signing in and out, and the first account."""

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
WRONG = "The email address or the password is not right."


@bp.route("/sign-in", methods=["GET", "POST"])
@gate.needs(gate.NOTHING)
def sign_in() -> ResponseReturnValue:
    """The form; with the right password, a new session."""
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
    """Sign in; nothing of an anonymous session, or of another account's, lives on."""
    session.clear()
    visitors.sign_in(account)
    audit_request.note("sign_in.ok")


def account_of(email: str, password: str) -> User | None:
    """The account that the password is of; raises TooOften."""
    return limits.guesses().evaluate(lambda: accounts.authenticate(email, password), *limits.of_sign_in(email))


@bp.post("/sign-out")
@gate.needs(gate.NOTHING)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    audit_request.note("sign_out")
    visitors.sign_out()
    flash("You are signed out.", "info")
    return redirect(url_for("auth.sign_in"))


@bp.route("/setup/<token>", methods=["GET", "POST"])
@limits.links
@gate.needs(gate.NOTHING)
def setup(token: str) -> ResponseReturnValue:
    """Make the first account; gone once there is one."""
    if not setup_link.is_valid(token):
        raise NotFound("This setup link has been used or is too old. `make run` prints a new one.")
    form = SetupForm()

    def accept() -> int:
        user_id = accounts.create_first(form.email.data, form.password.data, name=form.name.data)
        audit_request.note("account.made", user=user_id, role="admin")
        return user_id

    lede = "This makes the first account. The link that brought you here works once."
    return carried_out(form, accept, READY) or page("account", form, heading="Set up Proofsheet", lede=lede)


@bp.route("/invitation/<secret>", methods=["GET", "POST"])
@limits.links
@gate.needs(gate.NOTHING)
def invitation(secret: str) -> ResponseReturnValue:
    """Make the account that somebody was invited to."""
    link = one_time_links.find(secret, OneTimePurpose.INVITATION)
    form = SetupForm()

    def accept() -> int:
        fields = {"name": form.name.data, "email": form.email.data, "password": form.password.data}
        user_id = one_time_links.accept_invitation(secret, **fields)
        audit_request.note("account.made", user=user_id, role=link.role)
        return user_id

    lede = "You were invited to deliver photographs with Proofsheet. The link that brought you here works once."
    return carried_out(form, accept, READY) or page("account", form, heading="Your account", lede=lede)


@bp.route("/new-password/<secret>", methods=["GET", "POST"])
@limits.links
@gate.needs(gate.NOTHING)
def new_password(secret: str) -> ResponseReturnValue:
    """Set the password that somebody forgot."""
    link = one_time_links.find(secret, OneTimePurpose.PASSWORD)
    form = ForgottenForm()

    def accept() -> int:
        user_id = one_time_links.accept_password(secret, form.password.data)
        audit_request.note("account.password_reset", user=link.user_id)
        return user_id

    words = "Password changed. You've been signed out everywhere else."
    return carried_out(form, accept, words) or page("new_password", form)


def carried_out(form: Form, accept: Callable[[], int], words: str) -> Response | None:
    """Do what a form asks for and sign in to the account that `accept` returns the id of.

    Returns a redirect to the list of collections, or None, with what is wrong in the form.
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
    """The page with a form; 422 when it comes back."""
    return render_template(f"auth/{name}.html", form=form, **more), 422 if form.is_submitted() else 200


def own_path(target: str) -> str:
    """The target if it is a path of this site, else the list of collections.

    Browsers take `\\` for `/`, and leave out tabs and line ends, so nothing that has them is a path of ours.
    """
    ours = target.startswith("/") and not target.startswith("//") and target.isprintable() and "\\" not in target
    return target if ours else url_for("collections.index")
