package vemap

import (
	"slices"
	"strconv"
	"time"

	"loket/store/fault"
)

// Project is a project with what is counted from its closures and files.
type Project struct {
	ID, TenantID, Name, Description   string
	ContractingAuthority, RoadNumbers string
	Start, End                        Date
	PhaseNumber                       string
	CreatedBy                         string
	Archived                          bool
	CreatedAt, UpdatedAt              time.Time
	Managers                          []Person
	Closures                          int
	StorageUsed                       int64
}

// NewProject is what a caller gives to make a project; the dates are the
// texts of the body.
type NewProject struct {
	Name, Description, ContractingAuthority string
	RoadNumbers, PhaseNumber                string
	Start, End                              string
	TenantID, CreatedBy                     string
	Managers                                []string
}

// Check applies 4.6 and I17 to a new project and gives its dates. roles are
// those of the named managers within the tenant.
func (n NewProject) Check(a Actor, roles map[string]Role) (start, end Date, err error) {
	start, end, fs := period("/start_date", n.Start, "/end_date", n.End)
	if n.TenantID != a.TenantID {
		fs = append(fs, Field("/tenant_id", "must be the tenant of the path"))
	}
	if n.CreatedBy != a.UserID {
		fs = append(fs, Field("/created_by_user_id", "must be the user of x-user-id"))
	}
	fs = append(fs, managerFaults(n.Managers, roles, func(i int) string { return "/managers/" + strconv.Itoa(i) + "/id" })...)
	if a.Reach(CreateProject) == ReachManaged && !slices.Contains(n.Managers, a.UserID) {
		fs = append(fs, Field("/managers", "must contain the manager who makes the project"))
	}
	return start, end, Invalid(fs...)
}

// CheckManagers applies 4.6 to managers who are added to a project.
func CheckManagers(ids []string, roles map[string]Role) error {
	return Invalid(managerFaults(ids, roles, func(i int) string { return "/managers/" + strconv.Itoa(i) })...)
}

func managerFaults(ids []string, roles map[string]Role, at func(int) string) []fault.Field {
	var fs []fault.Field
	for i, id := range ids {
		switch role, known := roles[id]; {
		case !known:
			fs = append(fs, Field(at(i), "is no user of this tenant"))
		case !role.CanManage():
			fs = append(fs, Field(at(i), "has no role that manages projects"))
		}
	}
	return fs
}

// period reads two dates and checks their order.
func period(startAt, startText, endAt, endText string) (start, end Date, fs []fault.Field) {
	start, ok1 := ParseMDY(startText)
	end, ok2 := ParseMDY(endText)
	if !ok1 {
		fs = append(fs, Field(startAt, "must be a date as MM-DD-YYYY"))
	}
	if !ok2 {
		fs = append(fs, Field(endAt, "must be a date as MM-DD-YYYY"))
	}
	if ok1 && ok2 && end < start {
		fs = append(fs, Field(endAt, "must not be before the start"))
	}
	return start, end, fs
}

// Closure is a closure with what is counted from its stakeholders and files.
type Closure struct {
	ID, TenantID, ProjectID, Name, Description string
	Type, Status, RoadSegment                  string
	Start, End                                 Date
	Melvin, Spin                               bool
	CreatedBy, CreatedByName                   string
	CreatedAt, UpdatedAt                       time.Time
	Stakeholders                               []Person
	Plan                                       *File
	StorageUsed                                int64
	FileCount                                  int
}

// NewClosure is what a caller gives to make a closure.
type NewClosure struct {
	ProjectID, Name, Description string
	Type, Status, RoadSegment    string
	Start, End                   string
	Stakeholders                 []string
}

// StatusOpen is the status of a closure whose maker gives none.
const StatusOpen = "open"

// Check applies 4.6 to a new closure of a project and gives its dates: within
// the project's, and every stakeholder a user of the tenant.
func (n NewClosure) Check(projectStart, projectEnd Date, users map[string]Role) (start, end Date, err error) {
	start, end, fs := period("/startDate", n.Start, "/endDate", n.End)
	if len(fs) == 0 {
		if start < projectStart {
			fs = append(fs, Field("/startDate", "must not be before the start of the project"))
		}
		if end > projectEnd {
			fs = append(fs, Field("/endDate", "must not be after the end of the project"))
		}
	}
	fs = append(fs, stakeholderFaults(n.Stakeholders, users)...)
	return start, end, Invalid(fs...)
}

// CheckStakeholders applies 4.6 to stakeholders who are added: all are users
// of the tenant, or none is added.
func CheckStakeholders(ids []string, users map[string]Role) error {
	return Invalid(stakeholderFaults(ids, users)...)
}

func stakeholderFaults(ids []string, users map[string]Role) []fault.Field {
	var fs []fault.Field
	for i, id := range ids {
		if _, known := users[id]; !known {
			fs = append(fs, Field("/stakeholders/"+strconv.Itoa(i), id+" is no user of this tenant"))
		}
	}
	return fs
}

// Distinct keeps the first of equal identifiers, in order.
func Distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
