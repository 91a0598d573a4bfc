"""Delivers a file that is reviewed, sent back once, and accepted, with a client
that openapi-generator made from the served document."""
import capo_client as client
import walk

PROJECT = "62c7d0a1eb277e1b79161401"
CONTAINER = "62c7d159eb277e1b79161431"  # asks for a review
CONTENT = b"%PDF-1.7 tekening\n" * 4000


def party(url, token):
    """The API as seen by one organisation of the demo."""
    return client.ProjectTypeHoofdleidingApi(walk.reach(client, url, access_token=token))


def journey(url):
    contractor, reviewer = party(url, "demo-capo-aan-1"), party(url, "demo-capo-combi-1")

    projects = client.AlleProjectenApi(contractor.api_client)
    own = {a.bijlage_assigned_id: a for a in projects.list_bijlage_assigned(status="assigned")}
    walk.want(CONTAINER in own and own[CONTAINER].requires_review, f"containers: {sorted(own)}")

    made = contractor.create_bijlage(
        PROJECT, CONTAINER, client.BijlageNieuw(bestandsnaam="tekening.pdf", content_type="application/pdf", grootte=len(CONTENT))
    )
    walk.want(made.parent_id == CONTAINER, f"parentId is {made.parent_id}")
    walk.put(made.url, CONTENT, "application/pdf")
    file = contractor.patch_bijlage(PROJECT, made.bijlage_id, client.BijlageWijziging(status="uploaded"))
    walk.want(file.status == "uploaded", f"file: {file.status}")

    def to(who, status, **reden):
        change = client.BijlageAssignedWijziging(status=status, **reden)
        return who.patch_project_project_id_bijlageassigned_bijlage_assigned_id(PROJECT, CONTAINER, change).status

    walk.want(to(contractor, "review") == "review", "no review")
    refused = walk.refusal(client.ApiException, lambda: to(contractor, "done"))
    walk.want(refused.status in (403, 409), f"own review: {refused.status}")
    walk.want(to(reviewer, "uploaded", reden="Maatvoering ontbreekt") == "uploaded", "not sent back")
    walk.want(to(contractor, "review") == "review", "no second review")
    walk.want(to(reviewer, "done") == "done", "not accepted")

    listed = [b.bijlage_id for b in reviewer.list_bijlagen(PROJECT)]
    walk.want(made.bijlage_id in listed, f"files: {listed}")
    # Raw: the client finds no name for its file in filename*.
    got = reviewer.download_bijlage(PROJECT, made.bijlage_id, _preload_content=False).data
    walk.want(got == CONTENT, f"download: {len(got)} bytes")
    return "delivered, sent back once, accepted and read"


walk.main("capo", journey)
