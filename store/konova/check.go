package konova

// CheckIntervention gives the logical errors of an intervention, in German
// (decision 33); none means that it may count as checked. compensations and
// deductions are how many it has.
func (e *Entry) CheckIntervention(compensations, deductions int) []string {
	var out []string
	missing := func(absent bool, text string) {
		if absent {
			out = append(out, text)
		}
	}
	r, l := &e.Responsible, &e.Legal
	missing(r.RegistrationOffice == nil, "Die Zulassungsbehörde fehlt.")
	missing(blank(r.RegistrationFileNumber), "Das Aktenzeichen der Zulassungsbehörde fehlt.")
	missing(r.ConservationOffice == nil, "Die Eintragungsstelle fehlt.")
	missing(blank(r.ConservationFileNumber), "Das Aktenzeichen der Eintragungsstelle fehlt.")
	missing(r.HandlerType == nil, "Der Typ des Eingriffsverursachers fehlt.")
	missing(blank(r.HandlerDetail), "Die Angaben zum Eingriffsverursacher fehlen.")
	missing(blank(l.RegistrationDate), "Das Datum der Zulassung fehlt.")
	missing(blank(l.BindingDate), "Das Datum der Bestandskraft fehlt.")
	missing(l.ProcessType == nil, "Der Verfahrenstyp fehlt.")
	missing(len(l.Laws) == 0, "Die Rechtsgrundlage fehlt.")
	missing(e.Geometry.Empty(), "Die Geometrie fehlt.")
	missing(compensations+deductions+len(e.Payments) == 0, "Es gibt weder Kompensation noch Ersatzzahlung noch Abbuchung.")
	if !blank(l.RegistrationDate) && !blank(l.BindingDate) && *l.BindingDate < *l.RegistrationDate {
		out = append(out, "Das Datum der Bestandskraft liegt vor dem Datum der Zulassung.")
	}
	return out
}

// CheckCompensation gives the logical errors of a compensation, in German. Its
// page names none; these are what makes one meaningful: a place, a target
// state and a measure.
func (e *Entry) CheckCompensation() []string {
	var out []string
	if e.Geometry.Empty() {
		out = append(out, "Die Geometrie fehlt.")
	}
	if len(e.AfterStates) == 0 {
		out = append(out, "Der Zielzustand fehlt.")
	}
	if len(e.Actions) == 0 {
		out = append(out, "Es gibt keine Maßnahme.")
	}
	return out
}

func blank(s *string) bool { return s == nil || *s == "" }

// Checked are the errors of one entry.
type Checked struct {
	ID     string
	Errors []string
}

// CheckResult is what the check of an intervention answers.
type CheckResult struct {
	Intervention  Checked
	Compensations []Checked
}

// Success tells whether nothing is wrong.
func (r CheckResult) Success() bool {
	for _, c := range r.Compensations {
		if len(c.Errors) > 0 {
			return false
		}
	}
	return len(r.Intervention.Errors) == 0
}
