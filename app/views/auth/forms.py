"""Forms to sign in, to create an account, and to reset a password."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.views.incoming import Form


class SignInForm(Form):
    """Email and password."""

    email = EmailField("Email", [InputRequired("Enter your email address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


class SetupForm(Form):
    """Name, email and password of a new account."""

    name = StringField("Your name, as clients see it", [DataRequired("Enter a name."), Length(max=120)])
    email = EmailField("Email", [InputRequired("Enter your email address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter a password."), Length(max=1000)])


class ForgottenForm(Form):
    """A new password for an existing account."""

    password = PasswordField("New password", [InputRequired("Enter a password."), Length(max=1000)])
