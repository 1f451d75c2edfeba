#!/bin/sh
# Run once, when the database is made: the two roles of docs/postgresql.md, with their passwords.
set -eu
geheimen=${GEHEIMEN:-/run/secrets}
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set eigenaar="$(cat "$geheimen/eigenaar_wachtwoord")" \
    --set gateway="$(cat "$geheimen/gateway_wachtwoord")" <<'SQL'
CREATE ROLE gateway_eigenaar LOGIN PASSWORD :'eigenaar';
CREATE ROLE gateway LOGIN PASSWORD :'gateway';
CREATE DATABASE gateway OWNER gateway_eigenaar TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
\connect gateway
SET ROLE gateway_eigenaar;
GRANT USAGE ON SCHEMA public TO gateway;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO gateway;
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO gateway;
SQL
