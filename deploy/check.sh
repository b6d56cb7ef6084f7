#!/usr/bin/env bash
# Checks the files of this folder with the tools that are at hand: promtool, kubectl, kubernetes-validate and
# cloudcoil-models-keda (PyPI), systemd-analyze, docker compose. What is missing is said; what is wrong ends it with 1.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
failed=0

# check NAME TOOL COMMAND…
check() {
  local name=$1 tool=$2
  shift 2
  if ! eval "$tool" >/dev/null 2>&1; then
    echo "-- $name: skipped, ${tool%% *} is not here"
  elif "$@"; then
    echo "ok $name"
  else
    echo "NOT OK $name"
    failed=1
  fi
}

# Kinds that are not Kubernetes' own have their schemas with their operators.
without_operators() {
  kubectl kustomize "kubernetes/overlays/$1" |
    awk 'BEGIN { RS = "---\n"; ORS = "---\n" } !/kind: (ServiceMonitor|PrometheusRule|ScaledObject)/'
}

# A file, since the validator does not read standard input.
validated() {
  local file
  file=$(mktemp --suffix=.yaml)
  without_operators "$1" >"$file" && kubernetes-validate --strict "$file"
  local status=$?
  rm -f "$file"
  return $status
}

scaled() {
  kubectl kustomize kubernetes/overlays/fleet | python3 check-keda.py
}

check 'alert rules' 'promtool --version' promtool check rules alerts.yml
check 'alerts on made-up series' 'promtool --version' promtool test rules alerts.test.yml
check 'manifests: base' 'kubectl version --client' kubectl kustomize kubernetes/base -o /dev/null
for overlay in production fleet; do
  check "manifests: $overlay" 'kubectl version --client' kubectl kustomize "kubernetes/overlays/$overlay" -o /dev/null
  check "manifests against the schemas of Kubernetes: $overlay" 'kubernetes-validate --version' validated "$overlay"
done
check 'manifests against the models of KEDA' 'python3 -c "import cloudcoil.models.keda"' scaled
check 'systemd unit' 'systemd-analyze --version' systemd-analyze verify systemd/cpt-stream.service
check 'systemd unit, exposure' 'systemd-analyze --version' \
  systemd-analyze security --offline=yes --threshold=20 --no-pager systemd/cpt-stream.service
check 'compose file' 'docker compose version' docker compose -f compose.yaml config --quiet
exit $failed
