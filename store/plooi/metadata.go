package plooi

import (
	"bytes"
	"encoding/json"
	"fmt"

	"loket/store/fault"
)

// Metadata is what rules read of a delivered text; the text itself is kept and
// given back.
type Metadata struct {
	Tekst           []byte // as delivered
	Pid             string // "" when absent
	Publisher       string
	Documentsoorten []string
	Relaties        []byte // documentrelaties as delivered; nil when absent
}

// LeesMetadata reads a text that has passed the schema. ScriptGevonden when it
// holds <script> (D46).
func LeesMetadata(tekst []byte) (*Metadata, error) {
	if bytes.Contains(tekst, []byte("<script>")) {
		return nil, fault.New(fault.Invalid, ScriptGevonden, "")
	}
	var in struct {
		Document struct {
			Pid                    string
			Publisher              struct{ ID string }
			Classificatiecollectie struct{ Documentsoorten []struct{ ID string } }
		}
		Documentrelaties json.RawMessage
	}
	if err := json.Unmarshal(tekst, &in); err != nil {
		return nil, fmt.Errorf("read metadata that passed the schema: %w", err)
	}
	m := &Metadata{Tekst: tekst, Pid: in.Document.Pid, Publisher: in.Document.Publisher.ID, Relaties: in.Documentrelaties}
	for _, s := range in.Document.Classificatiecollectie.Documentsoorten {
		m.Documentsoorten = append(m.Documentsoorten, s.ID)
	}
	return m, nil
}

// lid is one member of an object, in its place.
type lid struct {
	naam   string
	waarde json.RawMessage
}

func leden(object []byte) ([]lid, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var all []lid
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		naam, _ := t.(string)
		var waarde json.RawMessage
		if err := d.Decode(&waarde); err != nil {
			return nil, err
		}
		all = append(all, lid{naam, waarde})
	}
	return all, nil
}

func schrijf(all []lid) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, l := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(tekst(l.naam))
		b.WriteByte(':')
		b.Write(l.waarde)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// tekst is a string as JSON, with <, > and & as they are.
func tekst(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can be written
	return bytes.TrimRight(b.Bytes(), "\n")
}

func zonder(all []lid, naam string) []lid {
	out := make([]lid, 0, len(all)+1)
	for _, l := range all {
		if l.naam != naam {
			out = append(out, l)
		}
	}
	return out
}

func met(all []lid, naam string, waarde []byte) []lid {
	return append(zonder(all, naam), lid{naam, waarde})
}

// MetPid is the answer to a registration: the delivered text, pretty printed,
// with the pid as the last member of document. A pid of the client is replaced
// (D5).
func (m *Metadata) MetPid(pid string) ([]byte, error) {
	root, err := leden(m.Tekst)
	if err != nil {
		return nil, err
	}
	for i, l := range root {
		if l.naam != "document" {
			continue
		}
		document, err := leden(l.waarde)
		if err != nil {
			return nil, err
		}
		root[i].waarde = schrijf(met(document, "pid", tekst(pid)))
	}
	return netjes(schrijf(root))
}

func netjes(text []byte) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// MetRelaties adds the relations of the registration to a later text, which
// may not have them itself (D7).
func MetRelaties(metadata, relaties []byte) ([]byte, error) {
	if len(relaties) == 0 {
		return metadata, nil
	}
	root, err := leden(metadata)
	if err != nil {
		return nil, err
	}
	for _, l := range root {
		if l.naam == "documentrelaties" {
			return metadata, nil
		}
	}
	return netjes(schrijf(met(root, "documentrelaties", relaties)))
}

// Gelijk tells whether two texts have the same document: the same members and
// values, in whatever order and layout.
func Gelijk(a, b []byte) bool {
	one, err := vorm(a)
	if err != nil {
		return false
	}
	two, err := vorm(b)
	return err == nil && bytes.Equal(one, two)
}

// vorm is the document of a text with sorted members and no layout.
func vorm(text []byte) ([]byte, error) {
	var root struct{ Document json.RawMessage }
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(root.Document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}
