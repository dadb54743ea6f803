"""Share links: owners create, list and turn them off; clients open them."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from app.errors import Invalid
from app.models import Collection
from app.services.access import share_links
from app.services.access.rules import Action
from app.views import audit_request, gate, limits, shown_once
from app.views.answers import wants_json
from app.views.links.forms import LinkForm
from app.views.loading import collection_for
from app.views.visitors import open_share_link, used_link

bp = Blueprint("links", __name__, template_folder="templates")


@bp.get("/collections/<collection_uuid>/links")
@gate.needs(Action.MANAGE)
def index(collection_uuid: str) -> ResponseReturnValue:
    """List the links of a collection, with the form for a new one; show a new link once."""
    collection = collection_for(collection_uuid, Action.MANAGE)
    shown = shown_once.take()
    return page(collection, LinkForm(), made=shown.value if shown else "")


@bp.post("/collections/<collection_uuid>/links")
@gate.needs(Action.MANAGE)
def make(collection_uuid: str) -> ResponseReturnValue:
    """Create a link; return its URL as JSON, or redirect to the page that shows it once."""
    collection = collection_for(collection_uuid, Action.MANAGE)
    form = LinkForm()
    try:
        link = share_links.make(collection.id, **form.checked())
    except Invalid as error:
        return refused(error, collection, form)
    audit_request.note("link.made", link=link.uuid, collection=collection_uuid)
    address = url_for("links.follow", secret=link.secret, _external=True)
    if wants_json():
        return jsonify(url=address), 201
    return shown_once.redirect_to(url_for("links.index", collection_uuid=collection_uuid), address)


@bp.post("/collections/<collection_uuid>/links/<link_uuid>/revoke")
@gate.needs(Action.MANAGE)
def revoke(collection_uuid: str, link_uuid: str) -> ResponseReturnValue:
    """Turn off a link; visitors who used it lose access at their next request."""
    share_links.revoke(collection_for(collection_uuid, Action.MANAGE).id, link_uuid)
    audit_request.note("link.revoked", link=link_uuid, collection=collection_uuid)
    if wants_json():
        return jsonify(revoked=link_uuid)
    flash("Link turned off. It no longer works.", "success")
    return redirect(url_for("links.index", collection_uuid=collection_uuid))


@bp.get("/s/<secret>")
@limits.visits
@limits.links
@gate.needs(gate.NOTHING)
def follow(secret: str) -> Response:
    """Open a share link and count the visit; HEAD requests and prefetches do neither."""
    if is_prefetch():
        raise ServiceUnavailable("Open the link to see the photos.")  # the browser requests it again on a click
    if request.method == "HEAD":
        return redirect(url_for("collections.view", collection_uuid=share_links.resolve(secret).collection), 303)
    found = open_share_link(secret)
    audit_request.note("link.used", link=found.link, collection=found.collection)
    return redirect(url_for("collections.view", collection_uuid=found.collection), 303)


@bp.get("/collections/<collection_uuid>/link")
@gate.needs(Action.BROWSE)
def came_by(collection_uuid: str) -> ResponseReturnValue:
    """The share link that this visitor used, to share it again; null if it no longer works or there is none."""
    secret = used_link(collection_for(collection_uuid, Action.BROWSE))
    response = jsonify(url=secret and url_for("links.follow", secret=secret, _external=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def is_prefetch() -> bool:
    """Whether the browser prefetches the page before a click: https://wicg.github.io/nav-speculation/prefetch.html."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return any(words in purpose for purpose in purposes for words in ("prefetch", "preview"))


def refused(error: Invalid, collection: Collection, form: LinkForm) -> ResponseReturnValue:
    """The form with its errors; raises `error` again if the client wants JSON."""
    if wants_json():
        raise error
    form.refuse(error)
    return page(collection, form), 422


def page(collection: Collection, form: LinkForm, made: str = "") -> str:
    """Render the page; `made` is the URL of a new link, shown once."""
    return render_template(
        "links/index.html", collection=collection, links=share_links.list_for(collection.id), form=form, made=made
    )
