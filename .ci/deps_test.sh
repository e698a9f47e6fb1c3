#!/bin/bash
# What deps.sh does on a machine that lacks a browser, a compiler and npm: as
# root and by sudo it installs by one command, anybody else gets that command
# and a non-zero exit. Commands on a PATH of our own stand in for the system's:
# nothing is installed and nothing is written outside the temporary folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

wrong() { echo "deps_test: $*" >&2; failed=1; }

# machine makes the commands of a machine: the uid, whether sudo asks for a
# password (yes), does not (no) or is not there (none), whether there is apt.
machine() {
	rm -rf "$tmp/bin" "$tmp/ran"
	mkdir "$tmp/bin"
	local c
	for c in bash dirname sed cat mkdir rm mktemp; do ln -s "$(command -v $c)" "$tmp/bin/$c"; done
	stub go 'exit 0'
	stub id "echo $1"
	stub sh 'echo "sh $*" >> "$RAN"'
	[ "$2" = none ] || stub sudo "[ $2 = no ] || exit 1; shift; [ \"\$1\" = true ] || { echo -n 'sudo ' >> \"\$RAN\"; exec \"\$@\"; }"
	[ "$3" = no ] || stub apt-get 'echo "apt-get $*" >> "$RAN"'
}

stub() { printf '#!/bin/bash\n%s\n' "$2" > "$tmp/bin/$1"; chmod +x "$tmp/bin/$1"; }

# deps runs the script in a copy of its folder, so that it finds no axe-core.
deps() {
	mkdir -p "$tmp/tree/.ci"
	cp "$here/deps.sh" "$tmp/tree/.ci/"
	cp "$here/../go.mod" "$tmp/tree/"
	code=0
	out=$(env -i PATH="$tmp/bin" RAN="$tmp/ran" "$BASH" "$tmp/tree/.ci/deps.sh" test 2>&1) || code=$?
	ran=$(cat "$tmp/ran" 2>/dev/null || true)
}

install='apt-get -y --no-install-recommends install '

machine 0 none yes; deps
[[ $ran == "sh -c "*"$install"*chromium* && $ran != sudo* ]] || wrong "root does not install: $ran"
[ "$(grep -c . <<<"$ran")" = 1 ] || wrong "root runs more than one command: $ran"
[[ $ran == *"create_main_cluster = false"*DEBIAN_FRONTEND=noninteractive* ]] || wrong "root is asked, or gets a cluster: $ran"

machine 1000 no yes; deps
[[ $ran == "sudo sh -c "*"$install"*chromium* ]] || wrong "sudo without a password does not install: $ran"

for sudo in yes none; do
	machine 1000 $sudo yes; deps
	[ $code != 0 ] || wrong "an ordinary user (sudo: $sudo) gets exit 0"
	[ -z "$ran" ] || wrong "an ordinary user (sudo: $sudo) ran: $ran"
	[[ $out == *'sudo sh -c "'*"$install"*chromium*gcc*npm* ]] || wrong "an ordinary user (sudo: $sudo) is not told the command: $out"
done

machine 0 none no; deps
[ $code != 0 ] && [ -z "$ran" ] && [[ $out == *"nie jest system z apt"* ]] || wrong "without apt: $code, $out, $ran"

machine 0 none yes; rm "$tmp/bin/go"; deps
[ $code != 0 ] && [[ $out == *"Brakuje Go"* ]] || wrong "without Go: $code, $out"

exit $failed
