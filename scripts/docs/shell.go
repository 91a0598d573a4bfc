package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// defaultOrigin is where `make run` serves.
const defaultOrigin = "http://127.0.0.1:8080"

// flow is a workflow as shell commands.
type flow struct {
	summary, description string
	inputs               string // assignments
	steps                []command
}

// command is a step: what one types, and what must come of it.
type command struct {
	id, description, commands string
	status                    string
	checks                    []expectation
}

// expectation is a condition on the answer as a jq program; header names the header
// that it reads instead of the body.
type expectation struct {
	header string
	jq     string
	vars   []string // shell variables that the program reads as $name
}

func (c command) expected(w words) []string {
	out := []string{"`" + c.status + "`"}
	for _, k := range c.checks {
		text := k.jq
		if k.header != "" {
			text = k.header + ": " + strings.TrimPrefix(k.jq, ". == ")
		}
		if within, ok := strings.CutPrefix(text, somewhere); ok {
			out = append(out, w.within+" `"+strings.TrimSuffix(within, ")")+"`")
			continue
		}
		out = append(out, "`"+text+"`")
	}
	return out
}

// scope resolves runtime expressions to shell variables.
type scope struct {
	d     *document
	index int // of the workflow
	known map[string]bool
}

var (
	inputsExpr    = regexp.MustCompile(`^\$inputs\.(\w+)$`)
	stepsExpr     = regexp.MustCompile(`^\$steps\.(\w+)\.outputs\.(\w+)$`)
	workflowsExpr = regexp.MustCompile(`^\$workflows\.(\w+)\.outputs\.(\w+)$`)
	bodyExpr      = regexp.MustCompile(`^\$response\.body#(/\S*)$`)
	headerExpr    = regexp.MustCompile(`^\$response\.header\.([\w-]+)$`)
)

func isExpression(s string) bool { return strings.HasPrefix(s, "$") }

// variable is the shell variable that holds what an expression names.
func (s *scope) variable(expr string) (string, error) {
	name := ""
	if m := inputsExpr.FindStringSubmatch(expr); m != nil {
		name = m[1]
	} else if m := stepsExpr.FindStringSubmatch(expr); m != nil {
		for _, st := range s.d.workflows[s.index].Steps {
			if _, ok := st.Outputs.get(m[2]); ok && st.StepID == m[1] {
				name = m[2]
			}
		}
	} else if m := workflowsExpr.FindStringSubmatch(expr); m != nil {
		return s.other(m[1], m[2])
	}
	if name == "" || !s.known[name] {
		return "", fmt.Errorf("%s names nothing that is known here", expr)
	}
	return name, nil
}

// other is an output of a workflow before this one, whose variable nothing has
// set anew since.
func (s *scope) other(id, output string) (string, error) {
	at := slices.IndexFunc(s.d.workflows, func(w workflow) bool { return w.WorkflowID == id })
	if at < 0 || at >= s.index {
		return "", fmt.Errorf("%s is no workflow before this one", id)
	}
	expr, ok := s.d.workflows[at].Outputs.get(output)
	if !ok {
		return "", fmt.Errorf("%s has no output %s", id, output)
	}
	source := scope{d: s.d, index: at, known: s.d.names(at, nil)}
	name, err := source.variable(expr)
	if err != nil {
		return "", err
	}
	for i := at + 1; i <= s.index; i++ {
		if s.d.names(i, nil)[name] {
			return "", fmt.Errorf("%s: %s sets %s anew", id, s.d.workflows[i].WorkflowID, name)
		}
	}
	return name, nil
}

// names are the variables that a workflow sets; twice gets those that it sets
// more than once.
func (d *document) names(index int, twice *[]string) map[string]bool {
	out := map[string]bool{}
	add := func(name string) {
		if out[name] && twice != nil {
			*twice = append(*twice, name)
		}
		out[name] = true
	}
	for _, in := range d.workflows[index].Inputs.Properties {
		add(in.Key)
	}
	for _, st := range d.workflows[index].Steps {
		for _, o := range st.Outputs {
			add(o.Key)
		}
	}
	return out
}

