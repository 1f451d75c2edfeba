#!/bin/sh
# Puts a new key for the fingerprints of BSNs in the file that is named, and keeps the one that was
# there in the file beside it with `_vorige` behind its name.  The new one also waits in `_nieuw`: as
# long as it does no other one is made, so that doing this again loses nothing.  Remove that file
# once `gateway fingerprints rotate` is done.
set -eu
umask 077
sleutel=$1
touch "${sleutel}_vorige"
chmod u+w "$sleutel" "${sleutel}_vorige"
[ -s "${sleutel}_nieuw" ] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"${sleutel}_nieuw"
cmp -s "$sleutel" "${sleutel}_nieuw" && exit
# On a line of its own, also behind one that somebody wrote without an end.
grep -qxF "$(cat "$sleutel")" "${sleutel}_vorige" || printf '\n%s\n' "$(cat "$sleutel")" >>"${sleutel}_vorige"
cat "${sleutel}_nieuw" >"$sleutel"
