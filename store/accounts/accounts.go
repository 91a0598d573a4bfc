// Package accounts keeps organisations and their credentials: one credential
// opens every API that it is granted ("voor alle API's worden dezelfde
// credentials gebruikt"). A token is shown once, when it is made; the store has
// only its SHA-256. Handlers/auth, the rooms of the APIs and main may import
// it; it imports store, store/fault and store/objectid.
package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/objectid"
)

// Organisation is a party that uses the APIs.
type Organisation struct {
	ID        string // 24 lower-case hex digits
	Name      string // unique
	CreatedAt time.Time
}

// Credential is a token's holder: who it is and which APIs it opens.
type Credential struct {
	ID               string // 24 lower-case hex digits
	OrganisationID   string
	OrganisationName string
	Label            string   // what its organisation calls it; may be empty
	APIs             []string // sorted; shared, so it must not be changed
	CreatedAt        time.Time
	RevokedAt        *time.Time // nil while it is valid
}

// Opens tells whether the credential is granted the API.
func (c Credential) Opens(api string) bool { return slices.Contains(c.APIs, api) }

// Store keeps them; it is safe for concurrent use.
type Store struct {
	db    *store.DB
	now   func() time.Time
	ids   *objectid.Generator
	cache cache
}

// New makes a Store with an empty cache.
func New(db *store.DB, now func() time.Time, ids *objectid.Generator) *Store {
	return &Store{db: db, now: now, ids: ids}
}

// maxName bounds names and labels, in characters.
const maxName = 200

func checkText(what, text string) error {
	if n := utf8.RuneCountInString(text); n > maxName || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return fault.New(fault.Invalid, fault.BadBody, "%s must have at most %d characters and no control characters", what, maxName)
	}
	return nil
}

// EnsureOrganisation makes the organisation or finds it: by its ID, then with
// the name brought up to date, or by its Name when the ID is empty. Invalid
// when neither serves, Conflict/Duplicate when another has the name.
func (s *Store) EnsureOrganisation(tx *gorm.DB, o Organisation) (Organisation, error) {
	o.Name, o.ID = strings.TrimSpace(o.Name), objectid.Normalize(o.ID)
	if o.Name == "" {
		return Organisation{}, fault.New(fault.Invalid, fault.BadBody, "an organisation needs a name")
	}
	if err := checkText("an organisation's name", o.Name); err != nil {
		return Organisation{}, err
	}
	if o.ID != "" && !objectid.Valid(o.ID) {
		return Organisation{}, fault.New(fault.Invalid, fault.BadBody, "an organisation's id has 24 hexadecimal digits")
	}
	where := []any{"id = ?", o.ID}
	if o.ID == "" {
		where, o.ID = []any{"name = ?", o.Name}, s.ids.Next()
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = s.now()
	}
	// Insert first: of two that make the same at once, one finds the other's.
	made := organisationRow{ID: o.ID, Name: o.Name, CreatedAt: store.At(o.CreatedAt)}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&made).Error; err != nil {
		return Organisation{}, store.Translate(err)
	}
	row, err := store.First[organisationRow](store.Lock(tx), where...)
	if fault.KindOf(err) == fault.NotFound { // the name stopped the insert
		return Organisation{}, fault.New(fault.Conflict, fault.Duplicate, "another organisation is called %q", o.Name)
	}
	if err != nil {
		return Organisation{}, err
	}
	if row.Name != o.Name {
		row.Name = o.Name
		if err := store.Update(tx, row); err != nil {
			return Organisation{}, err
		}
		s.cache.clear()
	}
	return row.fromDB(), nil
}

// OrganisationByID finds one; NotFound/Missing.
func (s *Store) OrganisationByID(ctx context.Context, id string) (Organisation, error) {
	return s.organisation(s.db.Reader(ctx), id)
}

func (s *Store) organisation(tx *gorm.DB, id string) (Organisation, error) {
	row, err := store.First[organisationRow](tx, "id = ?", objectid.Normalize(id))
	if fault.KindOf(err) == fault.NotFound {
		return Organisation{}, fault.New(fault.NotFound, fault.Missing, "there is no organisation %s", id)
	}
	if err != nil {
		return Organisation{}, err
	}
	return row.fromDB(), nil
}

// Organisations lists all, by name.
func (s *Store) Organisations(ctx context.Context) ([]Organisation, error) {
	var rows []organisationRow
	if err := s.db.Reader(ctx).Order("name, id").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	list := make([]Organisation, len(rows))
	for i, row := range rows {
		list[i] = row.fromDB()
	}
	return list, nil
}

// CreateCredentialInput says for whom.
type CreateCredentialInput struct {
	Organisation string   // id, or name; a name that is new makes the organisation
	Label        string   // may be empty
	APIs         []string // what it opens
	Token        string   // only of the demo data; empty makes 32 random bytes
}

