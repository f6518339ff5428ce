"""Image registries through our client: what is there, what is gone, and why it could not be asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.domain.errors import VendorDown, VendorError, VendorRejected
from bot.domain.image import Image, image
from bot.integrations.registry import Login, Registries
from bot.integrations.registry_challenge import Challenge, challenges
from tests.integrations.worlds import OPEN, fault, sent, url

HOST = "registry.demo.example"
DIGESTED = "sha256:" + "0" * 64


def named(text: str) -> Image:
    found = image(text)
    assert found is not None
    return found


LMS = named(f"{HOST}/lms:r141")


def client(login: Login) -> Registries:
    return Registries([login], gate=OPEN)


@pytest.fixture
def login(demo: Any) -> Login:
    password = "registry-demo-password"
    return Login(host=HOST, url=url(demo, "/registry"), username="tocsin", password=password)


@pytest.fixture
def registry(login: Login) -> Iterator[Registries]:
    made = client(login)
    yield made
    made.close()


def why(asked: Registries, wanted: Image = LMS) -> str:
    with pytest.raises(VendorError) as error:
        asked.exists(wanted)
    asked.close()
    return error.value.why


@pytest.mark.parametrize("name", ["lms:r141", "cms:r88", "ecommerce:r57", "discovery:r203"])
def test_an_image_of_every_kind_is_found(registry: Registries, name: str) -> None:
    assert registry.exists(named(f"{HOST}/{name}"))


def test_it_is_one_question_without_a_body_after_the_token(
    demo: Any, registry: Registries
) -> None:
    registry.exists(LMS)
    asked = [(r.method, r.name, r.status) for r in demo.sim.traffic.records]
    assert asked == [("HEAD", "manifests", 401), ("GET", "token", 200), ("HEAD", "manifests", 200)]
    (token,) = sent(demo, "registry", "token")
    assert token.request == {"service": HOST, "scope": "repository:lms:pull"}


def test_an_image_is_found_by_its_digest(demo: Any, login: Login) -> None:
    demo.post("/registry/knobs", auth="none")
    answer = demo.http.get(
        "/registry/v2/lms/manifests/r141",
        headers={"accept": "application/vnd.oci.image.index.v1+json"},
    )
    digest = answer.headers["docker-content-digest"]
    asked = client(login)
    assert asked.exists(named(f"{HOST}/lms@{digest}"))
    assert asked.exists(named(f"{HOST}/lms:a-tag-that-moved@{digest}"))
    assert not asked.exists(named(f"{HOST}/lms@{DIGESTED}"))
    asked.close()


def test_a_manifest_or_a_repository_that_is_unknown_is_gone(
    demo: Any, registry: Registries
) -> None:
    demo.post("/registry/knobs", remove="lms:r141")
    assert not registry.exists(LMS)
    assert registry.exists(replace(LMS, tag="r140"))
    demo.post("/registry/knobs", remove="lms")
    assert not registry.exists(replace(LMS, tag="r140"))


def test_a_registry_that_wants_the_password_itself_gets_it(
    demo: Any, registry: Registries
) -> None:
    demo.post("/registry/knobs", auth="basic", remove="lms:r140")
    assert registry.exists(LMS)
    assert not registry.exists(replace(LMS, tag="r140"))
    assert sent(demo, "registry", "token") == []


def test_a_registry_open_to_anybody_is_asked_without_credentials(demo: Any, login: Login) -> None:
    demo.post("/registry/knobs", auth="none")
    asked = client(Login(host=HOST, url=login.url))
    assert asked.exists(LMS)
    asked.close()


@pytest.mark.parametrize("auth", ["bearer", "basic"])
def test_without_credentials_it_says_that_none_are_configured(
    demo: Any, login: Login, auth: str
) -> None:
    demo.post("/registry/knobs", auth=auth)
    said = why(client(Login(host=HOST, url=login.url)))
    assert said == "it wants credentials for it, and none are configured"


@pytest.mark.parametrize("auth", ["bearer", "basic"])
def test_a_wrong_password_is_said_and_never_shown(demo: Any, login: Login, auth: str) -> None:
    demo.post("/registry/knobs", auth=auth)
    wrong = replace(login, password="hunter2-hunter2")
    assert "hunter2" not in repr(wrong)
    said = why(client(wrong))
    assert said == "it refuses our user name and password (wrong, or expired)"


def test_an_image_that_is_denied_is_not_taken_for_gone(demo: Any, registry: Registries) -> None:
    demo.post("/registry/knobs", denied=["lms"])
    assert why(registry).startswith("it denies it to us")


def test_a_limit_could_not_be_asked(demo: Any, registry: Registries) -> None:
    fault(demo, "registry", "manifests", "429", retry_after=30)
    assert why(registry) == "it is limiting how often we may call"


def test_a_limit_on_tokens_could_not_be_asked_either(demo: Any, registry: Registries) -> None:
    fault(demo, "registry", "token", "429")
    assert why(registry) == "it is limiting how often we may call"


def test_trouble_of_its_own_could_not_be_asked(demo: Any, registry: Registries) -> None:
    fault(demo, "registry", "manifests", "5xx")
    assert why(registry) == "it answered 503"


def test_broken_json_for_a_token_could_not_be_asked(demo: Any, registry: Registries) -> None:
    fault(demo, "registry", "token", "bad_json")
    assert why(registry) == "it gave us no token"


def test_a_registry_that_is_slow_could_not_be_asked(demo: Any, registry: Registries) -> None:
    fault(demo, "registry", "manifests", "latency", ms=5600, when={"times": 1})
    assert why(registry) == "no answer within 5 seconds"


def test_nobody_listening_could_not_be_asked() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert why(client(Login(host=HOST, url=address))) == "the connection was refused"


def test_a_name_that_nobody_knows_could_not_be_asked() -> None:
    login = Login(host=HOST, url="https://registry.invalid")
    assert why(client(login)) == "its name cannot be resolved"


def test_a_registry_that_does_not_speak_tls_is_told_apart(demo: Any) -> None:
    plain = url(demo, "/registry").replace("http://", "https://")
    assert "certificate" in why(client(Login(host=HOST, url=plain)))


def test_signing_in_tries_the_password(demo: Any, login: Login, registry: Registries) -> None:
    registry.sign_in(HOST)
    wrong = client(replace(login, password="wrong"))
    with pytest.raises(VendorRejected, match="refuses our user name"):
        wrong.sign_in(HOST)
    wrong.close()


def test_how_it_went_is_counted_for_each_host(demo: Any, registry: Registries) -> None:
    registry.exists(LMS)
    fault(demo, "registry", "*", "5xx")
    with pytest.raises(VendorDown):
        registry.exists(LMS)
    (health,) = registry.health
    assert (health.vendor, health.ok, health.last_failure) == (HOST, 3, "it answered 503")


def test_docker_hub_and_others_have_their_own_addresses() -> None:
    assert Login(host="docker.io").address == "https://registry-1.docker.io"
    assert Login(host="ghcr.io").address == "https://ghcr.io"
    assert Login(host="ghcr.io", url="https://mirror.example").address == "https://mirror.example"


# What the demo world's registry never does


class Odd(BaseHTTPRequestHandler):
    """Answers as its server was told to, by method; `heard` keeps what it was asked."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.heard.append((self.command, self.path, dict(self.headers)))
        status, headers, body = server.answers[self.command]
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.heard, server.answers = [], {}
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def answers(odd: Any, status: int, body: bytes = b"", *headers: tuple[str, str]) -> Registries:
    """To HEAD and to GET alike; the body only to GET."""
    odd.answers = {"HEAD": (status, headers, body), "GET": (status, headers, body)}
    return client(Login(host=HOST, url=odd.url, username="tocsin", password="s3cret"))


