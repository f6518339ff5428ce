"""Comparisons, issues and pull requests of the simulated GitHub."""

import base64

import pytest


@pytest.fixture
def github(demo):
    def call(method, path, *, token="gh-demo-token", **options):
        headers = {"Authorization": f"Bearer {token}"}
        return demo.http.request(method, f"/github{path}", headers=headers, **options)

    return call


REPO = "/repos/demo/platform"


def releases(demo):
    """The sha of each lms release, by its place in Argo CD's history."""
    return [entry.sha for entry in demo.sim.argocd.apps["lms"].history]


def files(github, base, head):
    found = github("GET", f"{REPO}/compare/{base}...{head}").json()
    return {one["filename"]: one["status"] for one in found["files"]}


def test_one_migration_lies_between_r140_and_r141(github, demo):
    shas = releases(demo)
    changed = files(github, shas[5], shas[6])
    migrations = {path: status for path, status in changed.items() if "/migrations/" in path}
    assert list(migrations.values()) == ["added"]


def test_no_migration_lies_between_r141_and_r142_but_code_reads_a_new_column(github, demo):
    demo.post("/world", set={"lms-web.revision": "r142"})
    shas = releases(demo)
    found = github("GET", f"{REPO}/compare/{shas[6]}...{shas[7]}").json()
    assert (found["status"], found["total_commits"]) == ("ahead", 1)
    assert not any("/migrations/" in one["filename"] for one in found["files"])
    patch = "\n".join(one["patch"] for one in found["files"])
    assert '+        "groups": enrollments.values("cohort_v2").distinct(),' in patch


def test_a_comparison_backwards_is_behind_and_lists_nothing(github, demo):
    shas = releases(demo)
    found = github("GET", f"{REPO}/compare/{shas[6]}...{shas[4]}").json()
    assert (found["status"], found["files"], found["behind_by"]) == ("behind", [], 1)


def test_an_unknown_revision_is_404(github):
    assert github("GET", f"{REPO}/compare/{'0' * 40}...main").status_code == 404


def test_a_bad_token_is_401_and_every_answer_counts_the_rate(github):
    assert github("GET", "/user", token="wrong").status_code == 401
    answer = github("GET", "/user")
    assert answer.json()["login"] == "tocsin-bot"
    assert int(answer.headers["x-ratelimit-remaining"]) == 4998


def test_an_issue_is_found_by_label_and_by_its_marker(github):
    body = {"title": "Check columns", "body": "marker tocsin:abc:1", "labels": ["incident"]}
    made = github("POST", f"{REPO}/issues", json=body)
    assert made.status_code == 201
    number = made.json()["number"]
    listed = github("GET", f"{REPO}/issues", params={"labels": "incident"}).json()
    assert [one["number"] for one in listed] == [number]
    query = 'repo:demo/platform is:issue "tocsin:abc:1" in:body'
    found = github("GET", "/search/issues", params={"q": query}).json()
    assert (found["total_count"], found["items"][0]["number"]) == (1, number)


def test_an_issue_without_a_title_or_with_a_stranger_is_422(github):
    assert github("POST", f"{REPO}/issues", json={"body": "x"}).status_code == 422
    body = {"title": "x", "assignees": ["nobody"]}
    assert github("POST", f"{REPO}/issues", json=body).status_code == 422


def revert(github, branch="revert-1"):
    main = github("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    github("POST", f"{REPO}/git/refs", json={"ref": f"refs/heads/{branch}", "sha": main})
    path = f"{REPO}/contents/deploy/lms/values.yaml"
    now = github("GET", path).json()
    text = base64.b64decode(now["content"]).decode().replace("r141", "r140")
    body = {"message": "Revert", "branch": branch, "sha": now["sha"]}
    body["content"] = base64.b64encode(text.encode()).decode()
    assert github("PUT", path, json=body).status_code == 200
    pull = {"title": "Revert lms to r140", "head": branch, "base": "main"}
    return github("POST", f"{REPO}/pulls", json=pull)


def test_a_second_pull_request_for_a_branch_is_422(github):
    assert revert(github).status_code == 201
    pull = {"title": "Again", "head": "revert-1", "base": "main"}
    again = github("POST", f"{REPO}/pulls", json=pull)
    assert again.status_code == 422
    assert "A pull request already exists for demo:revert-1." in again.text
    listed = github("GET", f"{REPO}/pulls", params={"head": "demo:revert-1"}).json()
    assert [one["title"] for one in listed] == ["Revert lms to r140"]


def test_a_stale_blob_sha_is_a_conflict(github):
    body = {"message": "x", "content": "eA==", "sha": "0" * 40}
    path = f"{REPO}/contents/deploy/lms/values.yaml"
    assert github("PUT", path, json=body).status_code == 409


def test_a_comment_lies_on_a_line_of_the_pull_request(github):
    number = revert(github).json()["number"]
    path = f"{REPO}/pulls/{number}/comments"
    body = {"body": "Why?", "path": "deploy/lms/values.yaml", "line": 3, "side": "RIGHT"}
    assert github("POST", path, json=body).status_code == 201
    assert github("POST", path, json={**body, "path": "README.md"}).status_code == 422
    assert github("POST", path, json={**body, "line": 900}).status_code == 422
    assert [one["line"] for one in github("GET", path).json()] == [3]


def test_a_merged_pull_request_moves_main(github):
    number = revert(github).json()["number"]
    merged = github("PUT", f"{REPO}/pulls/{number}/merge").json()
    main = github("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    assert merged["sha"] == main
    assert github("GET", f"{REPO}/pulls/{number}").json()["merged"] is True
    assert github("PUT", f"{REPO}/pulls/{number}/merge").status_code == 405


def test_writing_too_fast_meets_the_secondary_limit(github, demo):
    issue = {"title": "x"}
    statuses = [github("POST", f"{REPO}/issues", json=issue).status_code for _ in range(81)]
    assert statuses == [201] * 80 + [403]
    demo.advance(61)
    assert github("POST", f"{REPO}/issues", json=issue).status_code == 201
