package docs

import "github.com/labstack/echo/v4"

// workflows serves the API's Arazzo document, when it has one. Its source
// description is the relative address documentation.yaml, which is right both
// beside the YAML and beside the JSON.
func (s *site) workflows(e *echo.Echo) {
	base := s.api.Base()
	if len(s.api.WorkflowsYAML) > 0 {
		s.get(e, base+"/workflows.yaml", s.counted(newFile(s.api.WorkflowsYAML, "application/yaml; charset=utf-8").serve))
	}
	if len(s.api.WorkflowsJSON) > 0 {
		s.get(e, base+"/workflows.json", s.counted(newFile(s.api.WorkflowsJSON, "application/json; charset=utf-8").serve))
	}
}