def test_harbors_own_word_for_unknown_is_understood(odd: Any) -> None:
    body = b'{"errors":[{"code":"NOT_FOUND","message":"artifact lms:r141 not found"}]}'
    asked = answers(odd, 404, body)
    assert not asked.exists(LMS)
    asked.close()


@pytest.mark.parametrize(
    "body",
    [b"<html>no such page</html>", b"", b'{"errors":[{"code":"PAGE_UNKNOWN"}]}', b"[]"],
)
def test_a_404_that_is_no_registrys_proves_nothing(odd: Any, body: bytes) -> None:
    assert "not as a registry does" in why(answers(odd, 404, body))


def test_a_type_that_we_do_not_know_is_not_taken_for_gone(odd: Any) -> None:
    text = b"new index found, but accept header does not support new indexes"
    body = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"%s"}]}' % text
    assert "not as a registry does" in why(answers(odd, 404, body))


def test_a_registry_without_head_is_asked_with_get(odd: Any) -> None:
    odd.answers = {"HEAD": (405, (), b""), "GET": (200, (), b"{}")}
    asked = client(Login(host=HOST, url=odd.url))
    assert asked.exists(LMS)
    asked.close()


def test_a_refusal_in_its_own_words_is_passed_on(odd: Any) -> None:
    body = b'{"errors":[{"code":"DENIED","message":"Your  Authorization Token is invalid."}]}'
    odd.answers = {"HEAD": (405, (), b""), "GET": (400, (), body)}
    asked = client(Login(host=HOST, url=odd.url))
    assert why(asked) == "Your Authorization Token is invalid."


