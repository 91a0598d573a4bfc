package gever_test

import (
	"errors"
	"strings"
	"testing"

	"loket/store/fault"
	"loket/store/gever"
)

// place is a chain of types from the site, each with its state behind a '!'
// where that is not the first, and with a '-' before it where it is trashed.
func place(chain string, roles ...gever.Role) gever.Place {
	names := map[string]string{
		"site": gever.SiteType, "root": gever.RootType, "folder": gever.FolderType, "dossier": gever.DossierType, "document": gever.DocumentType, "mail": gever.MailType,
		"task": gever.TaskType, "contacts": gever.ContactFolderType, "contact": gever.ContactType, "workspaces": gever.WorkspaceRootType, "workspace": gever.WorkspaceType,
		"wfolder": gever.WorkspaceFolderType, "private": gever.PrivateRootType, "own": gever.PrivateFolderType, "pdossier": gever.PrivateDossierType,
	}
	p := gever.Place{Roles: roles}
	for word := range strings.SplitSeq("site "+chain, " ") {
		name, state, given := strings.Cut(strings.TrimPrefix(word, "-"), "!")
		n := gever.Node{Type: gever.TypeOf(names[name]), Trashed: strings.HasPrefix(word, "-")}
		if n.State = n.Type.Flow(p.InWorkspace()).Initial; given {
			n.State = state
		}
		p.Chain = append(p.Chain, n)
	}
	return p
}

// TestCheckDelete is the table of gever.md 3.6, row by row.
func TestCheckDelete(t *testing.T) {
	const repository = "root folder dossier"
	all := []gever.Role{gever.Reader, gever.Contributor, gever.Editor, gever.Reviewer, gever.LimitedAdmin, gever.Administrator, gever.Manager}
	for _, c := range []struct {
		chain   string
		content gever.Content
		role    gever.Role
		want    string // "" is allowed
	}{
		{"root", gever.Content{}, gever.Manager, gever.MsgDeleteNever},
		{"root folder", gever.Content{}, gever.Administrator, ""},
		{"root folder", gever.Content{}, gever.LimitedAdmin, gever.MsgDeleteRight},
		{"root folder", gever.Content{Filled: true}, gever.Manager, gever.MsgDeleteFilled},
		{repository, gever.Content{}, gever.Administrator, ""},
		{repository, gever.Content{}, gever.Editor, gever.MsgDeleteRight},
		{repository, gever.Content{Filled: true}, gever.Manager, gever.MsgDeleteFilled},
		{repository + "!dossier-state-resolved", gever.Content{}, gever.Manager, ""},
		{repository + " document", gever.Content{}, gever.Manager, ""},
		{repository + " -document", gever.Content{}, gever.Manager, ""},
		{repository + " document", gever.Content{}, gever.Administrator, gever.MsgDeleteRight},
		{repository + " mail", gever.Content{}, gever.Administrator, gever.MsgDeleteRight},
		{repository + " task", gever.Content{Filled: true}, gever.Manager, ""},
		{repository + "!dossier-state-resolved document", gever.Content{}, gever.Manager, gever.MsgDeleteClosed},
		{repository + " document", gever.Content{CheckedOut: true}, gever.Manager, gever.MsgDeleteCheckin},
		{repository + " document", gever.Content{Locked: true}, gever.Manager, "msg_resource_locked"},
		{"workspaces workspace", gever.Content{}, gever.Manager, gever.MsgDeleteState},
		{"workspaces workspace!" + gever.WorkspaceInactive, gever.Content{Filled: true}, gever.Administrator, ""},
		{"workspaces workspace!" + gever.WorkspaceInactive + " -document", gever.Content{}, gever.Manager, gever.MsgDeleteClosed},
		{"workspaces workspace document", gever.Content{}, gever.Manager, gever.MsgDeleteTrash},
		{"workspaces workspace -document", gever.Content{}, gever.Editor, ""},
		{"workspaces workspace -wfolder", gever.Content{Filled: true}, gever.Editor, ""},
		{"workspaces workspace -wfolder", gever.Content{}, gever.Contributor, gever.MsgDeleteRight},
		{"contacts contact", gever.Content{}, gever.Editor, ""},
		{"contacts", gever.Content{Filled: true}, gever.Manager, gever.MsgDeleteFilled},
		{"private", gever.Content{}, gever.Manager, ""},
		{"private", gever.Content{Filled: true}, gever.Manager, gever.MsgDeleteFilled},
		{"private own", gever.Content{}, gever.Manager, gever.MsgDeleteNever},
		{"private own pdossier", gever.Content{}, gever.Owner, ""},
		{"private own pdossier", gever.Content{}, gever.Manager, ""},
		{"private own pdossier", gever.Content{}, gever.Administrator, gever.MsgDeleteRight},
		{"private own pdossier", gever.Content{Filled: true}, gever.Owner, gever.MsgDeleteFilled},
		{"private own pdossier document", gever.Content{}, gever.Owner, gever.MsgDeleteTrash},
		{"private own pdossier document", gever.Content{}, gever.Manager, gever.MsgDeleteTrash},
		{"private own pdossier -document", gever.Content{}, gever.Owner, ""},
		{"private own pdossier -mail", gever.Content{}, gever.Editor, gever.MsgDeleteRight},
		{"private own pdossier!dossier-state-resolved -mail", gever.Content{}, gever.Owner, gever.MsgDeleteClosed},
		{repository + " -document", gever.Content{}, gever.Owner, gever.MsgDeleteRight},
	} {
		if got := message(gever.CheckDelete(place(c.chain, c.role), c.content)); got != c.want {
			t.Errorf("%s by %s with %+v: %q, want %q", c.chain, c.role, c.content, got, c.want)
		}
	}
	// Whatever may be deleted needs at least an Editor.
	for _, chain := range []string{"root folder", repository, repository + " document", repository + " task", "workspaces workspace -document", "contacts contact"} {
		for _, role := range all[:2] {
			if err := gever.CheckDelete(place(chain, role), gever.Content{}); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s by %s: %v", chain, role, err)
			}
		}
	}
}

