package geverdb

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/settings"
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
		at, err := store.First[objectRow](tx, "path = ?", n.Path)
		if err != nil {
			return err
		}
		for _, r := range n.Roles {
			err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&roleRow{ObjectID: at.ID, Principal: n.ID, Role: string(r)}).Error
			if err != nil {
				return store.Translate(err)
			}
		}
		return nil
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

// freshness is how old a user may be in the cache: another process may have
// changed his password.
const freshness = time.Second

// maxCached bounds the cache; strangers choose what is asked for.
const maxCached = 10_000

type cachedUser struct {
	row *userRow // nil: there is none
	at  time.Time
}

type userCache struct {
	mu    sync.Mutex
	found map[string]cachedUser // by column and value
}

// user finds an active user by a column, "login" or "id".
func (d *DB) user(ctx context.Context, column, value string) (*userRow, error) {
	now, key := d.Now(), column+" "+value
	d.users.mu.Lock()
	c, ok := d.users.found[key]
	d.users.mu.Unlock()
	if age := now.Sub(c.at); ok && age >= 0 && age < freshness {
		return c.row, nil
	}
	var row userRow
	res := d.DB.Reader(ctx).Where(column+" = ?", value).Limit(1).Find(&row)
	if res.Error != nil {
		return nil, store.Translate(res.Error)
	}
	c = cachedUser{at: now}
	if res.RowsAffected > 0 && row.Active {
		c.row = &row
	}
	d.users.mu.Lock()
	defer d.users.mu.Unlock()
	if len(d.users.found) >= maxCached {
		clear(d.users.found)
	}
	d.users.found[key] = c
	return c.row, nil
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

// TokenLife is how long a token of Login is good (gever.md 3.1).
const TokenLife = 12 * time.Hour

// keySetting is where the key of the tokens is kept.
const keySetting = "gever.jwt_key"

// Login gives a token for a login name and a password, and says whose it is.
// NoCredentials when one of them is missing, WrongCredentials when they are not
// somebody's.
func (d *DB) Login(ctx context.Context, login, password string) (string, User, error) {
	if login == "" || password == "" {
		return "", User{}, fault.New(fault.Invalid, gever.NoCredentials, "Login and password must be provided in body.")
	}
	u, err := d.Authenticate(ctx, login, password)
	if err != nil && fault.ReasonOf(err) == fault.NoCredential {
		return "", User{}, fault.New(fault.Unauthenticated, gever.WrongCredentials, "Wrong login and/or password.")
	}
	if err != nil {
		return "", User{}, err
	}
	key, err := d.tokenKey(ctx)
	if err != nil {
		return "", User{}, err
	}
	now := d.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: u.ID, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(TokenLife)),
	}).SignedString(key)
	return token, u, err
}

// Token tells whose a token of Login is.
func (d *DB) Token(ctx context.Context, token string) (User, error) {
	key, err := d.tokenKey(ctx)
	if err != nil {
		return User{}, err
	}
	var claims jwt.RegisteredClaims
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(d.Now), jwt.WithExpirationRequired())
	if errors.Is(err, jwt.ErrTokenExpired) {
		return User{}, fault.New(fault.Unauthenticated, gever.TokenExpired, "Access token expired")
	}
	if err != nil {
		return User{}, fault.Wrap(err, fault.Unauthenticated, fault.NoCredential, "")
	}
	row, err := d.user(ctx, "id", claims.Subject)
	if err != nil {
		return User{}, err
	}
	if row == nil {
		return User{}, fault.New(fault.Unauthenticated, fault.NoCredential, "")
	}
	return userOf(row), nil
}

// tokenKey is the store's key; it is made once.
func (d *DB) tokenKey(ctx context.Context) ([]byte, error) {
	d.key.mu.Lock()
	defer d.key.mu.Unlock()
	if d.key.key != nil {
		return d.key.key, nil
	}
	text, err := settings.Get(ctx, d.DB, keySetting)
	if err == nil && text == "" {
		var fresh [32]byte
		_, _ = rand.Read(fresh[:]) // never fails (crypto/rand)
		text, err = settings.Once(ctx, d.DB, keySetting, hex.EncodeToString(fresh[:]))
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	d.key.key = key
	return key, nil
}
