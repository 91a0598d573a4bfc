"""Logs in, sets up a project with a closure, delivers a plan and its comment, and
understands a refusal, with a client that openapi-generator made from the served
document."""
import base64
import json

import vemap_client as client
import walk

CONTENT = b"%PDF-1.7 plan\n" * 1000
ROLE = "ROLE_MANAGER"


def login(url):
    """Basic first; the token, the user and the tenant come with the answer."""
    basic = walk.reach(client, url, username="manager@demo.example", password="Demo-Manager-1!")
    data = client.AuthenticatieApi(basic).login().data
    token = data.authentication_result.access_token
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return walk.reach(client, url, access_token=token), (next(iter(data.tenants)), claims["sub"], ROLE)


def journey(url):
    wrong = walk.reach(client, url, username="manager@demo.example", password="verkeerd")
    refused = walk.refusal(client.ApiException, client.AuthenticatieApi(wrong).login)
    walk.want(refused.status == 401, f"a wrong password: {refused.status}")

    api, me = login(url)
    tenant, user, _ = me
    projects, closures = client.ProjectenApi(api), client.AfsluitingenApi(api)
    files, comments = client.BestandenApi(api), client.OpmerkingenApi(api)

    project = projects.create_project(*me, client.CreateProjectInput(
        name="Python", description="Een project", contracting_authority="Rijkswaterstaat", road_numbers="A2",
        start_date="01-15-2024", end_date="12-31-2024", tenant_id=tenant, created_by_user_id=user,
        managers=[client.ManagerInput(id=user)], phase_number="1",
    )).data.project_id
    closure = closures.create_closure(*me, client.CreateClosureInput(
        project_id=project, closure_name="Weekendafsluiting", closure_type="weekend",
        start_date="01-15-2024", end_date="01-20-2024",
    )).data.id
    read = closures.get_closure(*me, closure).data
    walk.want(read.name == "Weekendafsluiting", f"closure: {read.name}")

    plan = files.create_file(*me, client.CreateFileInput(
        name="plan.pdf", type="vkm-plan", file_type="application/pdf",
        project_id=project, closure_id=closure, size=len(CONTENT),
    )).data
    walk.put(plan.presigned_url, CONTENT, "application/pdf")
    comments.create_comment(*me, closure, client.CreateCommentInput(
        vkm_plan_id=plan.id, version="1.0", message="Ziet er goed uit", project_id=project,
    ))
    said = [c.message for c in comments.get_comments(*me, closure).data]
    walk.want(said == ["Ziet er goed uit"], f"comments: {said}")

    other = (tenant, user, "ROLE_ADMIN")
    refused = walk.refusal(client.ApiException, lambda: projects.get_projects(*other))
    walk.want(refused.status == 403, f"a role that one does not have: {refused.status}")
    return "logged in, delivered a plan and its comment, one refusal understood"


walk.main("vemap", journey)
