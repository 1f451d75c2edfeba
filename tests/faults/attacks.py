"""Everything that is no message: what an attacker sends, and what a broken sender sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integration.berichten import BSN, bericht, changed, made

SECRET = "heel geheim"


@dataclass(slots=True)
class Listener:
    """A web server on this machine that counts who calls; it has whatever is asked for."""

    url: str
    hits: int = 0


@contextmanager
def listener() -> Iterator[Listener]:
    """A server for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.hits += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *_: Any) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LACHEN = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lach"}">' for n in range(12))
# `{url}` is a server that counts, `{geheim}` a file that nobody may read; `&l11;` is what is used.
DOCTYPES = {
    "intern_onschuldig": "<!DOCTYPE x [<!ELEMENT x ANY>]>",
    "leeg": "<!DOCTYPE x>",
    "extern": '<!DOCTYPE x SYSTEM "{url}/x.dtd">',
    "publiek": '<!DOCTYPE x PUBLIC "-//X//Y" "{url}/x.dtd">',
    "bestand": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "file://{geheim}">]>',
    "http": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "{url}/geheim">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "{url}/p.dtd"> %p;]>',
    "lachen": f"<!DOCTYPE x [{LACHEN}]>",
    "kwadratisch": f'<!DOCTYPE x [<!ENTITY l11 "{"a" * 50_000}">]>',
}
BLOWN_UP = ("lachen", "kwadratisch")


def with_doctype(naam: str, url: str, geheim: str, *, used: bool) -> bytes:
    """A message with one of DOCTYPES before it, which a value uses or not."""
    doctype = DOCTYPES[naam].replace("{url}", url).replace("{geheim}", geheim)
    value = "&l11;" * (1000 if naam == "kwadratisch" else 1) if used else "Noor"
    return changed(f"<?xml version='1.0'?>{doctype}{bericht('JW305')}", ("Noor", value))


def large_shapes() -> dict[str, bytes]:
    """Messages of a size and shape that no message has; made when asked for, they are large."""
    attributes = " ".join(f'a{number}="x"' for number in range(20_000))
    end = "</jw305:Client>"
    return {
        **{
            f"diep_{depth}": made("JW305", ("Noor Elin", "<a>" * depth + "</a>" * depth))
            for depth in (300, 100_000)
        },
        "attributen": made("JW305", ("<jw305:Client>", f"<jw305:Client {attributes}>")),
        "attribuut": made("JW305", ("<jw305:Client>", f'<jw305:Client a="{"x" * 11_000_000}">')),
        "tekst": made("JW305", ("Noor Elin", "x" * 11_000_000)),
        "buren": made("JW305", (end, f"{end}{'<jw305:Extra/>' * 1_000_000}")),
    }


