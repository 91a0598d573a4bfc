"""Makes a dossier with a document as the running system answers: with the object,
in which each choice has its title. With a client that openapi-generator made from
the live document."""
import base64

import gever_live_client as client
import walk


def journey(url):
    # Public: an identity of the demo data.
    user = walk.reach(client, url, username="john.doe", password="Demo-Gever-1!")
    objects, found = client.OperationenApi(user), client.FindenApi(user)

    def create(container, new, kind):
        """Makes an object and reads it from the answer: this generator has no type for one of several."""
        response = objects.create_object(container, new, _preload_content=False)
        walk.want(response.status == 201, f"create: {response.status}")
        return user.deserialize(response, kind)

    dossier = create("ordnungssystem/fuehrung", client.DossierCreate(
        type="opengever.dossier.businesscasedossier", title="Vom Python-Client", responsible="john.doe", keywords=["Bau"],
    ), "Dossier")
    path = dossier.id.removeprefix(url + "/")
    walk.want(path.startswith("ordnungssystem/fuehrung/dossier-"), f"path: {path}")
    walk.want((dossier.custody_period.token, dossier.classification.title) == ("30", "Nicht klassifiziert"), f"choices: {dossier}")
    walk.want((dossier.responsible.title, dossier.container_type) == ("Doe John (john.doe)", None), f"choices: {dossier}")
    walk.want([word.token for word in dossier.keywords] == ["Bau"], f"keywords: {dossier.keywords}")
    walk.want((dossier.parent.title, dossier.created.utcoffset().total_seconds()) == ("1. Führung", 0), f"{dossier}")

    document = create(path, client.DocumentCreate(
        type="opengever.document.document",
        file=client.FileInput(data=base64.b64encode(b"Inhalt").decode(), encoding="base64", filename="Notiz.txt"),
    ), "Document")
    walk.want((document.file.size, document.file_extension) == (6, ".txt"), f"file: {document.file}")

    hits = found.search_site(searchable_text="Notiz", path="/" + path).items
    walk.want([hit.id for hit in hits] == [document.id], f"search: {hits}")
    return "a dossier and its document made, read from the answers, and found"


walk.main("gever-live", journey)
