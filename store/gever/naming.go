package gever

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// maxID is the longest id in bytes.
const maxID = 128

// ValidID tells whether a client may choose this id (gever.md 1.4).
func ValidID(id string) bool { return len(id) <= maxID && idForm.MatchString(id) }

// german writes umlauts and letters with marks plainly (gever.md 2.9: decided,
// the German normalizer).
var german = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss",
	"à", "a", "á", "a", "â", "a", "ã", "a", "å", "a", "À", "A", "Á", "A", "Â", "A", "Ã", "A", "Å", "A", "æ", "ae", "Æ", "Ae",
	"ç", "c", "Ç", "C", "è", "e", "é", "e", "ê", "e", "ë", "e", "È", "E", "É", "E", "Ê", "E", "Ë", "E",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "ñ", "n", "Ñ", "N",
	"ò", "o", "ó", "o", "ô", "o", "õ", "o", "ø", "o", "Ò", "O", "Ó", "O", "Ô", "O", "Õ", "O", "Ø", "O", "œ", "oe", "Œ", "Oe",
	"ù", "u", "ú", "u", "û", "u", "Ù", "U", "Ú", "U", "Û", "U", "ý", "y", "ÿ", "y", "Ý", "Y", "š", "s", "Š", "S", "ž", "z", "Ž", "Z",
)

// maxSlug is how long an id made of a title may get.
const maxSlug = 50

// Slug is the id that a title makes: "Führung und Verträge" is
// "fuehrung-und-vertraege". "item" when nothing is left.
func Slug(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(german.Replace(title)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		case unicode.IsMark(r):
		default:
			gap = true
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	if b.Len() == 0 {
		return "item"
	}
	return b.String()
}

// FileName is the name of a document's file: its title, written plainly, with
// the extension of the file (gever.md 2.5): "Sanierung Baerengraben 2016.txt".
func FileName(title, extension string) string {
	var b strings.Builder
	for _, r := range german.Replace(title) {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			r = '-'
		}
		b.WriteRune(r)
	}
	name := strings.Trim(b.String(), " .")
	if name == "" {
		name = "Dokument"
	}
	return name + extension
}

// Extension is the extension of a file's name in lower case with its dot; ""
// when there is none.
func Extension(name string) string {
	e := path.Ext(name)
	if e == "." || e == name || len(e) > 16 || strings.ContainsAny(e, " ") {
		return ""
	}
	return strings.ToLower(e)
}

