"""Does with GEVER what a specialist application does with the running system, and
holds every answer against the contract: journey.py LOKET."""
import base64
import hashlib
import json
import re
import signal
import sys
import time

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from checks import UNAUTHORIZED, holds, keys, refused_a, refused_b, refused_c, status, titled, utc, want
from gever import JWT_BEARER, ServiceKeyClient, TusUpload
from loket import Loket

DOSSIER = "opengever.dossier.businesscasedossier"
DOCUMENT = "opengever.document.document"
TASK = "opengever.task.task"
FOLDER = "ordnungssystem/fuehrung"
OTHER_FOLDER = "ordnungssystem/finanzen/rechnungswesen"
SIZE = 200 << 20  # bytes of the large file
MEMORY = 120  # MB that Loket may take for all of this


class Journey:
    def __init__(self, loket):
        self.loket = loket
        self.site = f"{loket.origin}/api/gever"
        # Who the application is, and somebody who sees another folder only.
        self.add_user("fach.anwendung", "Administrator,Impersonator", "", "Fach", "Anwendung")
        self.add_user("gina.gast", "Reader", OTHER_FOLDER, "Gina", "Gast")
        self.key = json.loads(loket.command(
            "credential", "gever", "create", "--user", "fach.anwendung", "--title", "Fachanwendung", "--url", loket.origin,
        ))
        self.signer = load_pem_private_key(self.key["private_key"].encode(), password=None)
        self.client = ServiceKeyClient(self.site, self.key)
        self.guest = ServiceKeyClient(self.site, self.key, user="gina.gast")

    def add_user(self, user, roles, path, first, last):
        self.loket.command(
            "user", "add", "gever", "--id", user, "--role", roles, "--path", path, "--firstname", first, "--lastname", last,
            answer=f"Passwort-{user}\n",
        )

    def me(self):
        """The application as an actor."""
        return {"@id": f"{self.site}/@actors/fach.anwendung", "identifier": "fach.anwendung"}

    def read(self, address, **kwargs):
        return status(self.client.get(address, **kwargs), 200).json()

    def walk(self):
        for step in (
            self.token, self.refused_tokens, self.expired_token, self.dossier, self.writing, self.accept, self.large_file,
            self.checkout, self.finding, self.paging, self.navigation, self.sharing, self.moving, self.tasks,
            self.refusals, self.resolve, self.end,
        ):
            began = time.monotonic()
            said = step()
            print(f"gever-client: {step.__name__} in {time.monotonic() - began:.1f} s{': ' + said if said else ''}", flush=True)

    # Tokens (gever.md 3.1).

    def grant(self, key="", algorithm="RS256", form=None, **changed):
        """Asks for a token with an assertion of which something is changed; None leaves it out."""
        claims = {name: value for name, value in {**self.client.claims(), **changed}.items() if value is not None}
        assertion = jwt.encode(claims, self.signer if key == "" else key, algorithm=algorithm)
        return requests.post(self.key["token_uri"], data={"grant_type": JWT_BEARER, "assertion": assertion, **(form or {})}, timeout=30)

    def token(self):
        keys(self.key, "key_id client_id user_id issued token_uri private_key", "key file")
        want(self.key["token_uri"], f"{self.site}/@@oauth2-token", "token_uri")
        got = status(self.grant(), 200)
        keys(got.json(), "access_token expires_in token_type", "token")
        holds(got.json(), {"expires_in": 3600, "token_type": "Bearer"}, "token")
        want((got.headers["Cache-Control"], got.headers["Pragma"]), ("no-store", "no-cache"), "headers of the token")
        site = self.read("")
        holds(site, {"@id": self.site, "@type": "Plone Site"}, "site")
        # For another user, as the application is an Impersonator.
        status(self.guest.get(OTHER_FOLDER), 200)
        want(refused_a(self.guest.get(FOLDER), 401, "Unauthorized"), UNAUTHORIZED["message"], "guest")

    def refused_tokens(self):
        now = int(time.time())
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        for name, response, error in (
            ("no grant_type", self.grant(form={"grant_type": ""}), "invalid_request"),
            ("another grant_type", self.grant(form={"grant_type": "password"}), "invalid_request"),
            ("no assertion", self.grant(form={"assertion": ""}), "invalid_request"),
            ("no JWT", self.grant(form={"assertion": "a.b.c"}), "invalid_grant"),
            ("another's signature", self.grant(key=stranger), "invalid_grant"),
            ("HS256", self.grant(key="x" * 32, algorithm="HS256"), "invalid_grant"),
            ("no signature", self.grant(key=None, algorithm="none"), "invalid_grant"),
            ("unknown client", self.grant(iss="0" * 32), "invalid_grant"),
            ("unknown user", self.grant(sub="niemand"), "invalid_grant"),
            ("another aud", self.grant(aud=self.site), "invalid_grant"),
            ("no iat", self.grant(iat=None), "invalid_grant"),
            ("iat to come", self.grant(iat=now + 600), "invalid_grant"),
            ("no exp", self.grant(exp=None), "invalid_grant"),
            ("exp is over", self.grant(iat=now - 7200, exp=now - 3600), "invalid_grant"),
            ("exp is far", self.grant(exp=now + 2 * 86400), "invalid_grant"),
            ("nbf", self.grant(nbf=now), "invalid_grant"),
            ("scope", self.grant(scope="read"), "invalid_grant"),
        ):
            body = status(response, 400).json()
            keys(body, "error error_description", name)
            want(body["error"], error, name)
        want(status(requests.get(self.key["token_uri"], timeout=30), 405).json()["error"], "invalid_request", "GET")

        # Tokens of which something is changed open nothing.
        good = self.grant().json()["access_token"]
        head, claims, signature = good.split(".")
        other = base64.urlsafe_b64encode(json.dumps({**jwt.decode(good, options={"verify_signature": False}), "sub": "john.doe"}).encode())
        for name, token in {
            "signature": f"{head}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
            "subject": f"{head}.{other.rstrip(b'=').decode()}.{signature}",
            "no signature": f"{head}.{claims}.",
            "alg none": jwt.encode(jwt.decode(good, options={"verify_signature": False}), None, algorithm="none"),
            "another key": jwt.encode(jwt.decode(good, options={"verify_signature": False}), "x" * 32, algorithm="HS256"),
            "the assertion itself": jwt.encode(self.client.claims(), self.signer, algorithm="RS256"),
        }.items():
            refused = status(self.bare("GET", FOLDER, Authorization=f"Bearer {token}"), 401)
            want(refused.json(), UNAUTHORIZED, name)
        want(status(self.bare("GET", FOLDER), 401).json(), UNAUTHORIZED, "no credential")

    def bare(self, method, address, **headers):
        """A request of no client's."""
        return requests.request(method, f"{self.site}/{address}", headers={"Accept": "application/json", **headers}, timeout=30)

    def expired_token(self):
        # No hour passes here: the token of an hour ago is signed with the store's key.
        now, secret = int(time.time()), bytes.fromhex(self.loket.setting("gever.jwt_key"))
        current = jwt.decode(self.grant().json()["access_token"], secret, algorithms=["HS256"])
        old = jwt.encode({**current, "iat": now - 3601, "exp": now - 1}, secret, algorithm="HS256")
        refused = status(self.bare("GET", FOLDER, Authorization=f"Bearer {old}"), 401)
        want(refused.json(), {"error": "invalid_token", "error_description": "Access token expired"}, "expired")
        # The client obtains another and repeats, whatever it was about to do.
        self.client.use(old)
        before = self.client.obtained
        status(self.client.get(FOLDER), 200)
        want(self.client.obtained, before + 1, "tokens")
        status(self.client.get(FOLDER), 200)
        want(self.client.obtained, before + 1, "tokens")

    # Objects (gever.md 0, 1.6, 1.7).

    def dossier(self):
        made = status(self.client.post(FOLDER, {
            "@type": DOSSIER, "title": "Sanierung Bärengraben", "responsible": "fach.anwendung", "custody_period": 30,
            "archival_value": "unchecked", "retention_period": titled("5", "5"), "keywords": ["Bau", "Bären"],
        }), 201)
        self.at = made.headers["Location"]
        got = made.json()
        want(got["@id"], self.at, "@id of the POST answer")
        want(got, self.read(self.at), "what GET gives, and what POST gave")
        holds(got, {
            "@type": DOSSIER, "title": "Sanierung Bärengraben", "archival_value": titled("unchecked", "Nicht geprüft"),
            "custody_period": titled("30", "30"), "retention_period": titled("5", "5"), "classification": titled("unprotected", "Nicht klassifiziert"),
            "container_type": None, "keywords": [titled("Bau", "Bau"), titled("Bären", "Bären")],
            "responsible": titled("fach.anwendung", "Anwendung Fach (fach.anwendung)"), "responsible_fullname": "Anwendung Fach",
            "responsible_actor": self.me(),
            "relatedDossier": [], "responses": [], "items": [], "items_total": 0, "is_subdossier": False, "review_state": "dossier-state-active",
        }, "dossier")
        for absent in ("@context", "comments", "date_of_cassation"):  # the last is a Manager's
            want(absent in got, False, absent)
        utc(got["created"])
        utc(got["modified"])
        want(re.fullmatch(r"fd:\d+", got["oguid"]) is not None, True, f"oguid {got['oguid']}")
        want(got["email"].split("@")[0], got["oguid"].removeprefix("fd:"), "email")
        want(re.fullmatch(r"FD 1 / \d+", got["reference_number"]) is not None, True, got["reference_number"])
        keys(got["parent"], "@id @type UID description is_leafnode review_state title", "parent")
        holds(got["parent"], {"@id": self.client.url(FOLDER), "title": "1. Führung", "is_leafnode": True}, "parent")

    def writing(self):
        changed = status(self.client.patch(self.at, {"description": "Etappe 1"}), 204)
        want(changed.content, b"", "PATCH")
        whole = status(self.client.patch(
            self.at, {"classification": titled("confidential", "egal")}, headers={"Prefer": "return=representation"},
        ), 200).json()
        holds(whole, {"description": "Etappe 1", "classification": titled("confidential", "Vertraulich")}, "representation")
        # What GET gives can be sent back; nothing changes by it.
        status(self.client.patch(self.at, whole), 204)
        want(self.read(self.at), whole, "sent back")
        small = self.client.post(self.at, {"@type": DOCUMENT, "title": "Kurz"}, headers={"Prefer": "return=minimal"})
        want(status(small, 201).text.strip(), "null", "minimal")
        note = status(self.client.post(self.at, {
            "@type": DOCUMENT, "file": {"data": base64.b64encode(b"Inhalt").decode(), "encoding": "base64", "filename": "Protokoll Übergabe.txt"},
        }), 201).json()
        self.note = note["@id"]
        holds(note, {
            "@type": DOCUMENT, "title": "Protokoll Übergabe", "file_extension": ".txt", "review_state": "document-state-draft", "checked_out": None,
            "file": {"content-type": "text/plain", "download": f"{self.note}/@@download/file", "filename": "Protokoll Uebergabe.txt", "size": 6},
            "creator": self.me(),
            "bumblebee_checksum": hashlib.sha256(b"Inhalt").hexdigest(),
        }, "document")
        want(status(self.client.get(note["file"]["download"], headers={"Accept": "*/*"}), 200).content, b"Inhalt", "download")
        items = self.read(self.at)["items"]
        keys(items[1], "@id @type UID checked_out description file_extension is_leafnode review_state title", "item")
        holds(items[1], {"checked_out": "", "file_extension": ".txt", "is_leafnode": None, "@type": DOCUMENT}, "item")
        # A subdossier, by a relation and as a summary.
        sub = status(self.client.post(self.at, {
            "@type": DOSSIER, "title": "Etappe 1", "responsible": "peter.muster", "relatedDossier": self.client.url(f"{FOLDER}/dossier-23"),
        }), 201).json()
        self.sub = sub["@id"]
        holds(sub, {"is_subdossier": True, "classification": titled("confidential", "Vertraulich")}, "subdossier inherits")
        keys(sub["relatedDossier"][0], "@id @type UID description dossier_type is_leafnode is_subdossier review_state title", "relation")
        want(sub["parent"]["dossier_type"], None, "parent")
        french = self.client.get(self.at, headers={"Accept-Language": "fr-CH, de;q=0.5"}).json()
        want(french["classification"], titled("confidential", "Confidentiel"), "in French")

    def accept(self):
        """Who says what he takes gets JSON or a clear no."""
        for accepted in ("application/json", "*/*", "application/*", "application/json; charset=utf-8", "text/html, application/json;q=0.9"):
            got = status(self.client.get(FOLDER, headers={"Accept": accepted}), 200)
            want(got.headers["Content-Type"], "application/json", accepted)
        refused_a(self.client.get(FOLDER, headers={"Accept": "text/html"}), 406, "NotAcceptable")
        for address in (f"{FOLDER}/", f"++api++/{FOLDER}", FOLDER.replace("/", "%2F")):
            want(self.read(address)["@id"], self.client.url(FOLDER), address)

    # Files (gever.md 3.3, 3.4).

    def large_file(self):
        upload = TusUpload(self.client, self.at, SIZE, **{
            "filename": "Plan Etappe 1.bin", "content-type": "image/png", "@type": DOCUMENT, "document_date": "2020-02-29",
        })
        want("Upload-Expires" in upload.created.headers, True, "Upload-Expires")
        want(re.fullmatch(re.escape(self.at) + "/@tus-upload/[0-9a-f]{32}", upload.address) is not None, True, upload.address)
        want(upload.offset(), 0, "offset")
        refused_c(upload.send(5, b"x"), 400, "Bad Request")
        old = self.client.request("PATCH", upload.address, data=b"x", headers={
            "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0",
        })
        want(refused_c(old, 412, "Precondition Failed")["message"], "Unsupported version", "no version")
        last, kept = self.send_parts(upload, [(3 * TusUpload.PART, self.leave), (7 * TusUpload.PART, self.kill)])
        self.plan = last.headers["Location"]
        want((len(kept), kept[0] > 0), (2, True), "what came of a part is kept when the client leaves")
        got = self.read(self.plan)
        holds(got, {"@type": DOCUMENT, "title": "Plan Etappe 1", "document_date": "2020-02-29", "digitally_available": True}, "document")
        holds(got["file"], {"size": SIZE, "filename": "Plan Etappe 1.bin", "content-type": "application/octet-stream"}, "file")
        sent, come = hashlib.sha256(), hashlib.sha256()
        whole = Part(0, SIZE)
        while block := whole.read(Part.BLOCK):
            sent.update(block)
        with self.client.get(got["file"]["download"], headers={"Accept": "*/*"}, stream=True) as response:
            want(status(response, 200).headers["Content-Length"], str(SIZE), "Content-Length")
            want(response.headers["Content-Disposition"].startswith("attachment"), True, "Content-Disposition")
            for block in response.iter_content(Part.BLOCK):
                come.update(block)
        want(come.hexdigest(), sent.hexdigest(), "the file that came back")
        want(got["bumblebee_checksum"], sent.hexdigest(), "checksum")
        return f"{SIZE >> 20} MB, of the parts that were cut {' and '.join(str(k >> 10) for k in kept)} KB were kept"

    def send_parts(self, upload, cuts):
        """Sends the large file; in the middle of the part that reaches an offset
        something happens, once. Gives the last answer, and how much was kept of
        each part that was cut."""
        offset, kept = 0, []
        while offset < SIZE:
            size = min(TusUpload.PART, SIZE - offset)
            cut = cuts.pop(0)[1] if cuts and offset + size > cuts[0][0] else None
            try:
                answer = upload.send(offset, Part(offset, size, cut))
            except (Left, requests.ConnectionError) as broken:
                want(cut is not None, True, f"the connection breaks only where it is cut: {broken}")
                # A server that lives keeps what came, a moment later.
                came = self.soon(upload.offset, lambda came: came > offset or cut == self.kill)
                want(offset <= came < offset + size, True, f"offset {came} after {offset}")
                kept.append(came - offset)
                offset = came
                continue
            want(cut is None, True, "the connection was cut")
            offset += size
            want(status(answer, 204).headers["Upload-Offset"], str(offset), "Upload-Offset")
            want("Location" in answer.headers, offset == SIZE, "Location")
        return answer, kept

    @staticmethod
    def soon(ask, enough):
        """What ask gives as soon as that is enough; what it gives after 30 s otherwise."""
        until = time.monotonic() + 30
        while not enough(got := ask()) and time.monotonic() < until:
            time.sleep(0.05)
        return got

    def leave(self):
        """The client goes in the middle of a part."""
        raise Left

    def kill(self):
        """The server is killed in the middle of a part, and started again."""
        self.loket.kill()
        self.loket.start()

    def checkout(self):
        refused = refused_b(self.client.patch(self.note, {"file": self.text("Neu")}), 403, "Forbidden")
        want(refused["message"], "msg_not_checked_out_by_current_user", "file")
        status(self.client.post(f"{self.note}/@checkout"), 204)
        want(self.read(self.note)["checked_out"], "fach.anwendung", "checked out")
        lock = status(self.client.post(f"{self.note}/@lock"), 200).json()
        holds(lock, {"locked": True, "name": "plone.locking.stealable", "timeout": 600, "creator": "fach.anwendung"}, "lock")
        peter = ServiceKeyClient(self.site, self.key, user="peter.muster")
        other = refused_b(peter.patch(self.note, {"title": "Fremd"}, headers={"Accept-Language": "en"}), 403, "Forbidden")
        holds(other, {"message": "msg_resource_locked", "translated_message": "Resource is locked.", "additional_metadata": {}}, "locked")
        holds(refused_b(peter.post(f"{self.note}/@checkout"), 403, "Forbidden"), {"message": "msg_checkout_disallowed"}, "checked out already")
        replace = TusUpload(self.client, self.note, 9, endpoint="@tus-replace", lock_token=lock["token"], filename="Protokoll.txt")
        want(status(replace.send(0, b"Fassung 2"), 204).headers["Location"], self.note, "replaced")
        holds(status(self.client.post(f"{self.note}/@unlock"), 200).json(), {"locked": False}, "unlocked")
        status(self.client.post(f"{self.note}/@checkin", {"comment": "Überarbeitet"}), 204)
        refused_b(self.client.post(f"{self.note}/@checkin", {}), 403, "Forbidden")
        versions = self.read(f"{self.note}/@versions")
        want(versions["items_total"], 2, "versions")
        holds(versions["items"][0], {"version": 1, "comments": "Überarbeitet", "actor": self.me()}, "version")
        want(self.download(), b"Fassung 2", "file")
        reverted = status(self.client.patch(f"{self.note}/@history", {"version": 0}), 200).json()
        want(reverted, {"message": f"{self.read(self.note)['title']} has been reverted to revision 0."}, "reverted")
        want(self.download(), b"Inhalt", "file of version 0")
        kinds = {entry["type"] for entry in self.read(f"{self.note}/@history")}
        want(kinds, {"versioning", "workflow"}, "history")
        # Checked out and given up: nothing is kept.
        status(self.client.post(f"{self.note}/@checkout"), 204)
        status(self.client.patch(self.note, {"file": self.text("Verworfen")}), 204)
        status(self.client.post(f"{self.note}/@cancelcheckout"), 204)
        want(self.download(), b"Inhalt", "file after @cancelcheckout")

    def download(self):
        return status(self.client.get(f"{self.note}/@@download/file", headers={"Accept": "*/*"}), 200).content

    @staticmethod
    def text(content):
        return {"data": base64.b64encode(content.encode()).decode(), "encoding": "base64", "filename": "Protokoll.txt"}

    # Finding (gever.md 3.7).

    def finding(self):
        listing = self.read(f"{FOLDER}/@listing", params={
            "name": "dossiers", "columns:list": ["title", "reference", "responsible_fullname", "review_state", "created"],
            "filters.review_state:record:list": "dossier-state-active", "filters.responsible:record:list": "fach.anwendung",
            "facets:list": ["responsible", "review_state"], "sort_on": "title", "sort_order": "ascending", "search": "bärengr*",
        })
        holds(listing, {"b_start": 0, "b_size": 25, "items_total": 1}, "listing")
        item = listing["items"][0]
        holds(item, {
            "@id": self.at, "title": "Sanierung Bärengraben", "review_state": "dossier-state-active", "responsible_fullname": "Anwendung Fach",
        }, "row")
        utc(item["created"])
        want(listing["facets"]["responsible"], {"fach.anwendung": {"count": 1, "label": "Anwendung Fach"}}, "facet")
        down = self.read(f"{FOLDER}/@listing", params={"name": "dossiers", "columns:list": "title", "sort_on": "title", "sort_order": "descending"})
        titles = [row["title"] for row in down["items"]]
        want(titles, sorted(titles, key=str.lower, reverse=True), "sorted")
        want("Etappe 1" in titles, True, "subdossiers are listed too")
        flat = self.read(f"{FOLDER}/@listing", params={"name": "dossiers", "columns:list": "title", "depth": 1})
        want("Etappe 1" in [row["title"] for row in flat["items"]], False, "depth")
        refused_a(self.client.get(f"{FOLDER}/@listing", params={"name": "nichts"}), 400, "BadRequest")

        found = self.read(f"{FOLDER}/@search", params={"SearchableText": "Bärengraben", "metadata_fields": ["created", "creator"]})
        want([hit["@id"] for hit in found["items"]], [self.at], "search")
        keys(found["items"][0], "@id @type UID created creator description is_leafnode is_subdossier review_state title", "hit")
        want(self.read(f"{OTHER_FOLDER}/@search", params={"SearchableText": "Bärengraben"})["items_total"], 0, "search elsewhere")

        solr = self.read("@solrsearch", params={
            "q": "Protokoll", "fq": f"portal_type:{DOCUMENT}", "fl": "@id,title,filesize,file_extension", "sort": "modified desc", "rows": 5,
            "facet": "true", "facet.field": "portal_type",
        })
        holds(solr, {"rows": 5, "start": 0, "items_total": 1}, "solr")
        want(solr["items"][0], {"@id": self.note, "title": self.read(self.note)["title"], "filesize": 6, "file_extension": ".txt"}, "solr's hit")
        want(solr["facet_counts"]["portal_type"][DOCUMENT], {"count": 1, "label": "Dokument"}, "solr's facet")
        posted = status(self.client.post("@solrsearch", {"q": "Protokoll", "fq": [f"portal_type:{DOCUMENT}"], "rows": 5}), 200).json()
        want(posted["items_total"], 1, "solr by POST")
        keys(posted["items"][0], "@id @type title description review_state", "solr's fields")

    def paging(self):
        for number in range(28):
            status(self.client.post(self.sub, {"@type": DOCUMENT, "title": f"Beilage {number:02}"}), 201)
        first = self.read(self.sub)
        want((len(first["items"]), first["items_total"]), (25, 28), "first page")
        keys(first["batching"], "@id first last next", "batching")
        want([item["title"] for item in self.client.children(self.sub)], [f"Beilage {number:02}" for number in range(28)], "all pages")
        want(len(list(self.client.children(self.sub, b_size=10))), 28, "pages of 10")
        want(len(list(self.client.children(f"{self.sub}/@listing", name="documents", b_size=10))), 28, "pages of a listing")
        rows = self.client.get(self.sub, params={"b_start": 26, "metadata_fields": ["filename", "creator"]}).json()
        want([(row["creator"], row["filename"]) for row in rows["items"]], [("fach.anwendung", None)] * 2, "metadata_fields")
        want("batching" in self.read(FOLDER), False, "batching where one page is enough")
        full = self.client.get(self.sub, params={"fullobjects": 1, "b_size": 1}).json()["items"][0]
        holds(full, {"title": "Beilage 00", "classification": titled("confidential", "Vertraulich")}, "fullobjects")

    def navigation(self):
        tree = self.read(f"{self.at}/@navigation")
        want(tree["@id"], f"{self.at}/@navigation", "@id")
        keys(tree["tree"][0], """
            @type active current current_tree description dossier_type is_leafnode is_subdossier nodes review_state text uid url
        """, "node")
        holds(tree["tree"][0], {"text": "1. Führung", "url": self.client.url(FOLDER), "current_tree": True}, "node")
        crumbs = self.read(f"{self.note}/@breadcrumbs")
        want([crumb["title"] for crumb in crumbs["items"]], ["Ordnungssystem", "1. Führung", "Sanierung Bärengraben"], "breadcrumbs")
        whole = self.read(self.sub, params={"expand": "breadcrumbs,navigation,workflow,reference-number", "b_size": 1})
        parts = whole["@components"]
        want([crumb["title"] for crumb in parts["breadcrumbs"]["items"]][-1], "Etappe 1", "breadcrumbs, expanded")
        want(parts["main-dossier"]["@id"], self.at, "main dossier")
        want(parts["types"], {"@id": f"{self.sub}/@types"}, "not expanded")
        want(parts["reference-number"]["reference_number"], whole["reference_number"], "reference number")
        want(parts["reference-number"]["parts"]["site"], ["FD"], "reference number's parts")
        want({step["title"] for step in parts["workflow"]["transitions"]}, {"Abschliessen", "Stornieren"}, "transitions")
        addable = {kind["@id"].rsplit("/", 1)[-1]: kind["addable"] for kind in self.read(f"{self.sub}/@types")}
        want((addable[DOCUMENT], addable.get(DOSSIER, False)), (True, False), "types: a subdossier takes documents, no dossiers")
        values = self.read(f"{self.sub}/@vocabularies/classification")
        want([value["token"] for value in values["items"]], ["unprotected", "confidential", "classified"], "vocabulary")

    # Sharing, moving (gever.md 3.6, 3.7).

    def sharing(self):
        guest = self.guest
        want(status(guest.get(self.at), 401).json(), UNAUTHORIZED, "not before")
        want(guest.get("@search", params={"SearchableText": "Bärengraben"}).json()["items_total"], 0, "nor in a search")
        status(guest.post(f"{self.at}/@sharing", {"entries": [{"id": "gina.gast", "type": "user", "roles": {"Reader": True}}]}), 401)
        status(self.client.post(f"{self.at}/@sharing", {"entries": [{"id": "gina.gast", "type": "user", "roles": {"Reader": True}}]}), 204)
        entry = next(e for e in self.read(f"{self.at}/@sharing")["entries"] if e["id"] == "gina.gast")
        want(entry["roles"], {"Reader": True, "Contributor": False, "Editor": False, "Reviewer": False, "DossierManager": False}, "roles")
        want(status(guest.get(self.at), 200).json()["title"], "Sanierung Bärengraben", "shared")
        want(guest.get("@search", params={"SearchableText": "Bärengraben"}).json()["items_total"], 1, "in a search")
        status(guest.get(self.plan), 200)  # what lies in it too
        want(refused_a(guest.patch(self.at, {"title": "Fremd"}), 401, "Unauthorized"), UNAUTHORIZED["message"], "reading only")
        refused = refused_c(guest.post(self.at, {"@type": DOCUMENT, "title": "Fremd"}), 403, "Forbidden")
        want(refused["message"], f"Cannot create {DOCUMENT}", "reading only")
        # Inheritance blocked in the subdossier: there she sees nothing any more.
        status(self.client.post(f"{self.sub}/@sharing", {"inherit": False}), 204)
        status(guest.get(self.sub), 401)
        status(self.client.post(f"{self.sub}/@sharing", {"inherit": True}), 204)
        status(guest.get(self.sub), 200)

    def moving(self):
        old, before = self.at, self.read(self.at)
        moved = status(self.client.post(f"{OTHER_FOLDER}/@move", {"source": old}), 200).json()
        self.at = moved[0]["target"]
        want(moved, [{"source": old, "target": self.at}], "moved")
        for name in ("sub", "note", "plan"):
            setattr(self, name, getattr(self, name).replace(old, self.at))
        after = self.read(self.at)
        holds(after, {"UID": before["UID"], "oguid": before["oguid"], "former_reference_number": before["reference_number"]}, "moved")
        want(after["reference_number"].startswith("FD 2.1 / "), True, after["reference_number"])
        # Old addresses lead to the new ones; requests goes there by itself.
        for address, code, response in (
            (self.at, 301, self.client.get(old)),
            (f"{self.at}/@workflow?expand=x", 301, self.client.get(f"{old}/@workflow?expand=x")),
            (self.note, 301, self.client.get(self.note.replace(self.at, old))),
            (self.at, 308, self.client.patch(old, {"description": "Etappe 1, verschoben"})),
            (f"{self.at}/@lock", 308, self.client.post(f"{old}/@lock")),
            (f"{self.at}/@unlock", 308, self.client.post(f"{old}/@unlock")),
        ):
            want([hop.status_code for hop in response.history], [code], f"hops to {address}")
            want((response.url, response.ok), (address, True), f"the end of {address}")
        want(self.read(self.at)["description"], "Etappe 1, verschoben", "changed by its old address")
        made = self.client.post(old, {"@type": DOCUMENT, "title": "Am alten Ort"})
        want((made.history[0].status_code, made.status_code), (308, 201), "made by the old address")
        want(made.headers["Location"].startswith(f"{self.at}/document-"), True, made.headers["Location"])
        refused_a(self.client.post(f"{OTHER_FOLDER}/@move", {}), 400, "BadRequest")
        refused_b(self.client.post("ordnungssystem/@move", {"source": made.headers["Location"]}), 403, "Forbidden")
        copied = status(self.client.post(f"{self.at}/@copy", {"source": [self.note]}), 200).json()
        want(self.read(copied[0]["target"])["title"].startswith("Copy of "), True, "copied")
        status(self.client.post(f"{copied[0]['target']}/@trash"), 204)
        want(copied[0]["target"] in [item["@id"] for item in self.client.children(self.at)], False, "trashed")
        want(self.read(copied[0]["target"])["trashed"], True, "trashed")
        status(self.client.post(f"{copied[0]['target']}/@untrash"), 204)

    # Tasks, the end of a dossier (gever.md 2.6, 3.5).

    def task(self, title, **more):
        return status(self.client.post(self.at, {
            "@type": TASK, "title": title, "issuer": "fach.anwendung", "task_type": "report", "responsible": "fd:peter.muster", **more,
        }), 201).json()

    def take(self, address, transition, body=None):
        return status(self.client.post(f"{address}/@workflow/{transition}", body or {}), 200).json()

    def tasks(self):
        got = self.task("Bericht schreiben", text="<p>Bis Ende Monat</p>", deadline="2030-01-31")
        holds(got, {
            "issuer": titled("fach.anwendung", "Anwendung Fach (fach.anwendung)"), "task_type": titled("report", "Zum Bericht / Antrag"),
            "responsible": titled("fd:peter.muster", "Finanzdirektion: Muster Peter (peter.muster)"), "responsible_client": titled("fd", "Finanzdirektion"),
            "text": {"data": "<p>Bis Ende Monat</p>", "content-type": "text/html", "encoding": "utf8"}, "review_state": "task-state-open",
            "is_completed": False, "deadline": "2030-01-31",
        }, "task")
        refused_b(self.client.patch(got["@id"], {"responsible": "fd:john.doe"}), 400, "BadRequest")
        self.take(got["@id"], "task-transition-reassign", {
            "responsible": "fd:fach.anwendung", "responsible_client": "fd", "text": "Bitte übernehmen",
        })
        self.take(got["@id"], "task-transition-open-in-progress", {"text": "Begonnen"})
        closed = self.take(got["@id"], "task-transition-in-progress-tested-and-closed", {"text": "Erledigt"})
        want(closed["review_state"], "task-state-tested-and-closed", "closed")
        after = self.read(got["@id"])
        holds(after, {"is_completed": True, "review_state": "task-state-tested-and-closed"}, "task")
        want([response["transition"] for response in after["responses"]][-2:], [
            "task-transition-open-in-progress", "task-transition-in-progress-tested-and-closed",
        ], "responses")
        listed = self.read(f"{self.at}/@listing", params={"name": "tasks", "columns:list": ["title", "review_state", "is_completed"]})
        want([row["title"] for row in listed["items"]], ["Bericht schreiben"], "tasks")

    def refusals(self):
        fields = refused_b(self.client.post(
            FOLDER, {"@type": DOSSIER, "title": None, "responsible": "niemand", "start": "1800-01-01"}, headers={"Accept-Language": "en"},
        ), 400, "BadRequest")
        want(fields["translated_message"], "Inputs not valid", "fields")
        want({f["field"] for f in fields["additional_metadata"]["fields"]}, {"title", "responsible", "start"}, "each fault")
        for fault in fields["additional_metadata"]["fields"]:
            holds(fault, {"type": "ValidationError"}, "field")
        want(fields["message"].startswith("[{'field': '"), True, fields["message"])
        invariant = refused_b(self.client.patch(self.at, {"start": "2030-01-01", "end": "2029-01-01"}), 400, "BadRequest")
        want((invariant["message"], invariant["additional_metadata"]), ("The start date must be before the end date.", {}), "invariant")
        want(refused_a(self.client.post(FOLDER, {"title": "x"}), 400, "BadRequest"), "Property '@type' is required", "no type")
        refused_a(self.client.post(FOLDER, {"@type": "nichts", "title": "x"}), 400, "BadRequest")
        want(refused_a(self.client.get(f"{FOLDER}/nichts"), 404, "NotFound"), f"Resource not found: {self.client.url(FOLDER)}/nichts", "unknown")
        for body, message in ((b"{", "No JSON object could be decoded"), (b"[]", "Malformed body")):
            want(refused_c(self.client.request("PATCH", self.at, data=body), 400, "DeserializationError")["message"], message, body)
        wrong = refused_c(self.client.post("ordnungssystem", {"@type": DOCUMENT, "title": "x"}), 403, "Forbidden")
        want(wrong["message"], f"Disallowed subobject type: {DOCUMENT}", "in the wrong place")
        wrong = refused_c(self.client.post(f"{self.at}/@workflow/nichts"), 400, "Bad Request")
        want(wrong["message"].split("\n"), [
            "Invalid transition 'nichts'.", "Valid transitions are:", "dossier-transition-deactivate", "dossier-transition-resolve",
        ], "transition")
        mail = refused_b(self.client.post(self.at, {"@type": DOCUMENT, "file": {"data": "x", "filename": "x.eml"}}), 400, "BadRequest")
        want(mail["additional_metadata"], {}, "a mail as a document")
        other = self.client.request("PUT", self.at, json={})
        want((status(other, 405).json()["type"], "PATCH" in other.headers["Allow"]), ("MethodNotAllowed", True), "PUT")

    def resolve(self):
        task = self.task("Noch offen")
        status(self.client.post(f"{self.note}/@checkout"), 204)
        resolve = f"{self.at}/@workflow/dossier-transition-resolve"
        refused = refused_c(self.client.post(resolve, {}), 400, "PreconditionsViolated")
        keys(refused, "type message errors has_not_closed_tasks", "preconditions")
        want((len(refused["errors"]), refused["has_not_closed_tasks"]), (2, True), "preconditions")
        status(self.client.post(f"{self.note}/@cancelcheckout"), 204)
        refused = refused_c(self.client.post(resolve, {}), 400, "PreconditionsViolated")
        want((len(refused["errors"]), refused["has_not_closed_tasks"]), (1, True), "preconditions")
        done = status(self.client.post(resolve, {"comment": "Abgeschlossen", "auto_close_tasks": True}), 200).json()
        keys(done, "action actor comments review_state time title", "resolved")
        holds(done, {
            "action": "dossier-transition-resolve", "actor": "fach.anwendung", "comments": "Abgeschlossen", "review_state": "dossier-state-resolved",
        }, "resolved")
        for address, state in ((self.at, "dossier-state-resolved"), (self.sub, "dossier-state-resolved"), (task["@id"], "task-state-cancelled")):
            want(self.read(address)["review_state"], state, address)
        want(self.read(self.at)["end"] is not None, True, "its end is filled in")
        refused_a(self.client.patch(self.at, {"title": "Zu spät"}), 401, "Unauthorized")
        refused_c(self.client.post(self.at, {"@type": DOCUMENT, "title": "Zu spät"}), 403, "Forbidden")
        back = status(self.client.post(f"{self.at}/@workflow/dossier-transition-reactivate", {}), 200).json()
        want(back["review_state"], "dossier-state-active", "reactivated")
        want(self.read(self.sub)["review_state"], "dossier-state-active", "reactivated with it")
        history = self.read(f"{self.at}/@workflow")["history"]
        want([entry["action"] for entry in history], [None, "dossier-transition-resolve", "dossier-transition-reactivate"], "history")

    def end(self):
        """A key that is revoked opens nothing: neither its tokens nor another."""
        self.loket.command("credential", "gever", "revoke", self.key["key_id"])
        want(status(self.grant(), 400).json()["error"], "invalid_grant", "after the key was revoked")
        # Another process revoked it: the server knows within a second.
        closed = self.soon(lambda: self.client.get(FOLDER), lambda answer: answer.status_code == 401)
        want(status(closed, 401).json(), UNAUTHORIZED, "after the key was revoked")
        want(self.loket.violations(), [], "answers that break the document, and errors in the log")
        peak = self.loket.peak()
        want(peak < MEMORY, True, f"{peak} MB of memory")
        return f"Loket took {peak} MB of memory at most"


