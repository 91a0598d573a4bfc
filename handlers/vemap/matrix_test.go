package vemap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/handlers/apitest"
	"loket/store/vemap"
)

// rights is the table of apis/vemap.md 4.3 once more, typed from there and not
// taken from the program: for A, O, M, S, and U "y" may, "n" may not, "o" may
// with what is his own (projects he manages, closures where he is stakeholder,
// his own account).
var rights = map[vemap.Operation]string{
	"getUsers": "yyynn", "createUser": "yynnn", "updateUser": "yyooo", "deleteUser": "yynnn",
	"getTenants": "yyynn", "createTenant": "ynnnn", "deleteTenant": "ynnnn",
	"getProjects": "yyony", "createProject": "yyonn", "updateProject": "yyonn",
	"getProjectRecipients": "yyony", "createProjectRecipients": "yyonn", "deleteProjectRecipient": "yyonn",
	"getClosureReferences": "yyony", "getClosures": "yyony", "getClosure": "yyooy",
	"createClosure": "yyonn", "addStakeholders": "yyonn", "removeStakeholder": "yyonn",
	"getComments": "yyooy", "createComment": "yyoon", "getFiles": "yyooy", "getFile": "yyooy",
	"createFile": "yyonn", "updateFile": "yyonn", "deleteFile": "yyonn",
	"getStakeholderClosures": "yyoon", "getEvents": "yyonn", "sendMail": "yyonn", "createMailRecipients": "yyonn", "deleteMailRecipient": "yyonn",
	"getTemplates": "yyynn", "createTemplate": "yyynn",
}

// world is what there is of everything in one place: a project with a closure.
type world struct {
	tenant, project, closure, plan, file, recipient, template, user, stakeholder string
}

// build makes a world as its administrator; managers and stakeholders take
// part in it.
func (r *room) build(o user, name string, managers, stakeholders []string) world {
	r.t.Helper()
	w := world{tenant: o.tenant}
	w.project = r.newProject(o, name, append(managers, o.id)...)
	w.user = text(r.t, r.data(200, o, "POST", "/users", userBody(name+"@matrix.example", "ROLE_STAKEHOLDER"))["user_id"])
	w.stakeholder = w.user
	w.closure = r.newClosure(o, w.project, append(stakeholders, w.user)...)
	w.plan = r.storedFile(o, w.project, w.closure, "plan.pdf", "vkm-plan", 3)
	w.file, _ = r.newFile(o, fileBody(w.project, w.closure, "steun.pdf", "support", 3))
	list := r.ask(201, o, "POST", "/mail/recipients/"+w.project+"?closure_id="+w.closure,
		map[string]any{"recipients": []any{map[string]any{"email": "r@matrix.example", "name": "R"}}}).Object(r.t)
	w.recipient = text(r.t, objects(r.t, list["recipients"])[0]["id"])
	w.template = text(r.t, r.data(201, o, "POST", "/mail/templates", templateBody(name))["template_id"])
	return w
}

