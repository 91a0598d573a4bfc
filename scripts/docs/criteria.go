package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	simple   = regexp.MustCompile(`^(\S+) (==|!=) (.+)$`)
	filter   = regexp.MustCompile(`^\$\.\.\[\?(.+)\]$`)
	operand  = regexp.MustCompile(`^@((?:\.\w+|\["[^"]+"\])+) (==|!=) (.+)$`)
	numeric  = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	segments = regexp.MustCompile(`^[A-Za-z_]\w*$`)
)

// criteria translates the success criteria of a step to a status and to
// programs of jq.
func (s *scope) criteria(st step, c *command) error {
	for _, k := range st.SuccessCriteria {
		if k.Type == "jsonpath" {
			if k.Context != "$response.body" {
				return fmt.Errorf("context %s is not understood", k.Context)
			}
			translated, err := s.jsonpath(k.Condition)
			if err != nil {
				return fmt.Errorf("%s: %w", k.Condition, err)
			}
			c.checks = append(c.checks, translated)
			continue
		}
		if err := s.simple(k.Condition, c); err != nil {
			return fmt.Errorf("%s: %w", k.Condition, err)
		}
	}
	if c.status == "" {
		return errors.New("no criterion names the status")
	}
	return nil
}

func (s *scope) simple(condition string, c *command) error {
	m := simple.FindStringSubmatch(condition)
	if m == nil {
		return errors.New("not understood")
	}
	left, operator, right := m[1], m[2], m[3]
	if left == "$statusCode" && operator == "==" && c.status == "" {
		c.status = right
		return nil
	}
	value, vars, err := s.literal(right, '\'')
	if err != nil {
		return err
	}
	if m := bodyExpr.FindStringSubmatch(left); m != nil {
		c.checks = append(c.checks, expectation{jq: path(m[1]) + " " + operator + " " + value, vars: vars})
		return nil
	}
	if m := headerExpr.FindStringSubmatch(left); m != nil && operator == "==" {
		c.checks = append(c.checks, expectation{header: m[1], jq: ". == " + value, vars: vars})
		return nil
	}
	return errors.New("not understood")
}

// somewhere begins a program that looks for an object within the body.
const somewhere = "any(.. | objects; "

// jsonpath takes $..[?@.a == v && @.b == w]: some object within the body has
// these members. Two conditions at most, for with three of them Respect 2.77
// passes over the second.
func (s *scope) jsonpath(condition string) (expectation, error) {
	m := filter.FindStringSubmatch(condition)
	if m == nil {
		return expectation{}, errors.New("only $..[?…] is understood")
	}
	parts := strings.Split(m[1], " && ")
	if len(parts) > 2 {
		return expectation{}, errors.New("more than two conditions: Respect would pass over one")
	}
	out := expectation{}
	for i, p := range parts {
		o := operand.FindStringSubmatch(p)
		if o == nil {
			return expectation{}, fmt.Errorf("%s is not understood", p)
		}
		value := o[3]
		if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
			value = value[1 : len(value)-1]
		} else if isExpression(value) {
			return expectation{}, fmt.Errorf("%s stands between braces here", value)
		}
		value, vars, err := s.literal(value, '"')
		if err != nil {
			return expectation{}, err
		}
		left := strings.ReplaceAll(o[1], "[", ".[")
		parts[i] = left + " " + o[2] + " " + value
		out.vars = append(out.vars, vars...)
	}
	out.jq = somewhere + strings.Join(parts, " and ") + ")"
	return out, nil
}

// literal is the right side of a comparison as jq has it.
func (s *scope) literal(text string, quote byte) (value string, vars []string, err error) {
	switch {
	case isExpression(text):
		name, err := s.variable(text)
		return "$" + name, []string{name}, err
	case len(text) >= 2 && text[0] == quote && text[len(text)-1] == quote:
		return strconv.Quote(text[1 : len(text)-1]), nil, nil
	case numeric.MatchString(text), text == "true", text == "false", text == "null":
		return text, nil, nil
	default:
		return "", nil, fmt.Errorf("%s is not understood", text)
	}
}

// path is a JSON pointer (RFC 6901) as a path of jq.
func path(pointer string) string {
	out := ""
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch {
		case segments.MatchString(part):
			out += "." + part
		case numeric.MatchString(part):
			out += "[" + part + "]"
		default:
			out += "[" + strconv.Quote(part) + "]"
		}
	}
	if strings.HasPrefix(out, "[") {
		out = "." + out
	}
	return out
}
