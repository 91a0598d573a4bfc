"""Adds an intervention, replaces it, understands refusals and removes it, with a
client that openapi-generator made from the served document."""
import json

import konova_client as client
import walk

SQUARE = [[[[7.60, 50.35], [7.61, 50.35], [7.61, 50.36], [7.60, 50.36], [7.60, 50.35]]]]


def journey(url):
    keys = {"Kspuser": "demo", "Ksptoken": "demo-ksp-token"}
    api = client.InterventionApi(walk.reach(client, url, api_key=keys))

    seen, page = {}, 1
    while True:
        answer = api.list_interventions(rpp=2, p=page)
        seen.update(answer.results)
        if answer.next is None:
            break
        page += 1
    walk.want(len(seen) >= 3 and page >= 2, f"{len(seen)} interventions on {page} pages")

    def entry(title, **more):
        return client.InterventionInput(properties=client.InterventionInputProperties(title=title), **more)

    made = api.create_intervention(entry("Von einem Python-Client", type="MultiPolygon", coordinates=SQUARE)).id
    read = api.get_intervention(made).results[made]
    walk.want(read.properties.title == "Von einem Python-Client", f"title: {read.properties.title}")
    walk.want(len(read.coordinates) == 1, f"coordinates: {read.coordinates}")
    api.replace_intervention(made, entry("Ersetzt"))
    read = api.get_intervention(made).results[made]
    walk.want((read.properties.title, read.coordinates) == ("Ersetzt", []), f"replaced: {read}")

    wrong = client.InterventionInput(
        properties=client.InterventionInputProperties(title="Falsch", legal=client.InterventionLegalInput(laws=[1]))
    )
    refused = walk.refusal(client.ApiException, lambda: api.create_intervention(wrong))
    faults = json.loads(refused.body)["errors"]
    walk.want(refused.status == 400 and faults[0]["pointer"] == "#/properties/legal/laws/0", f"{refused}")

    walk.want(api.delete_intervention(made).success, "not removed")
    gone = walk.refusal(client.ApiException, lambda: api.get_intervention(made))
    walk.want(gone.status == 404, f"removed, and {gone.status}")

    stranger = client.InterventionApi(walk.reach(client, url, api_key={**keys, "Ksptoken": "falsch"}))
    unknown = walk.refusal(client.ApiException, stranger.list_interventions)
    walk.want(unknown.status in (401, 403), f"a wrong token: {unknown.status}")
    return f"{len(seen)} interventions read, one added, replaced and removed"


walk.main("konova", journey)
