"""The three endpoints of fastapi-benchmark, and a fourth, in one process with one worker.

Run it: UPSTREAM_URL=http://127.0.0.1:8081 python3 -m uvicorn --app-dir fastapi app:app
then: curl 'localhost:8000/async/http?waitMs=1000'. ./bench --with-fastapi runs it beside the three servers.

What waits where: a sync endpoint on one of AnyIO's 40 worker threads (ceiling 40 / wait), an async endpoint nowhere
(users / wait), a sync call in an async endpoint on the only event loop (1 / wait).
"""

import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from fastapi import FastAPI

UPSTREAM = os.environ.get("UPSTREAM_URL", "http://127.0.0.1:8081") + "/wait"
TIMEOUT = httpx.Timeout(65.0, connect=5.0)  # as long as the other servers wait for the upstream
LIMITS = httpx.Limits(max_connections=10_000, max_keepalive_connections=10_000, keepalive_expiry=60)
OPTIONS = {"timeout": TIMEOUT, "limits": LIMITS, "trust_env": False}  # no proxy of the caller's shell

sync_client = httpx.Client(**OPTIONS)
async_client = httpx.AsyncClient(**OPTIONS)
app = FastAPI()

lock = threading.Lock()
seen, busy, busy_peak, started = set(), 0, 0, 0


@contextmanager
def census():
    """Counts the threads that run endpoints, and the requests inside one, waiting included."""
    global busy, busy_peak, started
    with lock:
        seen.add(threading.current_thread())
        started, busy = started + 1, busy + 1
        busy_peak = max(busy_peak, busy)
    try:
        yield
    finally:
        with lock:
            busy -= 1


@app.get("/sync/http")
def sync_http(waitMs: int = 1000):
    with census():
        return sync_client.get(UPSTREAM, params={"waitMs": waitMs}).json()


@app.get("/async/http")
async def async_http(waitMs: int = 1000):
    with census():
        return (await async_client.get(UPSTREAM, params={"waitMs": waitMs})).json()


@app.get("/async/http/sync")
async def async_http_sync(waitMs: int = 1000):
    with census():
        return sync_client.get(UPSTREAM, params={"waitMs": waitMs}).json()  # the event loop stands still here


@app.get("/async/http/rebuilt")
async def async_http_rebuilt(waitMs: int = 1000):
    with census():  # as in the original: a client, and with it a TLS context, for each request
        async with httpx.AsyncClient(**OPTIONS) as client:
            return (await client.get(UPSTREAM, params={"waitMs": waitMs})).json()


@app.get("/health/ready")
async def ready():
    return {"status": "UP", "server": "fastapi"}


class Management(BaseHTTPRequestHandler):
    """GET /threads on a thread of its own, so that a frozen event loop does not blind the bench."""

    def do_GET(self):
        if self.path != "/threads":
            self.send_error(404)
            return
        with lock:
            handlers = {"distinct": len(seen), "live": sum(t.is_alive() for t in seen),
                        "busy": min(busy, len(seen)), "busyPeak": min(busy_peak, len(seen))}
            requests = {"started": started, "inFlight": busy, "inFlightPeak": busy_peak, "rejected": 0}
        body = json.dumps({"server": "fastapi", "handlers": handlers, "requests": requests}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if "MANAGEMENT_PORT" in os.environ:
    management = ThreadingHTTPServer(("127.0.0.1", int(os.environ["MANAGEMENT_PORT"])), Management)
    threading.Thread(target=management.serve_forever, daemon=True).start()
