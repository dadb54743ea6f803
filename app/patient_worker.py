"""gunicorn's threaded worker for slow clients: a connection gets a thread only while a complete request head is there.

gunicorn 27.0 reads a head in a thread, without a time limit. It also closes connections in its main loop, where it
waits up to two seconds for each client to close its side, during which no request is served.
"""

from __future__ import annotations

import io
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import Any

from gunicorn.http import get_parser
from gunicorn.util import write_error
from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 30.0  # for a complete head
HEAD_BYTES = 16 * 1024
LINGER_SECONDS = 2.0  # for the client to close its side: a reset could destroy the response (RFC 9112, 9.6)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker in which heads and closing connections wait in the main loop's poller."""

    def __init__(self, *settings: Any, **more: Any) -> None:
        super().__init__(*settings, **more)
        self.closing_conns: deque[TConn] = deque()

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread if its next head is complete, else to the poller.

        An OSError must not leave this method: it would end the worker.
        """
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
        elif self._has_head(conn):
            conn.data_ready, conn.head_due = True, None
            super().enqueue_req(conn)
        elif len(_arrived(conn).getvalue()) > HEAD_BYTES:
            with suppress(OSError):
                write_error(conn.sock, 431, "Request Header Fields Too Large", "")
            self._linger(conn)
        else:
            self._await_head(conn)

    def _has_head(self, conn: TConn) -> bool:
        """Read what has come; true also if nothing can follow, which a thread finds out."""
        conn.sock.setblocking(False)
        conn.parser = conn.parser or get_parser(self.cfg, conn.sock, conn.client)
        if _ends_head(conn):
            return True
        try:
            more = conn.sock.recv(HEAD_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            return True
        _arrived(conn).seek(0, io.SEEK_END)
        _arrived(conn).write(more)
        return not more or _ends_head(conn)

    def _await_head(self, conn: TConn) -> None:
        """Wait for the rest of the head until HEAD_SECONDS after its beginning."""
        now = time.monotonic()
        conn.timeout = conn.head_due = getattr(conn, "head_due", None) or now + HEAD_SECONDS
        if now > conn.timeout:
            self._end(conn)
            return
        if self.nr_conns > self.max_keepalived and self.pending_conns:  # the rest is for complete requests
            self._forget(self.pending_conns.popleft())  # the oldest
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep the connection for the next request, or close it without waiting."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._linger(conn)

    def _linger(self, conn: TConn) -> None:
        """Tell the client that nothing follows, and wait in the poller until it closes its side."""
        try:
            conn.sock.shutdown(SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:  # the client has gone
            self._end(conn)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.closing_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))

    def _drain(self, conn: TConn, client: socket) -> None:
        try:
            more = client.recv(HEAD_BYTES)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self.closing_conns.remove(conn)
            self._forget(conn)

    def murder_pending(self) -> None:
        """Close connections whose head, or whose end, has not come in time."""
        super().murder_pending()
        now = time.monotonic()
        while self.closing_conns and self.closing_conns[0].timeout < now:
            self._forget(self.closing_conns.popleft())

    def _cap_keepalive(self, deadline: float) -> None:
        """At SIGTERM, wait for unfinished heads as briefly as for kept-alive connections."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _forget(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self._end(conn)

    def _end(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _arrived(conn: TConn) -> io.BytesIO:
    """What was received and not parsed yet."""
    buffer: io.BytesIO = conn.parser.unreader.buf
    return buffer


def _ends_head(conn: TConn) -> bool:
    """Whether a complete head of at most HEAD_BYTES is there; empty lines before it do not count."""
    return b"\r\n\r\n" in _arrived(conn).getvalue().lstrip(b"\r\n")[:HEAD_BYTES]
