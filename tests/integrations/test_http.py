"""How a vendor's troubles become ours, once, for every vendor over plain HTTP."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.integrations.http import Access, Asked, Vendor, plain_words, retry_after
from bot.reactions import deciding
from tests.integrations.worlds import OPEN, SHUT

ONCE = Asked(path="x", doing="roll lms back", method="POST", writes=True, sent_once=True)


class Answering(BaseHTTPRequestHandler):
    """Says what its server was told to say."""

    def do_GET(self):
        self.server.heard.append(self)
        if self.server.gate is not None:
            self.server.entered.release()
            self.server.gate.wait()
        if self.server.status is None:
            self.close_connection = True
            return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    made.status, made.headers, made.body, made.heard, made.gate = 200, {}, b'{"a": 1}', [], None
    made.entered = threading.Semaphore(0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    if made.gate is not None:
        made.gate.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def vendor(server):
    made = Vendor(Access(vendor="V", url=f"http://127.0.0.1:{server.server_address[1]}/"), OPEN)
    yield made
    made.close()


def answer(server, status, body=b"{}", **headers):
    server.status, server.body = status, body
    server.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def test_an_answer_is_its_json(vendor):
    assert vendor.read("x", doing="read") == {"a": 1}
    assert (vendor.health.ok, vendor.health.failed) == (1, 0)
    assert vendor.health.last_ok is not None


def test_an_empty_answer_is_none(server, vendor):
    answer(server, 204, b"")
    assert vendor.read("x", doing="read") is None


@pytest.mark.parametrize("status", [420, 429])
def test_a_limit_may_pass_and_says_when(server, vendor, status):
    answer(server, status, retry_after="7")
    with pytest.raises(VendorDown) as error:
        vendor.read("x", doing="read")
    assert error.value.retry_after == timedelta(seconds=7)


def test_githubs_second_limit_is_a_limit_although_it_is_a_403(server, vendor):
    answer(server, 403, retry_after="60")
    with pytest.raises(VendorDown):
        vendor.read("x", doing="read")


def test_an_error_of_the_vendors_own_may_pass(server, vendor):
    answer(server, 503)
    with pytest.raises(VendorDown, match="V: could not read: it answered 503"):
        vendor.read("x", doing="read")
    assert vendor.health.last_failure == "it answered 503"


def test_a_dropped_connection_may_pass(server, vendor):
    server.status = None
    with pytest.raises(VendorDown, match="the connection broke"):
        vendor.read("x", doing="read")


def test_a_refusal_says_why_and_what_to_do_by_hand(server, vendor):
    answer(server, 404, json.dumps({"message": "no such\n thing"}).encode())
    with pytest.raises(VendorRejected, match="no such thing") as error:
        vendor.read("x", doing="read", by_hand="Look in the cupboard")
    assert error.value.by_hand == "Look in the cupboard"


def test_a_login_page_in_between_is_not_taken_for_an_answer(server, vendor):
    answer(server, 200, b"<html>")
    with pytest.raises(VendorDown, match="not JSON"):
        vendor.read("x", doing="read")


@pytest.mark.parametrize(("status", "may_pass"), [(429, True), (409, False), (400, False)])
def test_a_one_shot_request_that_was_refused_was_not_sent(server, vendor, status, may_pass):
    answer(server, status)
    with pytest.raises(NotSent) as error:
        vendor.send(ONCE)
    assert error.value.may_pass is may_pass


def test_a_one_shot_request_to_nobody_was_not_sent():
    nowhere = Vendor(Access(vendor="V", url="http://127.0.0.1:9"), OPEN)
    with pytest.raises(NotSent, match="the connection was refused"):
        nowhere.send(ONCE)
    with pytest.raises(VendorDown):
        nowhere.read("x", doing="read")
    nowhere.close()


@pytest.mark.parametrize("status", [None, 500])
def test_a_one_shot_request_without_a_clear_answer_is_in_doubt(server, vendor, status):
    server.status = status
    with pytest.raises(VendorDown):
        vendor.send(ONCE)
    assert len(server.heard) == 1


def test_a_write_passes_the_gate(server):
    watching = Vendor(Access(vendor="V", url=f"http://127.0.0.1:{server.server_address[1]}"), SHUT)
    with pytest.raises(Refused, match="did not roll lms back"):
        watching.send(ONCE)
    assert server.heard == []
    watching.close()


def test_a_call_inside_a_decision_is_a_bug(vendor):
    with deciding(), pytest.raises(RuntimeError, match="decide first"):
        vendor.read("x", doing="read")


def test_the_ninth_call_in_flight_is_sent_away_at_once(server, vendor):
    server.gate = threading.Event()
    calls = [threading.Thread(target=vendor.read, args=("x",), kwargs={"doing": "read"})]
    calls += [
        threading.Thread(target=vendor.read, args=("x",), kwargs={"doing": "read"})
        for _ in range(7)
    ]
    for each in calls:
        each.start()
    for _ in calls:
        server.entered.acquire(timeout=5)
    with pytest.raises(VendorDown) as full:
        vendor.read("x", doing="read")
    assert full.value.retry_after == timedelta(seconds=1)
    server.gate.set()
    for each in calls:
        each.join()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "0"}, 1),
        ({"ratelimit-reset": "12"}, 12),
        ({"retry-after": "99999"}, 900),
        ({"x-ratelimit-reset": "1"}, 1),
    ],
)
def test_the_wait_a_vendor_asks_for_is_kept_within_reason(headers, seconds):
    assert retry_after(httpx.Headers(headers)) == timedelta(seconds=seconds)


def test_a_vendor_that_names_no_wait_gets_none():
    assert retry_after(httpx.Headers({"retry-after": "soon"})) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errorMessages": ["No project"], "errors": {}}, "No project"),
        ({"errorMessages": [], "errors": {"summary": "too long"}}, "summary: too long"),
        ({"error": {"message": "Not found", "errors": ["No incident"]}}, "Not found: No incident"),
        ({"error": ["Name can't be blank"]}, "Name can't be blank"),
        ({"message": "Bad credentials"}, "Bad credentials"),
        (None, "it answered 418"),
    ],
)
def test_the_reason_is_found_where_vendors_put_it(body, said):
    assert plain_words(418, body) == said