func (d *document) flow(index int) (flow, error) {
	w := d.workflows[index]
	var twice []string
	d.names(index, &twice)
	if len(twice) > 0 {
		return flow{}, fmt.Errorf("%s: inputs and outputs are shell variables, so a name stands for one thing", strings.Join(twice, ", "))
	}
	out := flow{summary: w.Summary, description: w.Description}
	s := &scope{d: d, index: index, known: map[string]bool{}}
	for _, in := range w.Inputs.Properties {
		if in.Value.Default == "" {
			return flow{}, fmt.Errorf("input %s has no default", in.Key)
		}
		out.inputs += in.Key + "=" + quote(in.Value.Default)
		if in.Value.Description != "" {
			out.inputs += " # " + in.Value.Description
		}
		out.inputs += "\n"
		s.known[in.Key] = true
	}
	for _, st := range w.Steps {
		c, err := s.command(st)
		if err != nil {
			return flow{}, fmt.Errorf("%s: %w", st.StepID, err)
		}
		out.steps = append(out.steps, c)
	}
	return out, nil
}

// command renders a step; its outputs are known afterwards.
func (s *scope) command(st step) (command, error) {
	c := command{id: st.StepID, description: strings.TrimSpace(st.Description)}
	if c.description == "" {
		return c, errors.New("has no description")
	}
	if err := s.criteria(st, &c); err != nil {
		return c, err
	}
	request, err := s.request(st, c.status)
	if err != nil {
		return c, err
	}
	for _, o := range st.Outputs {
		s.known[o.Key] = true
	}
	outputs, err := assignments(st)
	if err != nil {
		return c, err
	}
	wait, err := again(st, c)
	if err != nil {
		return c, err
	}
	switch {
	case wait != "" && strings.Contains(request, "<<"):
		return c, errors.New("a here-document cannot stand in a loop")
	case wait != "":
		c.commands = "for try in {1.." + strconv.Itoa(st.OnFailure[0].RetryLimit) + "}; do\n  answer=$(" + strings.ReplaceAll(request, "\n", "\n  ") + ")\n" +
			"  " + wait + " && break\n  sleep " + strconv.Itoa(st.OnFailure[0].RetryAfter) + "\ndone\n" + outputs
	case outputs != "":
		c.commands = "answer=$(" + request + ")\n" + outputs
	default:
		c.commands = strings.TrimRight(request, "\n") + "\n"
	}
	return c, nil
}

// again is the command that tells whether a step that is tried again is done:
// the first condition on its body.
func again(st step, c command) (string, error) {
	if len(st.OnFailure) == 0 {
		return "", nil
	}
	f := st.OnFailure[0]
	if len(st.OnFailure) > 1 || f.Type != "retry" || f.RetryAfter <= 0 || f.RetryLimit <= 0 {
		return "", errors.New("onFailure: one retry with retryAfter and retryLimit is understood")
	}
	var programs, vars []string
	for _, k := range c.checks {
		if k.header == "" {
			programs = append(programs, k.jq)
			vars = append(vars, k.vars...)
		}
	}
	if len(programs) == 0 {
		return "", errors.New("a retry needs a condition on the body")
	}
	return jq("-e", strings.Join(programs, " and "), vars) + ` <<<"$answer" >/dev/null`, nil
}

// jq is a call of jq with shell variables as its own.
func jq(flag, program string, vars []string) string {
	call := "jq " + flag
	for _, v := range slices.Compact(slices.Sorted(slices.Values(vars))) {
		call += fmt.Sprintf(` --arg %s "$%s"`, v, v)
	}
	return call + " " + single(program)
}

func assignments(st step) (string, error) {
	out := ""
	for _, o := range st.Outputs {
		if m := bodyExpr.FindStringSubmatch(o.Value); m != nil {
			out += fmt.Sprintf("%s=$(jq -r %s <<<\"$answer\")\n", o.Key, single(path(m[1])))
		} else if m := headerExpr.FindStringSubmatch(o.Value); m != nil {
			out += fmt.Sprintf("%s=$(sed -n 's/^%s: //Ip' headers.txt | tr -d '\\r')\n", o.Key, m[1])
		} else {
			return "", fmt.Errorf("output %s: %s is not understood", o.Key, o.Value)
		}
	}
	return out, nil
}

