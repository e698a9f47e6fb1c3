#!/bin/bash
# Says what this machine lacks to run ("deps.sh run") or to test ("deps.sh
# test") Sieci, and installs it where it may: as root or by sudo without a
# password, with one apt command that asks nothing. Anybody else gets that
# command to copy, and a non-zero exit.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-test}
missing=() packages=()

lacks() { # what people call it, the package that brings it
	missing+=("$1")
	packages+=("$2")
}

have() { command -v "$1" >/dev/null 2>&1; }

have_postgres() { # the server, which is seldom on the PATH
	local d
	if have postgres && have initdb; then return 0; fi
	for d in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/postgresql/*/bin; do
		if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then return 0; fi
	done
	return 1
}

have go || { echo "Brakuje Go (wersja z go.mod: $(sed -n 's/^go //p' go.mod)). Instrukcja: go.dev/doc/install" >&2; exit 1; }
have_postgres || lacks "serwer PostgreSQL" postgresql
# The search knows inflected forms by it.
[ -e /usr/share/hunspell/pl_PL.dic ] || lacks "polski słownik hunspell (odmiana słów w wyszukiwarce)" hunspell-pl
if [ "$what" = test ]; then
	# The one without windows does half the work for the same pages.
	have chromium-headless-shell || have chromium || have chromium-browser || have google-chrome || have chrome || lacks "przeglądarka Chromium (bez okien)" chromium-headless-shell
	# The race detector needs a C compiler and the C library's headers.
	{ have gcc && [ -e /usr/include/stdlib.h ]; } || { lacks "kompilator C" gcc; packages+=(libc6-dev); }
	# Modules may be written in Python; PyPI's library for it is another one.
	/usr/bin/python3 -I -c 'import grpc, google.protobuf' 2>/dev/null || { lacks "Python z gRPC (wtyczki w Pythonie)" python3-grpcio; packages+=(python3-protobuf); }
	axe=.cache/axe/axe.min.js
	[ -e "$axe" ] || have npm || lacks "npm (do pobrania axe-core)" npm
fi

if [ ${#missing[@]} -gt 0 ]; then
	printf 'Brakuje: %s\n' "${missing[@]}"
	have apt-get || { echo "To nie jest system z apt: zainstaluj powyższe jego sposobem i uruchom ponownie." >&2; exit 1; }
	# create_main_cluster: Debian would otherwise make and start a cluster of its
	# own, which Sieci does not use. A file that is there already is left alone.
	conf=/etc/postgresql-common/createcluster.conf
	command="mkdir -p ${conf%/*}; [ -e $conf ] || echo 'create_main_cluster = false' > $conf;"
	command+=" export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1;"
	command+=" apt-get -qq update; apt-get -y --no-install-recommends install ${packages[*]}"
	if [ "$(id -u)" = 0 ]; then
		sh -c "$command"
	elif have sudo && sudo -n true 2>/dev/null; then
		sudo -n sh -c "$command"
	elif [ "$what" = run ] && [ "${packages[*]}" = hunspell-pl ]; then
		echo "Bez niego wyszukiwarka znajduje tylko całe słowa; wszystko inne działa. Pakiet: hunspell-pl." >&2
	else
		printf 'Zainstaluj poleceniem:\n\n  sudo sh -c "%s"\n\nalbo jako root:\n\n  %s\n\n' "$command" "$command" >&2
		exit 1
	fi
fi

if [ "$what" = test ] && [ ! -e "$axe" ]; then
	# axe-core (MPL-2.0) checks accessibility in tests; it is fetched, not kept.
	version=4.14.1 sum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	(cd "$tmp" && npm pack --silent "axe-core@$version" >/dev/null && tar xzf axe-core-*.tgz package/axe.min.js)
	echo "$sum  $tmp/package/axe.min.js" | sha256sum --check --quiet
	mkdir -p "${axe%/*}"
	mv "$tmp/package/axe.min.js" "$axe"
fi
