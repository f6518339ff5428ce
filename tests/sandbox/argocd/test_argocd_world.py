"""How the simulated Argo CD, the world and a restart get along."""

import pickle

from sandbox import systems
from sandbox.argocd import engine
from sandbox.core.simulation import Settings


def test_a_rollback_under_way_goes_on_after_a_restart():
    first = systems.simulate(Settings(start_paused=True))
    app = first.argocd.apps["lms"]
    app.spec["syncPolicy"]["automated"]["enabled"] = False
    engine.begin(first, app, app.history[5].sha, by="tocsin", rollback=True)
    first.clock.move(5)
    second = systems.simulate(Settings(start_paused=True))
    second.clock.move(5)
    second.argocd = pickle.loads(pickle.dumps(first.argocd))
    engine.start(second)
    second.clock.move(60)
    resumed = second.argocd.apps["lms"]
    assert (resumed.operation, resumed.health) == (None, "Healthy")
    assert second.world["lms-web.revision"] == "r140"


def test_a_hand_that_puts_the_old_release_back_is_not_undone_by_auto_sync(argo):
    argo.demo.post("/scenario", id="bad-lms-deploy")
    argo.advance(240)
    argo.demo.post("/world", set={"lms-web.revision": "r141"})
    argo.advance(600)
    assert argo.revision == "r141"
    app = argo.app()
    assert app["status"]["sync"]["status"] == "OutOfSync"
    assert app["status"]["history"][-1]["initiatedBy"] == {"username": "responder"}


def test_the_rollback_heals_the_scenario(argo):
    argo.demo.post("/scenario", id="bad-lms-deploy")
    argo.advance(300)
    assert argo.demo.sim.world.metric("lms-web.error_pct") > 5
    argo.pause()
    argo.post("lms/rollback", id=6)
    argo.advance(240)
    assert argo.demo.sim.world.metric("lms-web.error_pct") < 1


def test_the_control_api_shows_every_application_with_its_history(argo):
    shown = argo.demo.get("/state")["argocd"]["apps"]
    assert [entry["id"] for entry in shown["lms"]["history"]] == list(range(7))
    assert (shown["discovery"]["owner"], shown["lms"]["owner"]) == (
        "ApplicationSet/catalog-services",
        None,
    )


def test_an_exchange_is_logged_under_a_name_that_faults_can_match(argo):
    argo.demo.post(
        "/faults", service="argocd", match="applications.rollback", when={"times": 1}, do="5xx"
    )
    argo.pause()
    assert argo.post("lms/rollback", id=5).status_code == 503
    assert argo.post("lms/rollback", id=5).status_code == 200
    log = argo.demo.get("/log", system="argocd", name="applications.rollback")["records"]
    assert [record["status"] for record in log] == [503, 200]