// TitleOf is the title that a file's name makes.
func TitleOf(filename string) string {
	filename = filename[strings.LastIndexAny(filename, `/\`)+1:]
	return strings.TrimSpace(strings.TrimSuffix(filename, filename[len(filename)-len(Extension(filename)):]))
}

// CheckExtension refuses files that a document may not be (gever.md 2.5, 5.5).
func (s *Settings) CheckExtension(t *Type, filename string) error {
	e := strings.TrimPrefix(Extension(filename), ".")
	if t.Name == DocumentType && (e == "eml" || e == "msg" || e == "p7m") {
		return mailAsDocument()
	}
	for _, blocked := range s.Blocked {
		if e == strings.ToLower(strings.TrimPrefix(blocked, ".")) {
			return extensionRefused(e)
		}
	}
	return nil
}

// maxPrefix is the longest number of a folder, in characters.
const maxPrefix = 32

// ValidFirstPrefix tells whether folders can begin with a number and count on.
func ValidFirstPrefix(number string) bool {
	return strings.ContainsAny(number, "0123456789") && !strings.ContainsFunc(number, unicode.IsSpace) && utf8.RuneCountInString(number) <= maxPrefix
}

// NextPrefix is the reference number that the next folder of a parent gets, of
// the highest number and the last text that were given there (gever.md 2.9).
// "" when the last has no digits: then one must be given. The first is the
// installation's (FirstPrefix).
func (s *Settings) NextPrefix(highest int64, last string) string {
	if last == "" {
		return s.FirstPrefix
	}
	if _, err := strconv.ParseInt(last, 10, 64); err == nil {
		return strconv.FormatInt(highest+1, 10)
	}
	end := strings.LastIndexAny(last, "0123456789") + 1
	start := end
	for start > 0 && last[start-1] >= '0' && last[start-1] <= '9' {
		start--
	}
	n, err := strconv.ParseInt(last[start:end], 10, 64)
	if err != nil {
		return ""
	}
	return last[:start] + strconv.FormatInt(n+1, 10) + last[end:]
}

// RefNode is one object on the way from the site, as reference numbers see it.
type RefNode struct {
	Type     *Type
	Addendum string // of a root
	Part     string // its own number within its parent; "" when it has none
}

// Numbered tells of types that have a part of their own in reference numbers.
func (t *Type) Numbered() bool {
	return t.Name == FolderType || t.Dossierish() || t.Documentish() || t.Private()
}

// Reference is the number of the object at the end of the chain: "FD 1.1 / 5.1
// / 28", or "FD 11-5.1-28" when they are grouped by three; a template's is "FD /
// 28", and in the private folder of john.doe it is "P FD-john.doe / 1 / 42"
// (decided). False when the type has none, or something above it was never given
// one: then the number could be another object's.
func (s *Settings) Reference(chain []RefNode) (string, bool) {
	root, folders, dossiers, tail := []string{s.Abbreviation}, []string(nil), []string(nil), ""
	last := chain[len(chain)-1].Type
	for _, n := range chain {
		switch {
		case n.Type.Name == RootType && n.Addendum != "":
			root = append(root, n.Addendum)
		case n.Type.Private():
			root = []string{"P", s.Abbreviation + "-" + n.Part}
		case n.Type.Name == FolderType:
			folders = append(folders, n.Part)
		case n.Type.Dossierish():
			dossiers = append(dossiers, n.Part)
		case n.Type.Documentish():
			tail = n.Part
		}
		if n.Type.Numbered() && n.Part == "" {
			return "", false
		}
	}
	switch {
	case last.Name == FolderType, last.Dossierish(), last.Private():
	case last.Documentish() && (len(dossiers) > 0 || slices.ContainsFunc(chain, func(n RefNode) bool { return n.Type.Numbers })):
	default:
		return "", false
	}
	between, within := " / ", strings.Join(folders, ".")
	if s.GroupedByThree {
		between, within = "-", grouped(folders)
	}
	if within != "" {
		root = append(root, within)
	}
	number := strings.Join(root, " ")
	if len(dossiers) > 0 {
		number += between + strings.Join(dossiers, ".")
	}
	if tail != "" {
		number += between + tail
	}
	return number, true
}

// grouped joins the numbers of folders with a dot after every third level. What
// stands above is always the beginning of what stands below, as with dots: so
// a folder that gets another number is rewritten by its beginning.
func grouped(folders []string) string {
	var b strings.Builder
	for i, f := range folders {
		if i > 0 && i%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteString(f)
	}
	return b.String()
}

// FolderNumber is the place of a folder in its root, "1.1" of "FD 1.1": it
// stands before the folder's title in summaries of the running system. "" when
// the folder has no number. A folder's own number holds no space.
func FolderNumber(reference string) string {
	return reference[strings.LastIndexByte(reference, ' ')+1:]
}

// contentTypes are those of common files; the machine's own table would make
// answers depend on it.
var contentTypes = map[string]string{
	".txt": "text/plain", ".csv": "text/csv", ".html": "text/html", ".xml": "application/xml", ".json": "application/json", ".md": "text/markdown",
	".pdf": "application/pdf", ".rtf": "application/rtf", ".zip": "application/zip", ".eml": "message/rfc822", ".msg": "application/vnd.ms-outlook",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".tif": "image/tiff", ".tiff": "image/tiff", ".svg": "image/svg+xml",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}

var contentTypeForm = regexp.MustCompile(`^[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}(; *charset=[A-Za-z0-9_-]{1,40})?$`)

// Type is the media type of a file: what the client says where that can be
// one, else what its name tells.
func (u *Upload) Type() string {
	if contentTypeForm.MatchString(u.ContentType) {
		return u.ContentType
	}
	if t, ok := contentTypes[Extension(u.Name)]; ok {
		return t
	}
	return "application/octet-stream"
}