// call is a sound request for an operation on a world.
func (w world) call(op vemap.Operation, u user, fresh string) (method, path string, body any) {
	project, closure, file := "/projects/"+w.project, "/closures/"+w.closure, "/files/"+w.file
	switch op {
	case "getUsers":
		return "GET", "/users", nil
	case "createUser":
		return "POST", "/users", userBody(fresh+"@matrix.example", "ROLE_STAKEHOLDER")
	case "updateUser":
		return "PATCH", "/users/" + w.user, map[string]any{"name": "Nieuwe naam"}
	case "deleteUser":
		return "DELETE", "/users/" + w.user, nil
	case "getTenants":
		return "GET", "/tenants", nil
	case "createTenant":
		return "POST", "/tenants", tenantBody(fresh + "@matrix.example")
	case "deleteTenant":
		return "DELETE", "/tenants/" + w.tenant, nil
	case "getProjects":
		return "GET", "/projects", nil
	case "createProject":
		return "POST", "/projects", projectBody(u, fresh, u.id)
	case "updateProject":
		return "PATCH", project, map[string]any{"managers": []string{u.id}}
	case "getProjectRecipients":
		return "GET", project + "/recipients", nil
	case "createProjectRecipients":
		return "POST", project + "/recipients", recipientsBody("x@matrix.example", "X")
	case "deleteProjectRecipient":
		return "DELETE", project + "/recipients/" + w.recipient, nil
	case "getClosureReferences":
		return "GET", project + "/closure-references", nil
	case "getClosures":
		return "GET", project + "/closures", nil
	case "getClosure":
		return "GET", closure, nil
	case "createClosure":
		return "POST", "/closures", closureBody(w.project)
	case "addStakeholders":
		return "POST", closure + "/stakeholders", map[string]any{"stakeholders": []string{u.id}}
	case "removeStakeholder":
		return "DELETE", closure + "/stakeholders/" + w.stakeholder, nil
	case "getComments":
		return "GET", closure + "/comments", nil
	case "createComment":
		return "POST", closure + "/comments", map[string]any{"vkmPlanId": w.plan, "version": "1.0", "message": "Hallo", "projectId": w.project}
	case "getFiles":
		return "GET", closure + "/files", nil
	case "getFile":
		return "GET", file, nil
	case "createFile":
		return "POST", "/files", fileBody(w.project, w.closure, fresh+".pdf", "support", 3)
	case "updateFile":
		return "PATCH", file, map[string]any{"status": "active"}
	case "deleteFile":
		return "DELETE", file, nil
	case "getStakeholderClosures":
		return "GET", "/stakeholders/" + w.stakeholder + "/closures", nil
	case "getEvents":
		return "GET", closure + "/events", nil
	case "sendMail":
		return "POST", "/mail/" + w.closure, mailBody(w.template, "x@matrix.example")
	case "createMailRecipients":
		return "POST", "/mail/recipients/" + w.project + "?closure_id=" + w.closure, map[string]any{"recipients": []any{map[string]any{"email": "y@matrix.example", "name": "Y"}}}
	case "deleteMailRecipient":
		return "DELETE", "/mail/recipients/" + w.project + "/" + w.closure + "/" + w.recipient, nil
	case "getTemplates":
		return "GET", "/mail/templates", nil
	case "createTemplate":
		return "POST", "/mail/templates", templateBody(fresh)
	}
	panic("no call for " + op)
}

// whole are the operations that name no object but the tenant: there is
// nothing foreign to ask for in one's own.
var whole = []vemap.Operation{"getUsers", "createUser", "getTenants", "createTenant", "getProjects", "createProject", "getTemplates", "createTemplate"}

// destroys are the operations after which a world lacks something; the others
// share one.
var destroys = []vemap.Operation{"deleteUser", "deleteTenant", "deleteProjectRecipient", "removeStakeholder", "deleteFile", "deleteMailRecipient"}

