#!/usr/bin/env bash
# Builds the real control plane and the real helm for tests/cluster/, once, into a cache outside git.
# Needs Go with its module proxy; etcd comes from the system's packages (Debian: etcd-server).
set -euo pipefail

KUBERNETES=1.34.2
KWOK=0.8.0
HELM3=3.21.4
HELM4=4.2.4
cache="${TOCSIN_CLUSTER_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/tocsin/cluster-tools}"
stamp="$cache/built-$KUBERNETES-$KWOK-$HELM3-$HELM4"
[ -f "$stamp" ] && { echo "The tools are in $cache."; exit 0; }
command -v go >/dev/null || { echo "Go is not here: install it from your packages or go.dev." >&2; exit 1; }
mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

installed() { # name, module@version, the binary's own name
  [ -x "$cache/$1" ] || { echo "building $1"; GOBIN="$work/bin" go install -ldflags '-s -w' "$2" && mv "$work/bin/$3" "$cache/$1"; }
}
installed helm3 "helm.sh/helm/v3/cmd/helm@v$HELM3" helm
installed helm4 "helm.sh/helm/v4/cmd/helm@v$HELM4" helm
installed kwok "sigs.k8s.io/kwok/cmd/kwok@v$KWOK" kwok

# `replace` lines of a dependency are ignored, so every staging module is pinned again here.
mkdir -p "$work/control" && cd "$work/control"
staging="api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap
code-generator component-base component-helpers controller-manager cri-api cri-client csi-translation-lib
dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator kube-controller-manager kube-proxy
kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission sample-apiserver sample-cli-plugin
sample-controller"
{
  echo "module control"
  echo "go 1.24"
  echo "require k8s.io/kubernetes v$KUBERNETES"
  echo "replace ("
  for each in $staging; do echo "  k8s.io/$each => k8s.io/$each v0.${KUBERNETES#1.}"; done
  echo ")"
} > go.mod
version="k8s.io/component-base/version"
flags="-s -w -X $version.gitVersion=v$KUBERNETES -X $version.gitMajor=1 -X $version.gitMinor=${KUBERNETES:2:2}"
for each in kube-apiserver kube-controller-manager; do
  [ -x "$cache/$each" ] && continue
  echo "building $each"
  go build -mod=mod -ldflags "$flags" -o "$cache/$each" "k8s.io/kubernetes/cmd/$each"
done
touch "$stamp"
echo "The tools are in $cache."