def test_the_password_does_not_travel_to_a_token_service_without_https(odd: Any) -> None:
    challenge = ("www-authenticate", 'Bearer realm="http://auth.example/token",service="x"')
    assert "without https" in why(answers(odd, 401, b"", challenge))
    assert len(odd.heard) == 1


def test_the_password_does_not_travel_to_where_a_redirect_leads(odd: Any, demo: Any) -> None:
    demo.post("/registry/knobs", auth="basic")
    elsewhere = url(demo, "/registry/v2/lms/manifests/r141").replace("127.0.0.1", "localhost")
    asked = answers(odd, 307, b"", ("location", elsewhere))
    why(asked)
    heard = [*odd.heard, *sent(demo, "registry", "manifests")]
    assert len(heard) == 2
    assert "authorization" not in str(odd.heard).lower()


def test_a_redirect_to_an_open_registry_is_followed(odd: Any, demo: Any) -> None:
    demo.post("/registry/knobs", auth="none")
    asked = answers(odd, 307, b"", ("location", url(demo, "/registry/v2/lms/manifests/r141")))
    assert asked.exists(LMS)
    asked.close()


def test_a_redirect_in_a_circle_ends(odd: Any) -> None:
    asked = answers(odd, 307, b"", ("location", f"{odd.url}/v2/lms/manifests/r141"))
    assert why(asked) == "it redirects in a circle"


def test_a_challenge_we_cannot_answer_is_told_as_such(odd: Any) -> None:
    said = why(answers(odd, 401, b"", ("www-authenticate", "Negotiate")))
    assert said == "it refuses our user name and password (wrong, or expired)"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (
            ['Bearer realm="https://a.example/token",service="s, t",scope="repository:x:pull"'],
            [("bearer", {"realm": "https://a.example/token", "service": "s, t", "scope": "repository:x:pull"})],
        ),
        (
            ['Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"'],
            [("basic", {"realm": "https://1.dkr.ecr.eu-west-1.amazonaws.com/", "service": "ecr.amazonaws.com"})],
        ),
        (
            ['Negotiate, Basic realm="x", Bearer realm="https://a.example", error=invalid_token'],
            [
                ("negotiate", {}),
                ("basic", {"realm": "x"}),
                ("bearer", {"realm": "https://a.example", "error": "invalid_token"}),
            ],
        ),
        (
            ["bearer Realm=\"https://a.example\"", 'Basic realm="say \\"x\\""'],
            [("bearer", {"realm": "https://a.example"}), ("basic", {"realm": 'say "x"'})],
        ),
        ([""], []),
        ([], []),
    ],
)  # fmt: skip
def test_a_challenge_is_read_however_it_is_written(
    headers: list[str], found: list[tuple[str, dict[str, str]]]
) -> None:
    assert [(each.scheme, each.parameters) for each in challenges(headers)] == found


def test_the_token_is_asked_for_every_scope_or_for_ours() -> None:
    realm = {"realm": "https://a.example/token?tenant=7", "service": "s"}
    several = Challenge(scheme="bearer", parameters={**realm, "scope": "a:b:pull c:d:pull"})
    assert several.address("x") == (
        "https://a.example/token?tenant=7&service=s&scope=a%3Ab%3Apull&scope=c%3Ad%3Apull"
    )
    without = Challenge(scheme="bearer", parameters=realm)
    assert without.address("x:y:pull").endswith("&service=s&scope=x%3Ay%3Apull")
    assert without.address("").endswith("&service=s")


@pytest.mark.parametrize(
    ("realm", "beside", "safe"),
    [
        ("https://auth.example/token", "https://registry.example", True),
        ("http://auth.example/token", "https://registry.example", False),
        ("http://127.0.0.1:8400/token", "http://localhost:8400/registry", True),
        ("http://127.0.0.1:8400/token", "https://registry.example", False),
        ("auth.example", "https://registry.example", False),
        ("", "https://registry.example", False),
    ],
)
def test_a_password_travels_only_encrypted_or_within_this_machine(
    realm: str, beside: str, safe: bool
) -> None:
    assert Challenge(scheme="bearer", parameters={"realm": realm}).safe(beside=beside) is safe
