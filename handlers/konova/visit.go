package konova

import "net/http"

// An answer is every response that carries rendered entries: the generated
// interfaces ask for one method each.

func (a answer) VisitListInterventionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetInterventionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListCompensationsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetCompensationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListEcoAccountsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetEcoAccountResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListEmasResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetEmaResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListDeductionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetDeductionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitListOgcItemsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a answer) VisitGetOgcItemResponse(w http.ResponseWriter) error { return a.write(w) }
