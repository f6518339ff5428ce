"""A small chart, installed and upgraded by the real helm beside the bot."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.control_plane import ControlPlane, folder
from tests.cluster.world import World

_CHART = "apiVersion: v2\nname: shop\nversion: {version}\nappVersion: '1'\n"
_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {helm.sh/chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}}
spec:
  replicas: 2
  progressDeadlineSeconds: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: "{{ .Values.image }}"
          env: [{name: MODE, value: "{{ .Values.mode }}"}]
"""
_SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {API_TOKEN: "{{ .Values.token }}"}
"""
_HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: before
  annotations: {helm.sh/hook: pre-rollback, helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    metadata: {labels: {ends: "{{ .Values.hook }}"}}
    spec:
      restartPolicy: Never
      containers: [{name: app, image: registry.k8s.io/pause:3.9}]
"""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`program` is helm3 or helm4."""

    program: str
    place: Path
    plane: ControlPlane
    world: World

    def write(self, *, version: str = "1.0.0", hook: bool = False) -> None:
        templates = self.place / "templates"
        templates.mkdir(parents=True, exist_ok=True)
        (self.place / "Chart.yaml").write_text(_CHART.replace("{version}", version))
        (templates / "web.yaml").write_text(_WEB)
        (templates / "settings.yaml").write_text(_SETTINGS)
        if hook:
            (templates / "hook.yaml").write_text(_HOOK)

    def upgrade(self, *, fails: bool = False, **values: str) -> None:
        given = {
            "image": "registry.k8s.io/pause:3.9",
            "mode": "a",
            "token": "the-first-token",
            **values,
        }
        pairs = [f"--set={name}={value}" for name, value in given.items()]
        self.run("upgrade", "--install", "shop", str(self.place), *pairs, fails=fails)

    def history(self) -> list[dict[str, Any]]:
        found = json.loads(self.run("history", "shop", "-o", "json"))
        assert isinstance(found, list)
        return found

    def run(self, *line: str, fails: bool = False) -> str:
        done = subprocess.run(
            [
                str(folder() / self.program),
                *line,
                *("--kubeconfig", str(self.plane.kubeconfig)),
                *("--kube-context", self.plane.context, "-n", self.world.namespace),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return done.stdout