func message(err error) string {
	if f, is := errors.AsType[*fault.Error](err); is {
		return f.Detail
	}
	return ""
}

// TestCheckMove: depth counts everything that comes along.
func TestCheckMove(t *testing.T) {
	s := gever.DefaultSettings()
	for _, c := range []struct {
		from, to string
		content  gever.Content
		want     string
	}{
		{"root folder dossier", "root folder", gever.Content{Dossiers: 2}, ""},
		{"root folder dossier", "root folder dossier", gever.Content{Dossiers: 1}, ""},
		{"root folder dossier", "root folder dossier", gever.Content{Dossiers: 2}, gever.MsgMoveContainer},
		{"root folder", "root folder folder", gever.Content{Folders: 1}, ""},
		{"root folder", "root folder folder", gever.Content{Folders: 2}, gever.MsgMoveContainer},
		{"root folder", "root", gever.Content{Folders: 3}, ""},
		{"root folder", "root", gever.Content{Folders: 4}, gever.MsgMoveContainer},
		{"root folder dossier document", "root folder dossier", gever.Content{}, ""},
		{"root folder dossier document!document-state-final", "root folder dossier", gever.Content{}, ""},
		{"root folder dossier task document", "root folder dossier", gever.Content{}, gever.MsgMoveTask},
		{"root folder dossier task", "root folder dossier", gever.Content{}, ""},
		{"root folder dossier -document", "root folder dossier", gever.Content{}, gever.MsgMoveTrash},
		{"root folder dossier document", "workspaces workspace", gever.Content{}, gever.MsgMoveArea},
		{"root folder dossier document", "root folder dossier!dossier-state-resolved", gever.Content{}, gever.MsgMoveContainer},
		{"root folder dossier document", "private own pdossier", gever.Content{}, gever.MsgMoveArea},
		{"root folder dossier", "private own", gever.Content{Dossiers: 1}, gever.MsgMoveArea},
		{"workspaces workspace document", "private own pdossier", gever.Content{}, gever.MsgMoveArea},
		{"private own pdossier document", "workspaces workspace", gever.Content{}, gever.MsgMoveArea},
		{"private own pdossier document", "root folder dossier", gever.Content{}, ""},
		{"private own pdossier mail", "root folder dossier", gever.Content{}, ""},
		{"private own pdossier", "root folder", gever.Content{Dossiers: 1}, gever.MsgMoveContainer},
		{"private own pdossier", "private own", gever.Content{Dossiers: 2}, ""},
		{"private own pdossier", "private own pdossier", gever.Content{Dossiers: 1}, ""},
		{"private own pdossier", "private own pdossier", gever.Content{Dossiers: 2}, gever.MsgMoveContainer},
		{"private own", "private", gever.Content{}, gever.MsgMoveContainer},
		{"workspaces workspace document", "workspaces workspace -wfolder", gever.Content{}, gever.MsgMoveContainer},
	} {
		err := s.CheckMove(place(c.from, gever.Manager), c.content, gever.Target{Place: place(c.to, gever.Manager)})
		if got := message(err); got != c.want {
			t.Errorf("%s to %s with %+v: %q, want %q", c.from, c.to, c.content, got, c.want)
		}
	}
}
