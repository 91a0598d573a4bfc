"""Makes a dossier with a document, renames it, reads and closes it, with a client
that openapi-generator made from the served document: one that escapes the
slashes of a path."""
import base64

import gever_client as client
import walk

FOLDER = "ordnungssystem/fuehrung"


def journey(url):
    # Public: an identity of the demo data.
    user = walk.reach(client, url, username="john.doe", password="Demo-Gever-1!")
    objects, files, workflow = client.OperationenApi(user), client.DateienApi(user), client.WorkflowApi(user)

    def create(container, new):
        """Makes an object and gives its path; the answer's body is null."""
        body, status, headers = objects.create_object_with_http_info(container, new)
        walk.want((body, status) == (None, 201), f"{status} {body}")
        return headers["Location"].removeprefix(url + "/")

    def read(path, kind):
        """Reads an object as what it is: this generator has no type for one of several."""
        response = objects.get_object(path, _preload_content=False)
        walk.want(response.status == 200, f"read: {response.status}")
        return user.deserialize(response, kind)

    dossier = create(FOLDER, client.DossierCreate(
        type="opengever.dossier.businesscasedossier", title="Vom Python-Client", responsible="john.doe",
    ))
    walk.want(dossier.startswith(FOLDER + "/dossier-"), f"path: {dossier}")
    objects.patch_object(dossier, client.DossierPatch(title="Vom Python-Client umbenannt"))
    kept = read(dossier, "Dossier")
    walk.want(kept.id == f"{url}/{dossier}", f"address: {kept.id}")
    walk.want((kept.title, kept.custody_period) == ("Vom Python-Client umbenannt", 30), f"{kept}")

    document = create(dossier, client.DocumentCreate(
        type="opengever.document.document",
        file=client.FileInput(data=base64.b64encode(b"Inhalt").decode(), encoding="base64", filename="Notiz.txt"),
    ))
    got = files.download(document, "file", _preload_content=False).data
    walk.want(got == b"Inhalt", f"download: {got}")
    listed = [item.id for item in read(dossier, "Dossier").items]
    walk.want(listed == [f"{url}/{document}"], f"items: {listed}")

    refused = walk.refusal(client.ApiException, lambda: create("ordnungssystem", client.DocumentCreate(
        type="opengever.document.document", title="Am falschen Ort",
    )))
    walk.want(refused.status == 403, f"a document in the root: {refused.status}")

    # The same user with a token.
    token = client.AnmeldungApi(walk.reach(client, url)).login(
        request_body={"login": "john.doe", "password": "Demo-Gever-1!"}
    )["token"]
    bearer = client.WorkflowApi(walk.reach(client, url, access_token=token))
    closed = bearer.take_transition(dossier, "dossier-transition-resolve")
    walk.want(closed.review_state == "dossier-state-resolved", f"closed: {closed.review_state}")
    walk.want(workflow.get_workflow(dossier).history[0].actor is not None, "no history")
    return "a dossier with a document made, renamed, read and closed"


walk.main("gever", journey)
