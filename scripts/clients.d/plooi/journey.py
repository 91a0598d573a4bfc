"""Delivers, changes and withdraws a document with a client that
openapi-generator made from the served document."""
import json
import time

import plooi_client as client
import walk

CONTENT = b"%PDF-1.7 besluit\n" * 4000


def metadata(title, **more):
    return client.Document(
        publisher=client.RefOrganisatie(id="https://identifier.overheid.nl/tooi/id/gemeente/gm0361"),
        identifiers=[],
        language=client.RefTaal(id="http://publications.europa.eu/resource/authority/language/NLD"),
        titelcollectie=client.Titelcollectie(officiele_titel=title),
        classificatiecollectie=client.Classificatiecollectie(
            documentsoorten=[client.RefDocumentsoort(id="https://identifier.overheid.nl/tooi/def/thes/kern/c_3d782f30")],
            themas=[client.RefThema(id="https://identifier.overheid.nl/tooi/def/thes/top/c_391585db")],
        ),
        documenthandelingen=[],
        **more,
    )


def journey(url):
    api = walk.reach(client, url)
    token = client.AuthenticatieApi(api).get_testtoken("gemeente Alkmaar", "Publisher Basis")
    api.configuration.access_token = token.access_token
    register, documents = client.MetadataApi(api), client.DocumentenApi(api)
    status, portal = client.StatusApi(api), client.PortaalApi(api)

    def versions(identity, count):
        """Waits until the portal shows that many versions."""
        until = time.monotonic() + 60
        while True:
            try:
                record = portal.get_publicatie(identity)
                if len(record.versies) == count:
                    return
            except client.ApiException as refused:
                if refused.status != 404:
                    raise
            walk.want(time.monotonic() < until, f"not {count} versions")
            time.sleep(0.2)

    made, code, headers = register.create_metadata_with_http_info(client.Metadata(document=metadata("Besluit")))
    walk.want(code == 201, f"metadata: {code}")
    identity, session = walk.last_segment(made.document.pid), headers["X-Session-ID"]

    api.set_default_header("Content-Type", "application/pdf")
    documents.create_document(identity, CONTENT, x_session_id=session)
    del api.default_headers["Content-Type"]
    versions(identity, 1)
    stages = {v.stage for v in status.list_verwerkingen(session)}
    walk.want("PROCESS" in stages, f"stages: {stages}")
    got = portal.get_publicatie_bestand(identity, _preload_content=False).data
    walk.want(got == CONTENT, f"published {len(got)} bytes")

    kept = register.get_metadata(identity).document
    kept.titelcollectie.officiele_titel = "Besluit, verbeterd"
    register.update_metadata(identity, client.MetadataMetPid(document=kept))
    versions(identity, 2)

    documents.delete_document(identity)
    gone = walk.refusal(client.ApiException, lambda: portal.get_publicatie(identity))
    walk.want(gone.status == 404 and json.loads(gone.body)["title"] == "Niet-gevonden-fout", f"withdrawn, and {gone}")
    return "delivered, published, changed, withdrawn"


walk.main("plooi", journey)
