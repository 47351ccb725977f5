#!/bin/sh
# Installs what the tests use beside Python: curl, nghttp and h2load, OpenSSL's command, Redis, a headless browser with its
# driver, and the WSGI servers that are not packages of Python, or need a compiler as such (uWSGI).
# Where that is not possible it names what is missing; the tests that need it then say so and are skipped.
set -u
missing=""
command -v curl >/dev/null 2>&1 || missing="$missing curl"
command -v nghttp >/dev/null 2>&1 || missing="$missing nghttp2-client"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
command -v uwsgi_python3 >/dev/null 2>&1 || missing="$missing uwsgi-core uwsgi-plugin-python3"
[ -e /usr/lib/apache2/modules/mod_wsgi.so ] || missing="$missing apache2-bin libapache2-mod-wsgi-py3"
[ -z "$missing" ] && exit 0

run=""
[ "$(id -u)" = 0 ] || run="sudo -n"
if command -v apt-get >/dev/null 2>&1 && $run true 2>/dev/null; then
    echo "installing for the tests:$missing"
    if $run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        exit 0
    fi
fi
echo "not installed, so some end-to-end tests will be skipped:$missing"
