"""What is taken out before text is kept, and what has to survive. Secrets here are made up."""

from __future__ import annotations

import base64
import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction import redact

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEX = "0123456789abcdef"
ALNUM = UPPER + UPPER.lower() + "0123456789"
WORDS = st.text(alphabet="abcdefghij ,.\n", max_size=40)


def test_text_without_secrets_is_left_alone():
    assert redact("The pod restarted at 03:04.") == redact("The pod restarted at 03:04.")
    assert redact("The pod restarted at 03:04.").clean


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("xox" + "b-123456789012-abcdefABCDEF", "Slack token"),
        ("xapp" + "-1-A0000-12345678", "Slack token"),
        ("https://hooks.slack" + ".com/services/T0/B0/abcdef", "Slack webhook"),
        ("AKI" + "A" + "ABCDEFGH23456723", "AWS key"),
        ("gh" + "p_" + "a1B2" * 9, "GitHub token"),
        ("github" + "_pat_" + "a1B2" * 9, "GitHub token"),
        ("gl" + "pat-" + "a1B2" * 5, "GitLab token"),
        ("sk_" + "live_" + "a1B2" * 6, "Stripe key"),
        ("ey" + "JhbGciOiJI.eyJzdWIiOiIxIn0.abc", "JWT"),
        ("-----BEGIN " + "PRIVATE KEY-----\nabc\n-----END " + "PRIVATE KEY-----", "private key"),
        ("-----BEGIN " + "RSA PRIVATE KEY-----\ncut off", "private key"),
        ("ana@demo.example", "e-mail address"),
        ("+49 170 1234567", "phone number"),
        ("4111 1111 1111 1111", "card number"),
    ],
)
def test_a_secret_is_replaced_by_its_kind(secret, kind):
    found = redact(f"see {secret} there")
    assert found.text.startswith(f"see [redacted: {kind}]")
    assert secret not in found.text
    assert found.found == (kind,)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer abc.def.ghi123", "abc.def"),
        ("curl -H 'Authorization: Basic dXNlcjpwYXNz' x", "dXNlcjpwYXNz"),
        ("Cookie: session=abc123; theme=dark", "abc123"),
        ("postgres://app:hunter2@db.internal:5432/lms", "hunter2"),
        ("https://user:hunter2@git.example/x", "hunter2"),
        ("password=hunter2", "hunter2"),
        ('{"client_secret": "hunter2"}', "hunter2"),
        ("DB_PASSWORD='hunter 2'", "hunter 2"),
        ("the password is hunter2!", "hunter2"),
        ("mysql --password hunter2", "hunter2"),
        ("aws_secret" + "_access_key = " + "aB3/" * 10, "aB3/aB3/"),
        ("https://x.example/y?X-Amz-Signature=" + "ab12" * 8, "ab12ab12"),
    ],
)
def test_the_value_goes_and_what_it_was_stays(text, hidden):
    found = redact(text)
    assert hidden not in found.text
    assert "[redacted: " in found.text
    assert not found.clean


def test_the_place_around_a_password_survives():
    assert redact("postgres://app:hunter2@db:5432/lms").text == (
        "postgres://app:[redacted: URL password]@db:5432/lms"
    )


@pytest.mark.parametrize(
    "text",
    [
        hashlib.sha1(b"x").hexdigest(),
        hashlib.sha256(b"x").hexdigest()[:12],
        "sha256:" + hashlib.sha256(b"x").hexdigest(),
        "registry.demo.example/lms:r142@sha256:" + hashlib.sha256(b"y").hexdigest(),
        "checkout-api-6d9c7f4b8-xk2lp",
        str(uuid.UUID(int=2**127 + 12345)),
        "arn:aws:iam::123456789012:role/lms-prod-node-role",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/lms",
        "KubeletTooManyPodsOnThisNodeAlertFiring",
        "2026-03-01T03:04:05.123456Z",
        "10.4.17.203:9100",
        "1767225600",
        "C0INCIDENTS and <@U01ANA>",
        "password reset failed, token expired, secret: <value>",
        "export DB_PASSWORD=$DB_PASSWORD",
        "https://git.example/demo/platform/commit/" + hashlib.sha1(b"x").hexdigest(),
        "i-0abc123def4567890 in us-east-1a",
    ],
)
def test_identifiers_that_responders_need_survive(text):
    assert redact(text).text == text


def test_a_number_that_is_no_card_survives():
    assert redact("order 4111 1111 1111 1112").clean


def test_a_random_key_of_no_known_shape_is_taken_out():
    key = base64.b64encode(hashlib.sha512(b"seed").digest()[:33]).decode()
    assert redact(f"use {key} here").found == ("secret",)


@given(WORDS, st.text(alphabet=ALNUM, min_size=36, max_size=36), WORDS)
def test_no_github_token_survives_wherever_it_stands(before, tail, after):
    token = "gh" + "p_" + tail
    assert token not in redact(f"{before} {token} {after}").text


@given(WORDS, st.text(alphabet=UPPER[:26] + "234567", min_size=16, max_size=16), WORDS)
def test_no_aws_key_survives_wherever_it_stands(before, tail, after):
    key = "AKI" + "A" + tail
    assert key not in redact(f"{before} {key} {after}").text


@given(st.text(alphabet=HEX, min_size=40, max_size=40), WORDS)
def test_every_git_sha_survives(sha, around):
    assert sha in redact(f"{around} {sha} {around}").text


@given(st.text(alphabet="bcdfghjklmnpqrstvwxz2456789", min_size=5, max_size=5))
def test_every_pod_hash_survives(tail):
    pod = f"grading-worker-6d9c7f4b8-{tail}"
    assert redact(f"pod {pod} restarted").text == f"pod {pod} restarted"


@given(st.uuids())
def test_every_uuid_survives(one):
    assert str(one) in redact(f"request {one} failed").text


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text).text
    assert redact(once).text == once


@given(
    st.lists(
        st.sampled_from(
            [
                "password=",
                "token: ",
                "a@b.example",
                "://u:p@h",
                " ",
                "x",
                "'",
                '"',
                "[redacted: secret]",
            ]
        ),
        max_size=8,
    )
)
def test_redacting_twice_changes_nothing_more_also_around_secrets(parts):
    once = redact("".join(parts)).text
    assert redact(once).text == once