// CreateCredential makes a credential, and gives its token, which nobody can
// read again. NotFound/Missing when there is no organisation of that id,
// Conflict/Duplicate when the given token is in use.
func (s *Store) CreateCredential(ctx context.Context, in CreateCredentialInput) (Credential, string, error) {
	if err := checkText("a label", in.Label); err != nil {
		return Credential{}, "", err
	}
	apis, err := normalizeAPIs(in.APIs)
	if err != nil {
		return Credential{}, "", err
	}
	token := in.Token
	if token == "" {
		var random [32]byte
		_, _ = rand.Read(random[:]) // never fails
		token = base64.RawURLEncoding.EncodeToString(random[:])
	}
	var c Credential
	err = s.db.InTx(ctx, func(tx *gorm.DB) error {
		o, err := s.organisationOf(tx, in.Organisation)
		if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(token))
		row := credentialRow{
			ID: s.ids.Next(), OrganisationID: o.ID, Label: in.Label,
			TokenSHA256: hex.EncodeToString(sum[:]), CreatedAt: store.At(s.now()),
		}
		if err := tx.Create(&row).Error; err != nil {
			return store.Translate(err)
		}
		if err := addGrants(tx, row.ID, apis); err != nil {
			return err
		}
		c = row.fromDB(o.Name, apis)
		return nil
	})
	if err != nil {
		return Credential{}, "", err
	}
	s.cache.clear() // the token may have been refused a moment ago
	return c, token, nil
}

// organisationOf takes 24 hex digits as an id, all else as a name.
func (s *Store) organisationOf(tx *gorm.DB, idOrName string) (Organisation, error) {
	if objectid.Valid(idOrName) {
		return s.organisation(tx, idOrName)
	}
	return s.EnsureOrganisation(tx, Organisation{Name: idOrName})
}

// ListCredentials lists all, revoked ones too, the oldest first.
func (s *Store) ListCredentials(ctx context.Context) ([]Credential, error) {
	var list []Credential
	err := s.db.Read(ctx, func(tx *gorm.DB) error {
		var rows []credentialRow
		if err := tx.Order("created_at, id").Find(&rows).Error; err != nil {
			return err
		}
		var organisations []organisationRow
		if err := tx.Find(&organisations).Error; err != nil {
			return err
		}
		var grants []grantRow
		if err := tx.Order("credential_id, api").Find(&grants).Error; err != nil {
			return err
		}
		names := make(map[string]string, len(organisations))
		for _, o := range organisations {
			names[o.ID] = o.Name
		}
		apis := make(map[string][]string, len(rows))
		for _, g := range grants {
			apis[g.CredentialID] = append(apis[g.CredentialID], g.API)
		}
		list = make([]Credential, len(rows))
		for i, row := range rows {
			list[i] = row.fromDB(names[row.OrganisationID], apis[row.ID])
		}
		return nil
	})
	return list, err
}

// Grant lets the credential open more APIs; those it opens already stay.
// NotFound/Missing, Conflict/Stale when it is revoked.
func (s *Store) Grant(ctx context.Context, id string, apis ...string) error {
	apis, err := normalizeAPIs(apis)
	if err != nil {
		return err
	}
	if len(apis) == 0 {
		return fault.New(fault.Invalid, fault.BadBody, "name an API to grant")
	}
	defer s.cache.clear()
	return s.db.InTx(ctx, func(tx *gorm.DB) error {
		row, err := lockCredential(tx, id)
		if err != nil {
			return err
		}
		if row.RevokedAt.Valid {
			return fault.New(fault.Conflict, fault.Stale, "credential %s is revoked", row.ID)
		}
		return addGrants(tx, row.ID, apis)
	})
}

// Revoke ends the credential, here at once and in other processes within a
// second. Revoking again changes nothing. NotFound/Missing.
func (s *Store) Revoke(ctx context.Context, id string) error {
	defer s.cache.clear()
	return s.db.InTx(ctx, func(tx *gorm.DB) error {
		row, err := lockCredential(tx, id)
		if err != nil || row.RevokedAt.Valid {
			return err
		}
		now := s.now()
		row.RevokedAt = store.NullAt(&now)
		return store.Update(tx, row)
	})
}

func lockCredential(tx *gorm.DB, id string) (*credentialRow, error) {
	row, err := store.First[credentialRow](store.Lock(tx), "id = ?", objectid.Normalize(id))
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, fault.Missing, "there is no credential %s", id)
	}
	return row, err
}

// normalizeAPIs sorts the names and drops doubles; which names there are is
// known in handlers.
func normalizeAPIs(apis []string) ([]string, error) {
	list := make([]string, 0, len(apis))
	for _, api := range apis {
		api = strings.ToLower(strings.TrimSpace(api))
		if api == "" || strings.ContainsFunc(api, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }) {
			return nil, fault.New(fault.Invalid, fault.BadBody, "%q is no API's name", api)
		}
		list = append(list, api)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func addGrants(tx *gorm.DB, id string, apis []string) error {
	rows := make([]grantRow, len(apis))
	for i, api := range apis {
		rows[i] = grantRow{CredentialID: id, API: api}
	}
	if len(rows) == 0 {
		return nil
	}
	return store.Translate(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}
