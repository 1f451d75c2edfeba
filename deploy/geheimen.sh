#!/bin/sh
# Makes the secrets that compose.yaml names, in the folder `geheimen` beside it; none is made twice.
set -eu
umask 077
map=${1:-"$(dirname "$0")/geheimen"}
mkdir -p "$map"

geheim() {
    [ -s "$map/$1" ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$map/$1"
}

for naam in postgres eigenaar_wachtwoord gateway_wachtwoord rabbitmq_wachtwoord bsn_sleutel; do
    geheim "$naam"
done
# The key that enciphers the bytes of messages has a name: another one may come in front of it.
[ -s "$map/kluis" ] || {
    geheim_kluis=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
    printf 'eerste=%s\n' "$geheim_kluis" >"$map/kluis"
}
# Empty until there is another key for BSNs: see nieuwe-sleutel.sh.
touch "$map/bsn_sleutel_vorige"
# Empty until the message network knows us by a certificate.
touch "$map/ggk_certificaat" "$map/ggk_sleutel" "$map/ggk_ca"
plaats=postgresql:5432/gateway
printf 'postgresql://gateway_eigenaar:%s@%s' "$(cat "$map/eigenaar_wachtwoord")" "$plaats" >"$map/eigenaar"
printf 'postgresql://gateway:%s@%s' "$(cat "$map/gateway_wachtwoord")" "$plaats" >"$map/store"
printf 'amqp://gateway:%s@rabbitmq:5672//' "$(cat "$map/rabbitmq_wachtwoord")" >"$map/broker"
cat >"$map/rabbitmq_definities.json" <<JSON
{"vhosts": [{"name": "/"}],
 "users": [{"name": "gateway", "password": "$(cat "$map/rabbitmq_wachtwoord")", "tags": ""}],
 "permissions": [{"user": "gateway", "vhost": "/", "configure": "^gateway[.].*",
                  "write": "^(gateway[.].*|amq[.]default)$", "read": "^gateway[.].*"}]}
JSON
# The containers read them as users of their own.
chmod 0444 "$map"/*
chmod 0711 "$map"
