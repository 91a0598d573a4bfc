package capodb

import (
	"context"
	"io"
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/capo"
	"loket/store/fault"
)

// Bijlagen lists the uploaded files of a project, oldest first ("al geuploade
// bijlagen").
func (d *DB) Bijlagen(ctx context.Context, organisatieID, projectID string) (list []capo.Bijlage, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if err := magKennen(tx, organisatieID, projectID); err != nil {
			return err
		}
		var rows []bijlageRow
		err := tx.Where("project_id = ? AND status = ?", projectID, string(capo.BestandUploaded)).Order("aangemaakt_op, bijlage_id").Find(&rows).Error
		if err != nil {
			return store.Translate(err)
		}
		list = make([]capo.Bijlage, len(rows))
		for i := range rows {
			list[i] = *bijlageFromDB(&rows[i])
		}
		return nil
	})
	return list, err
}

// MaakBijlage makes a file and its one-time upload token, which is given out
// here only. Faults: TooLarge, BadBody, Missing, NietToegewezen, AlOpgeleverd,
// BestandsnaamBezet.
func (d *DB) MaakBijlage(ctx context.Context, organisatieID, projectID, bijlageAssignedID string, n capo.NieuweBijlage) (f capo.Bijlage, token string, err error) {
	if err := n.Controleer(); err != nil {
		return f, "", err
	}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		r, err := lockContainer(tx, organisatieID, projectID, bijlageAssignedID)
		if err != nil {
			return err
		}
		now := d.Now()
		f, err = bijlageAssignedFromDB(r).MaakBijlage(now, organisatieID, d.IDs.Next(), n, d.UploadGeldig)
		if err != nil {
			return err
		}
		if err := naamVrij(tx, &f, now); err != nil {
			return err
		}
		if err := tx.Create(bijlageToDB(&f, 1)).Error; err != nil {
			return store.Translate(err)
		}
		token, err = d.Tickets.Issue(tx, blobs.Ticket{API: API, Purpose: upload, Subject: f.BijlageID, ExpiresAt: f.URLGeldigTot})
		return err
	})
	return f, token, err
}

// naamVrij refuses a name that another file of the container holds: one that is
// uploaded, has its bytes, or has an address that is still good (contract 2.2).
// One question to an index, since a container may hold many files.
func naamVrij(tx *gorm.DB, f *capo.Bijlage, now time.Time) error {
	var taken bool
	err := store.RowIn(tx, `SELECT EXISTS (SELECT 1 FROM capo_bijlagen
WHERE project_id = ? AND parent_id = ? AND bestandsnaam = ? AND (status = ? OR blob_key <> '' OR url_geldig_tot > ?))`,
		[]any{f.ProjectID, f.ParentID, f.Bestandsnaam, string(capo.BestandUploaded), store.At(now)}, &taken)
	if err == nil && taken {
		err = capo.NaamBezet(f.Bestandsnaam)
	}
	return err
}

// Ontvangst is an upload to a one-time address.
type Ontvangst struct {
	Token       string
	ContentType string
	Lengte      int64 // Content-Length; -1 when there is none
	Bytes       io.Reader
}

// Ontvang stores the bytes of an upload and returns their SHA-256 in hex. The
// bytes go to the blobs before the transaction that redeems the token; whatever
// fails, nothing is kept and the token stays good until it runs out.
// Faults: AddressInvalid, AddressUsed, AlOpgeleverd, NoLength, BodyTooLarge,
// EmptyBody, MediaType, BadBody, BrokenBody.
func (d *DB) Ontvang(ctx context.Context, o Ontvangst) (sha256 string, err error) {
	if err := d.magOntvangen(ctx, o); err != nil {
		return "", err
	}
	info, err := d.Blobs.Put(ctx, o.Bytes, capo.MaxGrootte)
	if err != nil {
		return "", err
	}
	if err := d.bewaar(ctx, o, info); err != nil {
		d.dropBlob(ctx, info.Key)
		return "", err
	}
	return info.SHA256, nil
}

// magOntvangen refuses before a byte is read what would be refused after.
func (d *DB) magOntvangen(ctx context.Context, o Ontvangst) error {
	ticket, err := d.Tickets.Look(ctx, API, upload, o.Token)
	if err != nil {
		return err
	}
	switch {
	case o.Lengte < 0:
		return fault.New(fault.LengthRequired, fault.NoLength, "")
	case o.Lengte == 0:
		return fault.New(fault.Invalid, fault.EmptyBody, "")
	case o.Lengte > capo.MaxGrootte:
		return fault.New(fault.TooLarge, fault.BodyTooLarge, "Een bestand is hoogstens %d bytes.", capo.MaxGrootte)
	}
	return d.DB.Read(ctx, func(tx *gorm.DB) error {
		_, _, err := ontvanger(tx, tx, ticket.Subject, o)
		return err
	})
}