// TestMatrix walks 39 operations × 5 roles × {his own, of a foreign tenant, a
// foreign object}, and for the fourth, an object of his own tenant in which he
// has no part. The six operations of authentication know no roles: each role
// may do them, with his own account only.
func TestMatrix(t *testing.T) {
	r := open(t)
	o := r.organisation()
	actors := []user{r.admin(), o, r.manager(), r.stakeholder(), r.reader()}
	foreign := r.newTenant("vreemde-baas@matrix.example")
	n := 0
	mine := func() world {
		n++
		return r.build(o, fmt.Sprintf("eigen-%d", n), []string{actors[2].id}, []string{actors[3].id})
	}
	shared := mine()
	elsewhere := r.build(o, "elders", nil, nil)
	theirs := r.build(foreign, "vreemd", nil, nil)
	if len(rights) != 33 || len(vemap.Rights) != 33 {
		t.Fatalf("the tables have %d and %d rows", len(rights), len(vemap.Rights))
	}
	cases := 0
	for _, row := range vemap.Rights {
		for i, actor := range actors {
			may := rights[row.Operation][i]
			own := shared
			if slices.Contains(destroys, row.Operation) && may != 'n' {
				own = mine()
			}
			switch {
			case row.Operation == "deleteTenant":
				n++
				own.tenant = r.newTenant(fmt.Sprintf("doel-%d@matrix.example", n)).tenant
			case may == 'o' && row.Operation == "updateUser":
				own.user = actor.id
			case may == 'o' && row.Operation == "getStakeholderClosures" && actor.role == "ROLE_STAKEHOLDER":
				own.stakeholder = actor.id
			}
			allowed, refused := []int{200, 201}, []int{403}
			want := allowed
			if may == 'n' {
				want = refused
			}
			r.matrix(row.Operation, "his own", actor, own, &cases, want...)

			// In the path the other tenant: only ROLE_ADMIN acts there, and finds
			// there what is there.
			guest := actor
			guest.tenant = theirs.tenant
			w := theirs
			if actor.role == "ROLE_ADMIN" && row.Operation != "deleteTenant" && slices.Contains(destroys, row.Operation) {
				n++
				w = r.build(foreign, fmt.Sprintf("vreemd-%d", n), nil, nil)
			}
			want = refused
			if actor.role == "ROLE_ADMIN" {
				want = allowed
				if slices.Contains([]vemap.Operation{"createProject", "updateProject", "addStakeholders"}, row.Operation) {
					want = []int{400} // he is no user of that tenant
				}
				if row.Operation == "deleteTenant" {
					want = []int{409} // he acts in it
				}
			}
			r.matrix(row.Operation, "a foreign tenant", guest, w, &cases, want...)

			if slices.Contains(whole, row.Operation) {
				continue
			}
			want = []int{404}
			switch {
			case may == 'n':
				want = refused
			case row.Operation == "updateUser" && may == 'o', row.Operation == "getStakeholderClosures" && actor.role == "ROLE_STAKEHOLDER":
				want = refused // himself or nobody (4.3)
			case row.Operation == "deleteTenant":
				w := own
				w.tenant = "tenant-onbekend"
				r.matrix(row.Operation, "nothing", actor, w, &cases, want...)
				continue
			}
			r.matrix(row.Operation, "a foreign object", actor, theirs, &cases, want...)
			if may == 'o' {
				if row.Operation == "getStakeholderClosures" && actor.role == "ROLE_MANAGER" {
					continue // he may ask for anybody, and sees his own projects: V18
				}
				r.matrix(row.Operation, "an object in which he has no part", actor, elsewhere, &cases, want...)
			}
		}
	}
	for _, actor := range actors {
		r.request(200, "POST", "/v1/authentication/refresh", bearer(actor.refresh), nil)
		r.request(200, "POST", "/v1/authentication/logout", bearer(actor.access), nil)
		cases += 2
	}
	if cases < 33*5*2 {
		t.Errorf("only %d cases were asked", cases)
	}
	t.Logf("%d cases", cases)
}

// matrix asks for one operation on a world and holds the status against want.
func (r *room) matrix(op vemap.Operation, what string, u user, w world, cases *int, want ...int) {
	r.t.Helper()
	*cases++
	method, path, body := w.call(op, u, fmt.Sprintf("vers-%d", *cases))
	r.Clock.Advance(20e6)
	got := r.Do(r.t, apitest.Request{Method: method, Path: base + "/v1/" + u.tenant + path, Header: u.headers(), Body: body})
	if !slices.Contains(want, got.Status) {
		r.t.Errorf("%s of %s as %s = %d, want %v: %s", op, what, u.role, got.Status, want, got.Body)
	}
}

// TestMatrixOfTheDocument: the table knows exactly the operations that act
// within a tenant.
func TestMatrixOfTheDocument(t *testing.T) {
	r := open(t)
	operations, err := r.APIs[0].Document().Operations()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, row := range vemap.Rights {
		known[string(row.Operation)] = true
	}
	for _, o := range operations {
		if within := strings.HasPrefix(o.Path, "/v1/{tenant_id}/"); within != known[o.ID] {
			t.Errorf("%s within a tenant: %v, in the table: %v", o.ID, within, known[o.ID])
		}
	}
}