NO_XML = {
    "leeg": b"",
    "witruimte": b" \n\t ",
    "tekst": b"dit is geen bericht",
    "json": b'{"bericht": 1}',
    "pdf": b"%PDF-1.7\n\x00\x01\xff",
    "zip": b"PK\x03\x04" + bytes(range(256)),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(64),
    "open_element": b"<a",
    "niet_gesloten": b"<a>",
    "nul": b"\x00",
    "nullen": bytes(1000),
}
NOT_WELL_FORMED = {
    "nul": ("Noor", "No\x00or"),
    "stuurteken": ("Noor", "No\x07or"),
    "escape": ("Noor", "No\x1b[2Jor"),
    "fffe": ("Noor", "No\ufffeor"),
    "ffff": ("Noor", "No\uffffor"),
    "nul_als_verwijzing": ("Noor", "No&#0;or"),
    "stuurteken_als_verwijzing": ("Noor", "No&#x1b;or"),
    "losse_helft_als_verwijzing": ("Noor", "No&#xd800;or"),
    "onbekende_entiteit": ("Noor", "&naam;"),
    "losse_ampersand": ("Noor", "No & or"),
    "verkeerde_sluiting": ("</jw305:Header>", "</jw305:Hoofd>"),
    "twee_wortels": ("</jw305:Bericht>", "</jw305:Bericht><extra/>"),
    "tweemaal": ("</jw305:Bericht>", f"</jw305:Bericht>{bericht('JW305')}"),
    "tekst_erna": ("</jw305:Bericht>", "</jw305:Bericht>rest"),
    "nul_erna": ("</jw305:Bericht>", "</jw305:Bericht>\x00"),
    "zonder_naamruimte": ("xmlns:ijw=", "xmlns:anders="),
    "wit_voor_declaratie": ("<jw305:Bericht", " <?xml version='1.0'?><jw305:Bericht"),
}
LETTER = bericht("JW305").replace("Noor", "Zoë")
OTHER_ENCODINGS = {
    "utf16_met_merk": LETTER.encode("utf-16"),
    "utf16_le": LETTER.encode("utf-16-le"),
    "utf16_be": LETTER.encode("utf-16-be"),
    "utf16_genoemd": f"<?xml version='1.0' encoding='UTF-16'?>{LETTER}".encode("utf-16"),
    "utf32": LETTER.encode("utf-32"),
    "latin1": b"<?xml version='1.0' encoding='ISO-8859-1'?>" + LETTER.encode("latin-1"),
    "latin1_zonder_letters": b'<?xml version="1.0" encoding="iso-8859-1"?>' + made("JW305"),
    "windows1252": b"<?xml version='1.0' encoding='windows-1252'?>"
    + LETTER.replace("ë", "€").encode("cp1252"),
    "utf7": b"<?xml version='1.0' encoding='UTF-7'?>" + LETTER.encode("utf-7"),
    "ebcdic": LETTER.encode("cp500"),
    "ebcdic_genoemd": f"<?xml version='1.0' encoding='cp500'?>{LETTER}".encode("cp500"),
    "onbekend": b"<?xml version='1.0' encoding='klingon'?>" + made("JW305"),
    "utf8_als_latin1": b"<?xml version='1.0' encoding='ISO-8859-1'?>" + LETTER.encode(),
    "latin1_als_utf8": b"<?xml version='1.0' encoding='UTF-8'?>" + LETTER.encode("latin-1"),
    "latin1_ongenoemd": LETTER.encode("latin-1"),
    "te_lang": made("JW305").replace(b"Noor", b"\xc0\xafoor"),
    "losse_helft": made("JW305").replace(b"Noor", b"\xed\xa0\x80oor"),
    "halve_letter": made("JW305").replace(b"Noor Elin<", b"Noor \xc3<"),
}
# What the schema refuses: the message, the element with its value, and the value instead.
VALUES = {
    "jaar_12026": ("JW301", "<jw301:Toewijzingsdatum>2025-01-02", "12026-01-02"),
    "jaar_negatief": ("JW301", "<jw301:Toewijzingsdatum>2025-01-02", "-2025-01-02"),
    "datum_met_zone": ("JW301", "<jw301:Toewijzingsdatum>2025-01-02", "2025-01-02Z"),
    "dertigste_februari": ("JW301", "<jw301:Ingangsdatum>2025-01-01", "2025-02-30"),
    "geen_schrikkeljaar": ("JW301", "<jw301:Ingangsdatum>2025-01-01", "2025-02-29"),
    "tijd_negatieve_zone": ("JW301", "<jw301:Toewijzingstijd>09:30:00", "09:30:00-05:00"),
    "tijd_zone": ("JW301", "<jw301:Toewijzingstijd>09:30:00", "09:30:00+01:00"),
    "tijd_z": ("JW301", "<jw301:Toewijzingstijd>09:30:00", "09:30:00Z"),
    "bedrag_exponent": ("JW323", "<ijw:Bedrag>60000", "6e4"),
    "bedrag_te_groot": ("JW323", "<ijw:Bedrag>60000", "100000000"),
    "bedrag_twintig_cijfers": ("JW323", "<ijw:Bedrag>60000", "9" * 20),
    "bedrag_decimaal": ("JW323", "<ijw:Bedrag>60000", "600.00"),
    "bedrag_negatief": ("JW323", "<ijw:Bedrag>60000", "-60000"),
    "bedrag_wit": ("JW323", "<ijw:Bedrag>60000", " \n "),
    "bedrag_breed": ("JW323", "<ijw:Bedrag>60000", "６００００"),
    "totaal_te_groot": ("JW323", "<ijw:TotaalBedrag>85000", "1" + "0" * 12),
    "bsn_acht_cijfers": ("JW305", f"<jw305:Bsn>{BSN}", "99990000"),
    "bsn_met_punten": ("JW305", f"<jw305:Bsn>{BSN}", "9999.00.006"),
    "bsn_breed": ("JW305", f"<jw305:Bsn>{BSN}", "９９９９００００６"),
    "bsn_leeg": ("JW305", f"<jw305:Bsn>{BSN}", ""),
    "bsn_met_wit": ("JW305", f"<jw305:Bsn>{BSN}", f" {BSN}"),
    "code_zonder_nul": ("JW305", "<jw305:Ontvanger>0193", "193"),
    "afzender_letters": ("JW305", "<jw305:Afzender>12345678", "abcdefgh"),
}


def with_value(naam: str) -> bytes:
    """A message with one of VALUES in it."""
    bericht_naam, old, value = VALUES[naam]
    return made(bericht_naam, (old, old[: old.index(">") + 1] + value))


def everything() -> dict[str, bytes]:
    """Every message that has to be refused, by a name of its own; those that are large left out."""
    found = {f"geen_xml_{naam}": content for naam, content in NO_XML.items()}
    found |= {f"codering_{naam}": content for naam, content in OTHER_ENCODINGS.items()}
    found |= {f"vorm_{naam}": made("JW305", change) for naam, change in NOT_WELL_FORMED.items()}
    found |= {f"waarde_{naam}": with_value(naam) for naam in VALUES}
    found |= {f"afgekapt_{cut}": made("JW323")[:-cut] for cut in (1, 100, 1000, 2500)}
    found |= {
        f"doctype_{naam}_{used}": with_doctype(naam, "http://127.0.0.1:9", "/niets", used=used)
        for naam in DOCTYPES
        for used in (False, True)
    }
    return found
