package geverdb

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// User is somebody who may log in.
type User struct {
	ID        string
	Login     string
	Firstname string
	Lastname  string
	Email     string
}

// Fullname is "Lastname Firstname", as the running system writes it; the id
// when there is no name.
func (u User) Fullname() string {
	if name := strings.TrimSpace(u.Lastname + " " + u.Firstname); name != "" {
		return name
	}
	return u.ID
}

// NewUser is what a user is made of.
type NewUser struct {
	User

	Password string
	Hash     string // instead of a password: its hash in PHC form
	Roles    []gever.Role
	Path     string // where he has the roles; "" is everywhere
}

// CreateUser makes a user, or gives one that is there another password, name
// and more roles.
func (d *DB) CreateUser(ctx context.Context, n NewUser) error {
	if n.Login == "" {
		n.Login = n.ID
	}
	if n.Hash == "" {
		hash, err := d.Passwords.Hash(ctx, n.Password)
		if err != nil {
			return err
		}
		n.Hash = hash
	}
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row := userRow{ID: n.ID, Login: n.Login, Firstname: n.Firstname, Lastname: n.Lastname, Email: n.Email, Hash: n.Hash, Active: true, Version: 1}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return store.Translate(err)
		}
		return giveRoles(tx, n.Path, n.ID, n.Roles)
	})
}

func userOf(r *userRow) User {
	return User{ID: r.ID, Login: r.Login, Firstname: r.Firstname, Lastname: r.Lastname, Email: r.Email}
}

// Users finds users by their ids.
func (d *DB) Users(ctx context.Context, ids ...string) (map[string]User, error) {
	return d.usersOf(d.DB.Reader(ctx), ids)
}

func (d *DB) usersOf(tx *gorm.DB, ids []string) (map[string]User, error) {
	out := map[string]User{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []userRow
	if err := tx.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	for i := range rows {
		out[rows[i].ID] = userOf(&rows[i])
	}
	return out, nil
}

// known gives ids of users by id or login name, for one transaction.
func known(tx *gorm.DB, failed *error) func(string) (string, bool) {
	return func(name string) (string, bool) {
		var row userRow
		err := tx.Where("(id = ? OR login = ?) AND active", name, name).Order("id").Take(&row).Error
		if err != nil {
			if !errors.Is(err, gorm.ErrRecordNotFound) {
				*failed = store.Translate(err)
			}
			return "", false
		}
		return row.ID, true
	}
}

// writing is what surrounds a body at an object, or at what one is made in;
// failed becomes what kept the store from answering.
func (d *DB) writing(tx *gorm.DB, s *spot, failed *error) gever.Writing {
	return gever.Writing{
		Now: d.Now(), User: s.user, Roles: s.roles, KnownUser: known(tx, failed), KnownGroup: knownGroup(tx, failed), Inherited: s.inherited,
	}
}

// user finds an active user by a column, "login" or "id"; nil when there is
// none.
func (d *DB) user(ctx context.Context, column, value string) (*userRow, error) {
	return d.users.get(d.Now(), column+" "+value, func() (*userRow, error) {
		var row userRow
		res := d.DB.Reader(ctx).Where(column+" = ?", value).Limit(1).Find(&row)
		if res.Error != nil || res.RowsAffected == 0 || !row.Active {
			return nil, store.Translate(res.Error)
		}
		return &row, nil
	})
}

// Authenticate takes a login name and a password; NoCredential when they are
// not somebody's.
func (d *DB) Authenticate(ctx context.Context, login, password string) (User, error) {
	row, err := d.user(ctx, "login", login)
	if err != nil {
		return User{}, err
	}
	hash := ""
	if row != nil {
		hash = row.Hash
	}
	ok, err := d.Passwords.Verify(ctx, hash, password)
	if err != nil {
		return User{}, err
	}
	if !ok {
		return User{}, fault.New(fault.Unauthenticated, fault.NoCredential, "")
	}
	return userOf(row), nil
}

// Login gives a token for a login name and a password, and says whose it is.
// NoCredentials when one of them is missing, WrongCredentials when they are not
// somebody's.
func (d *DB) Login(ctx context.Context, login, password string) (string, User, error) {
	u, err := d.loggedIn(ctx, login, password)
	if err != nil {
		return "", User{}, err
	}
	token, err := d.sign(ctx, u.ID, "", TokenLife)
	return token, u, err
}

// loggedIn is whose name and password these are.
//
// Faults: NoCredentials, WrongCredentials.
func (d *DB) loggedIn(ctx context.Context, login, password string) (User, error) {
	if login == "" || password == "" {
		return User{}, fault.New(fault.Invalid, gever.NoCredentials, "Login and password must be provided in body.")
	}
	u, err := d.Authenticate(ctx, login, password)
	if err != nil && fault.ReasonOf(err) == fault.NoCredential {
		return User{}, fault.New(fault.Unauthenticated, gever.WrongCredentials, "Wrong login and/or password.")
	}
	return u, err
}
