"""Issues, search and refusals of the simulated Jira."""

import pytest

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Add the column."}]}],
}


@pytest.fixture
def jira(demo):
    def call(method, path, *, auth=("tocsin@demo.example", "jira-demo-token"), **options):
        return demo.http.request(method, f"/jira/rest/api/3{path}", auth=auth, **options)

    return call


def create(jira, **changed):
    fields = {
        "project": {"key": "OPS"},
        "issuetype": {"name": "Task"},
        "summary": "Check columns before a release",
        "description": DOCUMENT,
        "labels": ["incident-abc"],
        **changed,
    }
    return jira("POST", "/issue", json={"fields": fields})


def test_an_issue_is_found_by_its_label(jira):
    key = create(jira).json()["key"]
    create(jira, labels=["incident-other"])
    body = {
        "jql": 'project = OPS AND labels = "incident-abc" ORDER BY created',
        "fields": ["summary"],
    }
    found = jira("POST", "/search/jql", json=body).json()
    assert [(i["key"], list(i["fields"])) for i in found["issues"]] == [(key, ["summary"])]
    assert found["isLast"] is True


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "plain text"),
        ("description", {"type": "doc", "version": 1, "content": [{"type": "unheard-of"}]}),
        ("summary", "x" * 256),
        ("summary", "two\nlines"),
        ("labels", ["two words"]),
        ("project", {"key": "NOPE"}),
        ("issuetype", {"name": "Saga"}),
        ("duedate", "tomorrow"),
        ("assignee", {"accountId": "nobody"}),
        ("customfield_1", "x"),
    ],
)
def test_a_field_that_does_not_fit_is_named_in_the_errors(jira, demo, field, value):
    answer = create(jira, **{field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert demo.sim.jira.tickets == {}


def test_the_old_search_is_gone(jira):
    assert jira("GET", "/search", params={"jql": "project = OPS"}).status_code == 410


def test_a_search_without_bounds_is_refused(jira):
    answer = jira("POST", "/search/jql", json={"jql": "ORDER BY created"})
    assert (answer.status_code, "Unbounded" in answer.text) == (400, True)


def test_a_remote_link_with_the_same_id_is_updated(jira):
    key = create(jira).json()["key"]
    body = {"globalId": "inc-1", "object": {"url": "http://slack.example/1", "title": "Incident"}}
    assert jira("POST", f"/issue/{key}/remotelink", json=body).status_code == 201
    body["object"]["title"] = "The incident"
    assert jira("POST", f"/issue/{key}/remotelink", json=body).status_code == 200
    links = jira("GET", f"/issue/{key}/remotelink").json()
    assert [one["object"]["title"] for one in links] == ["The incident"]


def test_a_transition_moves_the_issue(jira):
    key = create(jira).json()["key"]
    rows = jira("GET", f"/issue/{key}/transitions").json()["transitions"]
    done = next(row["id"] for row in rows if row["name"] == "Done")
    body = {"transition": {"id": done}}
    assert jira("POST", f"/issue/{key}/transitions", json=body).status_code == 204
    assert jira("GET", f"/issue/{key}").json()["fields"]["status"]["name"] == "Done"


def test_a_comment_must_be_a_document(jira):
    key = create(jira).json()["key"]
    assert jira("POST", f"/issue/{key}/comment", json={"body": "plain"}).status_code == 400
    assert jira("POST", f"/issue/{key}/comment", json={"body": DOCUMENT}).status_code == 201


def test_a_wrong_token_is_refused(jira):
    assert jira("GET", "/myself", auth=("tocsin@demo.example", "wrong")).status_code == 401
    assert jira("GET", "/myself").json()["emailAddress"] == "tocsin@demo.example"


def test_the_control_api_shows_a_ticket_as_text(jira, demo):
    key = create(jira).json()["key"]
    shown = demo.get("/state")["jira"]["tickets"][key]
    assert (shown["description"], shown["labels"]) == ("Add the column.", ["incident-abc"])