class Left(Exception):
    """The client goes in the middle of a request."""


class Part:
    """A part of the large file, made as it is sent: each block is another. What
    is to happen in its middle happens there."""

    BLOCK = 1 << 20
    _noise = hashlib.shake_256(b"gever").digest(BLOCK)

    def __init__(self, offset, size, middle=None):
        self.at, self.end = offset, offset + size
        self.size = size
        self.middle = middle
        self._number, self._block = None, b""

    def __len__(self):
        return self.size

    def __iter__(self):
        return iter(lambda: self.read(self.BLOCK), b"")

    def read(self, size=-1):
        if self.middle and self.end - self.at <= self.size // 2:
            self.middle, happens = None, self.middle
            happens()
        number, begin = divmod(self.at, self.BLOCK)
        if number != self._number:
            self._number, self._block = number, number.to_bytes(8, "big") + self._noise[8:]
        end = min(self.BLOCK, begin + (self.end - self.at), begin + size if size >= 0 else self.BLOCK)
        self.at += end - begin
        return self._block[begin:end]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: journey.py LOKET")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with what is left to do at the end
    began = time.monotonic()
    loket = Loket(sys.argv[1])
    try:
        Journey(loket).walk()
    except BaseException:
        print(f"the end of Loket's log:\n{loket.log.read_text()[-3000:]}", file=sys.stderr)
        loket.kill()
        raise
    loket.close()
    print(f"gever-client: all of it in {time.monotonic() - began:.0f} s")


main()