// request is the curl command of a step.
func (s *scope) request(st step, status string) (string, error) {
	method, address, download, err := s.address(st, status)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, x := range st.XSecurity {
		line, err := s.security(x)
		if err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	query := []string{}
	for _, p := range st.Parameters {
		v, ok := text(p.Value)
		if !ok {
			return "", fmt.Errorf("parameter %s: %v is not understood", p.Name, p.Value)
		}
		switch {
		case p.In == "header" && strings.EqualFold(p.Name, "content-type"):
			if st.RequestBody == nil || st.RequestBody.ContentType != v {
				return "", errors.New("content-type as a parameter must be that of the body")
			}
		case p.In == "header":
			line, err := s.joined(p.Name+": ", v)
			if err != nil {
				return "", err
			}
			lines = append(lines, "-H "+line)
		case p.In == "query":
			q, err := s.query(p.Name, v)
			if err != nil {
				return "", err
			}
			query = append(query, q)
		}
	}
	if len(query) > 0 {
		address = strings.TrimSuffix(address, `"`) + "?" + strings.Join(query, "&") + `"`
	}
	body, heredoc, err := s.body(st)
	if err != nil {
		return "", err
	}
	lines = append(lines, body...)
	first := "curl -sS"
	if download {
		first += " -o download"
	}
	if slices.ContainsFunc(st.Outputs, func(o pair[string]) bool { return headerExpr.MatchString(o.Value) }) {
		first += " -D headers.txt"
	}
	if method != "GET" && (method != "POST" || !slices.ContainsFunc(body, func(l string) bool { return strings.HasPrefix(l, "-d") || strings.HasPrefix(l, "--data") })) {
		first += " -X " + method
	}
	return strings.Join(append([]string{first + " " + address}, lines...), " \\\n  ") + heredoc, nil
}

// readsBody tells whether something of the answer's body is wanted.
func (st step) readsBody() bool {
	return slices.ContainsFunc(st.Outputs, func(o pair[string]) bool { return bodyExpr.MatchString(o.Value) }) ||
		slices.ContainsFunc(st.SuccessCriteria, func(k criterion) bool { return strings.HasPrefix(k.Context+k.Condition, "$response.body") })
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

func (s *scope) address(st step, status string) (method, address string, download bool, err error) {
	if st.XOperation != nil {
		v, err := s.variable(st.XOperation.URL)
		method = strings.ToUpper(st.XOperation.Method)
		return method, `"$` + v + `"`, method == "GET" && !st.readsBody(), err
	}
	o, err := s.d.operation(st.OperationID)
	if err != nil {
		return "", "", false, err
	}
	if len(o.RequestBody) > 0 && st.RequestBody == nil {
		return "", "", false, errors.New("has no requestBody: Respect would send the document's example")
	}
	json, err := s.d.answersJSON(o, status)
	if err != nil {
		return "", "", false, err
	}
	if !json && st.readsBody() {
		return "", "", false, errors.New("only a JSON answer can be looked into")
	}
	address = inPath.ReplaceAllStringFunc(o.Path, func(name string) string {
		name = strings.Trim(name, "{}")
		for _, p := range st.Parameters {
			v, _ := text(p.Value)
			switch {
			case p.Name != name || p.In != "path":
			case !isExpression(v):
				return v
			default:
				var variable string
				if variable, err = s.variable(v); err == nil {
					return "$" + variable
				}
			}
		}
		err = errors.Join(err, fmt.Errorf("path parameter %s is missing", name))
		return name
	})
	return o.Method, `"$base` + address + `"`, !json, err
}

// query is a parameter of the address; what a variable holds is escaped by jq.
func (s *scope) query(name, value string) (string, error) {
	if !isExpression(value) {
		return name + "=" + url.PathEscape(value), nil
	}
	v, err := s.variable(value)
	return fmt.Sprintf("%s=$(jq -rn --arg v \"$%s\" '$v|@uri')", name, v), err
}

func (s *scope) security(x security) (string, error) {
	scheme := x.Scheme
	if scheme == nil {
		found, ok := s.d.schemes[x.SchemeName]
		if !ok {
			return "", fmt.Errorf("there is no security scheme %q", x.SchemeName)
		}
		scheme = &found
	}
	switch {
	case scheme.Type == "http" && scheme.Scheme == "bearer":
		line, err := s.joined("Authorization: Bearer ", x.Values["token"])
		return "-H " + line, err
	case scheme.Type == "http" && scheme.Scheme == "basic":
		line, err := s.joined(x.Values["username"], ":", x.Values["password"])
		return "-u " + line, err
	case scheme.Type == "apiKey" && scheme.In == "header":
		line, err := s.joined(scheme.Name+": ", x.Values["apiKey"])
		return "-H " + line, err
	default:
		return "", fmt.Errorf("security scheme %q is not understood", x.SchemeName)
	}
}

// joined is one word of the shell: variables and what stands beside them.
func (s *scope) joined(parts ...string) (string, error) {
	plain := true
	var b strings.Builder
	for _, p := range parts {
		if !isExpression(p) {
			b.WriteString(p)
			continue
		}
		plain = false
		v, err := s.variable(p)
		if err != nil {
			return "", err
		}
		b.WriteString("$" + v)
	}
	if plain {
		return quote(b.String()), nil
	}
	if text := strings.Join(parts, ""); !strings.ContainsAny(text, "!`\"\\") {
		return `"` + b.String() + `"`, nil
	}
	// An exclamation mark means something between double quotes.
	b.Reset()
	for _, p := range parts {
		if isExpression(p) {
			v, _ := s.variable(p)
			b.WriteString(`"$` + v + `"`)
			continue
		}
		b.WriteString(quote(p))
	}
	return b.String(), nil
}

// body gives the options of the body, and what stands behind the command.
func (s *scope) body(st step) (options []string, heredoc string, err error) {
	r := st.RequestBody
	if r == nil {
		return nil, "", nil
	}
	options = []string{"-H " + single("Content-Type: "+r.ContentType)}
	if !strings.HasSuffix(r.ContentType, "json") {
		var content string
		if err := json.Unmarshal(r.Payload, &content); err != nil {
			return nil, "", fmt.Errorf("a body of %s is a text: %w", r.ContentType, err)
		}
		return append(options, "--data-binary "+single(content)), "", nil
	}
	content, vars, err := s.json(r.Payload, "", lineWidth)
	if err != nil {
		return nil, "", err
	}
	if !vars && !strings.ContainsAny(content, "\n'") {
		return append(options, "-d "+single(content)), "", nil
	}
	mark := "'JSON'"
	if vars {
		mark = "JSON"
	} else {
		content = strings.NewReplacer(`\$`, "$", "\\`", "`", `\\`, `\`).Replace(content)
	}
	return append(options, "-d @- <<"+mark), "\n" + content + "\nJSON\n", nil
}

// lineWidth is how long a line of a body may be.
const lineWidth = 110

// json lays out a payload for people: on one line when it fits. What the shell
// would touch is escaped for a here-document; vars tells whether there is a
// variable in it.
func (s *scope) json(raw json.RawMessage, indent string, width int) (out string, vars bool, err error) {
	raw = bytes.TrimSpace(raw)
	var members []string
	var open, end string
	inner := indent + "  "
	one := func(prefix string, raw json.RawMessage) error {
		v, has, err := s.json(raw, inner, lineWidth-len(inner)-len(prefix))
		vars = vars || has
		members = append(members, prefix+v)
		return err
	}
	switch raw[0] {
	case '{':
		open, end = "{", "}"
		var o ordered[json.RawMessage]
		if err := json.Unmarshal(raw, &o); err != nil {
			return "", false, err
		}
		for _, p := range o {
			if err := one(fmt.Sprintf("%q: ", p.Key), p.Value); err != nil {
				return "", false, err
			}
		}
	case '[':
		open, end = "[", "]"
		var a []json.RawMessage
		if err := json.Unmarshal(raw, &a); err != nil {
			return "", false, err
		}
		for _, v := range a {
			if err := one("", v); err != nil {
				return "", false, err
			}
		}
	case '"':
		var v string
		if err := json.Unmarshal(raw, &v); err != nil {
			return "", false, err
		}
		if isExpression(v) {
			name, err := s.variable(v)
			return `"$` + name + `"`, true, err
		}
		return strings.NewReplacer("\\", `\\`, "$", `\$`, "`", "\\`").Replace(string(raw)), false, nil
	default:
		return string(raw), false, nil
	}
	line := open + strings.Join(members, ", ") + end
	if len(line) <= width && !strings.Contains(line, "\n") || len(members) == 0 {
		return line, vars, nil
	}
	return open + "\n" + inner + strings.Join(members, ",\n"+inner) + "\n" + indent + end, vars, nil
}

// text is a value of a parameter.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}

var bare = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-]+$`)

// quote gives a word of the shell.
func quote(s string) string {
	if bare.MatchString(s) {
		return s
	}
	return single(s)
}

func single(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