// ontvanger reads the file that a token is for, and checks it; the container
// is read by the query that is given, so that it can be locked.
func ontvanger(tx, container *gorm.DB, bijlageID string, o Ontvangst) (*bijlageRow, *capo.Bijlage, error) {
	r, err := store.First[bijlageRow](tx, "bijlage_id = ?", bijlageID)
	if err != nil {
		return nil, nil, err
	}
	c, err := store.First[bijlageAssignedRow](container, "bijlage_assigned_id = ?", r.ParentID)
	if err != nil {
		return nil, nil, err
	}
	f := bijlageFromDB(r)
	return r, f, f.MagOntvangen(bijlageAssignedFromDB(c), o.ContentType, o.Lengte)
}

func (d *DB) bewaar(ctx context.Context, o Ontvangst, info blobs.Info) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		ticket, err := d.Tickets.Redeem(tx, API, upload, o.Token)
		if err != nil {
			return err
		}
		r, f, err := ontvanger(tx, store.Lock(tx), ticket.Subject, o)
		if err != nil {
			return err
		}
		f.BlobKey, f.Grootte, f.SHA256 = info.Key, info.Size, info.SHA256
		return store.Update(tx, bijlageToDB(f, r.Version))
	})
}

// MeldGeupload says that a file is complete; its container counts it and, at
// the first one, becomes uploaded. The faults are those of
// capo.Bijlage.Geupload, and Missing.
func (d *DB) MeldGeupload(ctx context.Context, organisatieID, projectID, bijlageID string) (*capo.Bijlage, error) {
	var f *capo.Bijlage
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		r, err := store.First[bijlageRow](tx, "bijlage_id = ? AND project_id = ?", bijlageID, projectID)
		if err != nil {
			return err
		}
		c, err := lockContainer(tx, organisatieID, projectID, r.ParentID)
		if err != nil {
			return err
		}
		// Read again under the container's lock: another may have patched it.
		if r, err = store.First[bijlageRow](tx, "bijlage_id = ?", bijlageID); err != nil {
			return err
		}
		b, now := bijlageAssignedFromDB(c), d.Now()
		f = bijlageFromDB(r)
		if err := f.Geupload(now, organisatieID, b); err != nil {
			return err
		}
		if err := store.Update(tx, bijlageToDB(f, r.Version)); err != nil {
			return err
		}
		o, moved := b.BestandErbij(now, organisatieID)
		if !moved {
			return saveContainer(tx, b, c.Version, nil)
		}
		return saveContainer(tx, b, c.Version, &o)
	})
	return f, err
}

// Download finds an uploaded file; every organisation that is involved in the
// project may have it. Missing otherwise, and for a file that is not uploaded.
func (d *DB) Download(ctx context.Context, organisatieID, projectID, bijlageID string) (*capo.Bijlage, io.ReadSeekCloser, error) {
	var f *capo.Bijlage
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		if err := magKennen(tx, organisatieID, projectID); err != nil {
			return err
		}
		r, err := store.First[bijlageRow](tx, "bijlage_id = ? AND project_id = ? AND status = ?", bijlageID, projectID, string(capo.BestandUploaded))
		if err != nil {
			return err
		}
		f = bijlageFromDB(r)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	content, _, err := d.Blobs.Open(ctx, f.BlobKey)
	if isMissing(err) {
		// The row promises it: this is our loss, not the client's mistake.
		return nil, nil, fault.Wrap(err, fault.Internal, fault.InternalError, "")
	}
	return f, content, err
}

// References tells which of the blobs are a file's; the sweep removes others.
func (d *DB) References(ctx context.Context, keys []string) (map[string]bool, error) {
	var found []string
	if err := d.DB.Reader(ctx).Model(&bijlageRow{}).Where("blob_key IN ?", keys).Pluck("blob_key", &found).Error; err != nil {
		return nil, store.Translate(err)
	}
	set := make(map[string]bool, len(found))
	for _, k := range found {
		set[k] = true
	}
	return set, nil
}

// Ruim forgets files that nobody will ever see: whose address ran out a day
// ago without bytes, and what was not said to be uploaded when its container
// was delivered (contract 2.2, C12). Their bytes are the sweep's.
func (d *DB) Ruim(ctx context.Context) (int, error) {
	old := store.At(d.Now().Add(-capo.BewaarZonderFile))
	forgotten := func(tx *gorm.DB) *gorm.DB {
		return tx.Model(&bijlageRow{}).Where("status = ? AND url_geldig_tot < ?", string(capo.BestandCreated), old).
			Where("blob_key = '' OR parent_id IN (SELECT bijlage_assigned_id FROM capo_bijlageassigned WHERE status IN ?)", []string{string(capo.Done), string(capo.Cancelled)})
	}
	// Looked for on the readers: it goes through all files, and no writer need wait for that.
	var ids []string
	if err := forgotten(d.DB.Reader(ctx)).Pluck("bijlage_id", &ids).Error; err != nil {
		return 0, store.Translate(err)
	}
	removed := 0
	for some := range slices.Chunk(ids, ruimBatch) {
		err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
			res := forgotten(tx).Where("bijlage_id IN ?", some).Delete(nil)
			removed += int(res.RowsAffected)
			return store.Translate(res.Error)
		})
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// ruimBatch is how many files one transaction of Ruim forgets.
const ruimBatch = 500
