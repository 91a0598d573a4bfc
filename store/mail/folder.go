package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
)

// Folder keeps each message as <id>.eml. Sending one again replaces its file.
type Folder struct {
	dir  string
	from netmail.Address
}

// NewFolder makes the folder when it is not there.
func NewFolder(dir string, from netmail.Address) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return &Folder{dir: dir, from: from}, nil
}

// Send writes a temporary file, syncs it, and renames it, so that no half mail
// is ever there.
func (f *Folder) Send(ctx context.Context, m Message) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.ID == "" || filepath.Base(m.ID) != m.ID {
		return errors.New("mail: the message has no usable id")
	}
	tmp, err := os.CreateTemp(f.dir, "*.tmp")
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
		}
	}()
	if err := Write(tmp, m, f.from); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := os.Rename(tmp.Name(), filepath.Join(f.dir, m.ID+".eml")); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	_ = tmp.Close() // synced above; nothing is left to lose
	return nil
}
