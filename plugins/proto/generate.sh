#!/bin/sh
# Regenerates the Go beside the contract. Needs protoc with its well-known types
# (Debian: protobuf-compiler, libprotobuf-dev; elsewhere set PROTOBUF_INCLUDE),
# protoc-gen-go 1.36.12 and protoc-gen-go-grpc 1.6.2 on the PATH.
set -eu
cd "$(dirname "$0")"
protoc -I . -I "${PROTOBUF_INCLUDE:-/usr/include}" \
  --go_out=. --go_opt=paths=source_relative \
  --go-grpc_out=. --go-grpc_opt=paths=source_relative \
  sieci/plugin/v1/*.proto
