"""The application factory of Proofsheet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, redirect, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from app import allocator, boot, cli, config, sqlite
from app.extensions import compress, csrf, db, limiter, login
from app.integrations.base import FileStorage
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.local_storage import LocalStorage
from app.jobs import tasks
from app.jobs.pool import InProcessQueue
from app.models import human_size
from app.services import storage_service
from app.services.access import guesses
from app.services.accounts import accounts
from app.services.queue import QUEUE, Queue
from app.views import default_cache_control, errors, gate, headers, incoming, ranges
from app.views.account import account_routes
from app.views.api import api_routes
from app.views.auth import auth_routes
from app.views.clocks import clock_routes
from app.views.collections import collections_routes, repair_routes
from app.views.cookies import Cookies
from app.views.links import link_routes
from app.views.trash import trash_routes
from app.views.uploads import check_routes, resumable_routes

# Requests, variant workers and the sweeper use at most one each, and none while they wait for a client. Up to twice as
# many are opened, below the 100 that PostgreSQL allows by default; a 81st request waits for one of them.
CONNECTIONS = 40
# hide_parameters keeps statement parameters out of the log: some are digests of secrets.
ENGINE = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS, "pool_pre_ping": True, "hide_parameters": True}
FORM_BYTES = 1024 * 1024  # body limit of every request except uploads, which are streamed and limited separately


class Proofsheet(Flask):
    """The Flask application; `r2_storage` is None unless R2 is configured."""

    request_class = incoming.Request
    json_provider_class = incoming.Json
    r2_storage: CloudflareR2Storage | None = None


def create_app(config_overrides: Mapping[str, Any] | None = None) -> Proofsheet:
    """Return the application, configured by the overrides, the environment and .env; raises ConfigError."""
    settings = config.load(config_overrides)
    allocator.return_freed_memory()
    app = Proofsheet(
        __name__, template_folder="views/templates", static_folder="views/static", instance_path=str(config.INSTANCE)
    )
    app.config.from_mapping(_flask_settings(settings))
    incoming.register(app)  # before the extensions, which read request bodies
    _bind_extensions(app)
    _bind_storage(app)
    _bind_queue(app)
    _bind_views(app)
    cli.register(app)
    return app


def _flask_settings(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "SQLALCHEMY_DATABASE_URI": settings["DATABASE_URL"],
        "SQLALCHEMY_ENGINE_OPTIONS": ENGINE,
        "SPOOL_PATH": str(config.INSTANCE / "spool"),
        "MAINTENANCE_PATH": str(config.INSTANCE / "maintenance"),
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # valid as long as the session: an upload may take hours
        "RATELIMIT_STORAGE_URI": settings["RATE_LIMIT_URL"] or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": _limit_options(settings["RATE_LIMIT_URL"]),
        # views/headers.py compresses: open-ended streams and images must not be compressed.
        "COMPRESS_REGISTER": False,
        "COMPRESS_ALGORITHM": ["zstd", "br", "gzip"],
        "COMPRESS_ALGORITHM_STREAMING": ["zstd", "br", "gzip"],
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
        "COMPRESS_STREAMING_ENDPOINT_CONDITIONAL": ["static", "collections.static"],
    } | settings


def _limit_options(url: str) -> dict[str, Any]:
    """Timeouts of the Redis that counts requests; none for counters in memory."""
    waits = ("socket_timeout", "socket_connect_timeout") if url else ()
    return dict.fromkeys(waits, guesses.TIMEOUT_SECONDS)


def _bind_extensions(app: Proofsheet) -> None:
    db.init_app(app)
    with app.app_context():
        sqlite.configure(db.engine)
    compress.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    limited = app.config.get("RATELIMIT_ENABLED", True)
    url = app.config["RATE_LIMIT_URL"]
    app.extensions["proofsheet.guesses"] = guesses.counted(url) if limited else guesses.unlimited()
    login.init_app(app)
    login.user_loader(accounts.of_session)


def _bind_storage(app: Proofsheet) -> None:
    storages: dict[str, FileStorage] = {"local": _local_storage(app.config)}
    if app.config["R2_BUCKET"] and app.config["R2_ENDPOINT_URL"]:
        with app.app_context():
            app.r2_storage = storages["r2"] = CloudflareR2Storage()
    app.extensions[storage_service.EXTENSION] = storages


def _local_storage(settings: Mapping[str, Any]) -> LocalStorage:
    boot.require_folder(settings)
    path = Path(settings["STORAGE_PATH"])
    try:
        return LocalStorage(path)
    except OSError as error:
        raise boot.folder_problem(path, error) from None


def _bind_queue(app: Proofsheet) -> None:
    url = app.config["QUEUE_URL"]
    app.extensions[QUEUE] = _celery_queue(app, url) if url else _in_process_queue(app)


def _celery_queue(app: Proofsheet, url: str) -> Queue:
    from app.jobs.celery_queue import CeleryQueue  # importing Celery takes 0.3 s, and most installations have no broker

    return CeleryQueue(
        url, run=partial(tasks.run, app), sweep=partial(tasks.sweep, app), is_settled=partial(tasks.is_settled, app)
    )


def _in_process_queue(app: Proofsheet) -> Queue:
    return InProcessQueue(
        run=partial(tasks.run, app),
        sweep=partial(tasks.sweep, app),
        hand_back=partial(tasks.hand_back, app),
        workers=app.config["VARIANT_WORKERS"],
        record_shutdown=partial(tasks.record_shutdown, app),
    )


def _bind_views(app: Proofsheet) -> None:
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    errors.register(app)
    gate.register(app)
    headers.register(app)
    ranges.register(app)
    default_cache_control.register(app)
    app.session_interface = Cookies()
    app.register_blueprint(auth_routes.bp)
    app.register_blueprint(account_routes.bp)
    app.register_blueprint(collections_routes.bp)
    app.register_blueprint(repair_routes.bp)
    app.register_blueprint(check_routes.bp)
    app.register_blueprint(resumable_routes.bp)
    app.register_blueprint(trash_routes.bp)
    app.register_blueprint(link_routes.bp)
    app.register_blueprint(clock_routes.bp)
    app.register_blueprint(api_routes.bp)
    app.register_blueprint(api_routes.about)
    app.add_template_filter(human_size)
    app.add_url_rule("/", "home", _home)
    gate.check(app)


@gate.needs(gate.NOTHING)
def _home() -> Response:
    return redirect(url_for("collections.index"))
