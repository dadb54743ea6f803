"""What people fill in to get an account or to use it."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.views.incoming import Form


class SignInForm(Form):
    """An address and its password."""

    email = EmailField("Email", [InputRequired("Your email address, please."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Your password, please."), Length(max=1000)])


class SetupForm(Form):
    """The first account."""

    name = StringField("Your name, as visitors will see it", [DataRequired("A name, please."), Length(max=120)])
    email = EmailField("Email", [InputRequired("Your email address, please."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("A password, please."), Length(max=1000)])


class ForgottenForm(Form):
    """A new password for an old account."""

    password = PasswordField("New password", [InputRequired("A password, please."), Length(max=1000)])
