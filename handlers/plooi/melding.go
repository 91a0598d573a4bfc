package plooi

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"loket/store/fault"
	"loket/store/plooi"
)

// melding is the message of metadata that break the schema: the places that
// the rules are about, the places in the metadata, and the words, of all faults
// together (1.9).
type melding struct {
	SchemaPointers []string `json:"schema_pointers"`
	DataPointers   []string `json:"data_pointers"`
	Content        string   `json:"content"`
}

// meldingVan words the faults in the texts of the original's validator. body
// is the request's, for the types that were found in it.
func meldingVan(faults []fault.Field, body io.Reader) melding {
	var value any
	if v, ok := body.(interface{ ValidatedValue() any }); ok {
		value = v.ValidatedValue()
	}
	var m melding
	var texts []string
	for _, f := range faults {
		keys := sleutels(f.Pointer)
		path := pad(keys, value)
		data := f.Pointer
		if f.Rule == "required" || f.Rule == "unknown" {
			data = f.Pointer[:max(0, strings.LastIndexByte(f.Pointer, '/'))]
		}
		for _, text := range woorden(f, keys, value) {
			texts = voegToe(texts, path+": "+text)
		}
		m.SchemaPointers = voegToe(m.SchemaPointers, wortel(f.Pointer))
		m.DataPointers = voegToe(m.DataPointers, wortel(data))
	}
	m.Content = strings.Join(texts, "\n")
	return m
}

func voegToe(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// wortel is "/" for the whole.
func wortel(pointer string) string {
	if pointer == "" {
		return "/"
	}
	return pointer
}

func sleutels(pointer string) []string {
	if pointer == "" {
		return nil
	}
	keys := strings.Split(pointer[1:], "/")
	for i, k := range keys {
		keys[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(k)
	}
	return keys
}

// pad is a place as the validator writes it: $.document.identifiers[0].
func pad(keys []string, value any) string {
	path := "$"
	for _, k := range keys {
		if _, ok := value.([]any); ok {
			path += "[" + k + "]"
		} else {
			path += "." + k
		}
		value = in(value, k)
	}
	return path
}

// in is a member of an object or array; nil when there is none.
func in(value any, key string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[key]
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// buitenLijst is what stands of an enumeration that a value is not in.
const buitenLijst = "does not have a value in the enumeration"

// woorden are the validator's texts for a fault.
func woorden(f fault.Field, keys []string, value any) []string {
	for _, k := range keys {
		value = in(value, k)
	}
	switch f.Rule {
	case "required":
		return []string{"is missing but it is required"}
	case "unknown":
		return []string{"is not defined in the schema and the schema does not allow additional properties"}
	case "type", "nullable":
		return []string{fmt.Sprintf("%s found, %v expected", soortWaarde(value), f.Limit)}
	case "minLength":
		return []string{fmt.Sprintf("must be at least %v characters long", f.Limit)}
	case "minItems":
		return []string{fmt.Sprintf("there must be a minimum of %v items in the array", f.Limit)}
	case "uniqueItems":
		return []string{"the items in the array must be unique"}
	case "format":
		return []string{vormWoorden(f.Limit, value)}
	default:
		return []string{"is not valid against the schema"}
	}
}

func vormWoorden(format, value any) string {
	switch format {
	case "kenmerk":
		return "must be at least 3 characters long"
	case "uri":
		return "does not match the uri pattern " + plooi.URIPatroon
	case "date-time":
		return fmt.Sprintf("%v is an invalid date-time", value)
	default:
		return buitenLijst
	}
}

// soortWaarde is the JSON type of a value, in the validator's words.
func soortWaarde(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	default:
		if _, err := strconv.ParseInt(fmt.Sprint(v), 10, 64); err == nil {
			return "integer"
		}
		return "number"
	}
}

// leesfout is the first line of what a parser says.
func leesfout(f *fault.Error) string {
	if f.Reason == plooi.ScriptGevonden || len(f.Fields) == 0 {
		return "Het aangeleverde bestand kan niet als json ingelezen worden."
	}
	switch field := f.Fields[0]; field.Rule {
	case "duplicate":
		return fmt.Sprintf("Duplicate field '%v'", field.Limit)
	case "required":
		return "No content to map due to end-of-input"
	case "trailing":
		return fmt.Sprintf("Unexpected text after the JSON at position %v", field.Limit)
	case "depth":
		return fmt.Sprintf("Document nesting depth exceeds the maximum allowed (%v)", field.Limit)
	case "utf8":
		return fmt.Sprintf("Invalid UTF-8 at position %v", field.Limit)
	default:
		return fmt.Sprintf("Unexpected character at position %v", field.Limit)
	}
}
