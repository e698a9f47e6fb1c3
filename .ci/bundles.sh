#!/bin/bash
# Builds every first-party module, plugins/<name> with a manifest.json, into a
# bundle bin/plugins/<id>/: the static binary and the manifest that names it
# with its sha256.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-bin/plugins}
os=$(go env GOOS) arch=$(go env GOARCH)
for manifest in plugins/*/manifest.json; do
	dir=$(dirname "$manifest")
	id=$(sed -n 's/^  "id": "\(.*\)",$/\1/p' "$manifest")
	[ -n "$id" ] || { echo "$manifest: no id" >&2; exit 1; }
	mkdir -p "$out/$id"
	# Static: a sandboxed module cannot load libraries.
	CGO_ENABLED=0 go build -trimpath -ldflags=-buildid= -o "$out/$id/module" "./$dir"
	sum=$(sha256sum "$out/$id/module" | cut -d' ' -f1)
	binary='{"os": "'$os'", "arch": "'$arch'", "file": "module", "sha256": "'$sum'"}'
	sed "s|^  \"binaries\": \[\],\$|  \"binaries\": [$binary],|" "$manifest" > "$out/$id/manifest.json"
	grep -q "$sum" "$out/$id/manifest.json" || { echo "$manifest: the line \"binaries\": [] is missing" >&2; exit 1; }
done
