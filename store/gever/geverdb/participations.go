package geverdb

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Participation is somebody's part in a dossier.
type Participation struct {
	ID    string // of the actor
	Title string
	Roles []string
}

// participationRow is somebody's part in a dossier.
type participationRow struct {
	ObjectID    int64  `gorm:"primaryKey;autoIncrement:false"`
	Participant string `gorm:"primaryKey"`
	Roles       string `gorm:"not null"` // sorted, with commas between
}

func (participationRow) TableName() string { return "gever_participations" }

// ofDossier is a spot whose object is a dossier; Missing for others.
func ofDossier(s *spot, err error) (*spot, error) {
	if err == nil && !s.kind().Dossierish() {
		err = gever.Missing()
	}
	return s, err
}

// Participations are a window of who takes part in a dossier, by title, and
// how many there are.
func (d *DB) Participations(ctx context.Context, user, path string, w Window) (list []Participation, total int64, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		list, err = d.participations(tx, user, path)
		return err
	})
	total = int64(len(list))
	return list[min(w.Start, total):min(w.Start+w.Size, total)], total, err
}

func (d *DB) participations(tx *gorm.DB, user, path string) ([]Participation, error) {
	s, err := ofDossier(d.visible(tx, user, path))
	if err != nil {
		return nil, err
	}
	var rows []participationRow
	if err := tx.Where("object_id = ?", s.self().ID).Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Participant
	}
	actors, err := d.actors(tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Participation, len(rows))
	for i, r := range rows {
		out[i] = Participation{ID: r.Participant, Title: actors[i].Label, Roles: strings.Split(r.Roles, ",")}
	}
	slices.SortFunc(out, func(a, b Participation) int {
		return cmp.Or(strings.Compare(gever.Folded(a.Title), gever.Folded(b.Title)), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// Participation is one part; Missing when somebody has none.
func (d *DB) Participation(ctx context.Context, user, path, id string) (*Participation, error) {
	var out *Participation
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		list, err := d.participations(tx, user, path)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(p Participation) bool { return p.ID == id })
		if i < 0 {
			return gever.Missing()
		}
		out = &list[i]
		return nil
	})
	return out, err
}

// Participate lets somebody take part in a dossier.
//
// Faults: Missing, Unauthorized, Inputs for who is not there or takes part
// already.
func (d *DB) Participate(ctx context.Context, user, path, id string, roles []string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := ofDossier(d.writable(tx, user, path))
		if err != nil {
			return err
		}
		actor, err := d.participant(tx, id)
		if err != nil {
			return err
		}
		row := participationRow{ObjectID: s.self().ID, Participant: actor, Roles: strings.Join(roles, ",")}
		found := tx.Where("object_id = ? AND participant = ?", row.ObjectID, actor).Limit(1).Find(&participationRow{})
		switch {
		case found.Error != nil:
			return store.Translate(found.Error)
		case found.RowsAffected > 0:
			return badParticipant("There is already a participation for " + actor + ".")
		}
		return store.Translate(tx.Create(&row).Error)
	})
}

func badParticipant(message string) error {
	return gever.InputsNotValid([]fault.Field{gever.FieldFault("participant_id", "constraint", message)})
}

// participant is the actor's own id: a user by id or login name, an inbox, a
// contact.
func (d *DB) participant(tx *gorm.DB, id string) (string, error) {
	var failed error
	user, is := known(tx, &failed)(id)
	if failed != nil || is {
		return user, failed
	}
	actors, err := d.actors(tx, []string{id})
	if err == nil && actors[0].Kind != ActorInbox && actors[0].Kind != ActorContact {
		err = badParticipant(id + " is no user, inbox or contact.")
	}
	return id, err
}

// ChangeParticipation gives somebody's part other roles; nil ends it.
//
// Faults: Missing, Unauthorized.
func (d *DB) ChangeParticipation(ctx context.Context, user, path, id string, roles []string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := ofDossier(d.writable(tx, user, path))
		if err != nil {
			return err
		}
		row, err := store.First[participationRow](store.Lock(tx), "object_id = ? AND participant = ?", s.self().ID, id)
		if err != nil {
			return err
		}
		if roles == nil {
			return store.Translate(tx.Delete(row).Error)
		}
		return store.Translate(tx.Model(row).Update("roles", strings.Join(roles, ",")).Error)
	})
}

// Transfer gives what a user is responsible for to another: a dossier, and if
// recursive its active subdossiers that the caller may see.
//
// Faults: Missing, Unauthorized, Inputs when there is no such new user.
func (d *DB) Transfer(ctx context.Context, user, path, from, to string, recursive bool) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := ofDossier(d.writable(tx, user, path))
		if err != nil {
			return err
		}
		if !s.roles.May(gever.EditLifecycle) {
			return gever.Unauthorized()
		}
		var failed error
		successor, is := known(tx, &failed)(to)
		if failed != nil {
			return failed
		}
		if !is {
			return gever.InputsNotValid([]fault.Field{gever.FieldFault("new_userid", "constraint", "There is no user "+to+".")})
		}
		rows := []objectRow{*s.self()}
		if recursive {
			subs, err := below(tx, s.self().Path, gever.DossierTypes...)
			if err != nil {
				return err
			}
			secret, err := s.secret(tx)
			if err != nil {
				return err
			}
			rows = append(rows, without(subs, secret)...)
		}
		for i := range rows {
			if err := d.handOver(tx, &rows[i], from, successor); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *DB) handOver(tx *gorm.DB, row *objectRow, from, to string) error {
	v, err := valuesOf(row.Fields)
	if err != nil || row.State != gever.DossierActive || v.Text("responsible") != from {
		return err
	}
	now := store.At(d.Now())
	v["responsible"] = to
	row.Fields, row.ModifiedAt, row.ChangedAt, row.Touched = textOf(v), now, now, d.Settings.Today(now.Time)
	row.Revision++
	return store.Update(tx, row)
}
