#!/bin/sh
# Browser tests use the distribution's Chromium; where it is absent and cannot be installed,
# those tests skip and say so.
command -v chromium >/dev/null || command -v google-chrome >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing chromium for the browser tests …"
  { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1 ||
    echo "chromium could not be installed: the browser tests will be skipped"
fi
exit 0
