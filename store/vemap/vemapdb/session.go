package vemapdb

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/mail"
	"loket/store/outbox"
	"loket/store/vemap"
)

// Login is what a login, a challenge, or a refresh gives: either tokens, or the
// Session of a challenge.
type Login struct {
	IDToken, AccessToken, RefreshToken string
	Tenants                            map[string][]vemap.Role
	Logo                               *Link  // nil: no tenant of the user has one
	Session                            string // a challenge is due; all else is empty
}

// Kinds of attempt.
const (
	loginFailure = "login"
	codeRequest  = "code"
)

// Login checks e-mail address and password (4.1). Unauthenticated, always with
// the same words and after the same work, when they do not fit or a temporary
// password has run out; Limited after five failures in a quarter of an hour,
// whether the address is known or not.
func (d *DB) Login(ctx context.Context, email, password string) (Login, error) {
	if err := d.ready(ctx); err != nil {
		return Login{}, err
	}
	now := d.Now()
	subject := attemptSubject(email)
	if err := tooMany(d.DB.Reader(ctx), loginFailure, subject, now, vemap.LoginFailures, vemap.LoginWindow); err != nil {
		return Login{}, err
	}
	user, err := d.userByEmail(d.DB.Reader(ctx), email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Login{}, err
	}
	hash := ""
	if user != nil {
		hash = user.PasswordHash
	}
	matches, err := d.Hasher.Verify(ctx, hash, password)
	if err != nil {
		return Login{}, err
	}
	if matches && user.Temporary && now.Sub(user.PasswordAt.Time) > vemap.TemporaryLifetime {
		matches = false
	}
	var out Login
	refused := false
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		// Asked again, one after another: of many who guess at once, those behind
		// the fifth failure learn nothing.
		if err := queueUp(tx, loginFailure+subject); err != nil {
			return err
		}
		if err := tooMany(tx, loginFailure, subject, now, vemap.LoginFailures, vemap.LoginWindow); err != nil {
			return err
		}
		if !matches {
			refused = true
			return note(tx, loginFailure, subject, now, vemap.LoginWindow)
		}
		refused = false
		if err := tx.Where("kind = ? AND subject = ?", loginFailure, subject).Delete(&attemptRow{}).Error; err != nil {
			return err
		}
		out, err = d.begin(tx, user, now)
		return err
	})
	if err == nil && refused {
		err = vemap.RefusedLogin()
	}
	return out, err
}

// begin opens a challenge for a temporary password, else a session.
func (d *DB) begin(tx *gorm.DB, user *userRow, now time.Time) (Login, error) {
	// The user may have gone, or got another password, since he was read.
	fresh, err := store.First[userRow](store.Lock(tx), "id = ?", user.ID)
	if err != nil || fresh.PasswordHash != user.PasswordHash {
		if err == nil || fault.KindOf(err) == fault.NotFound {
			return Login{}, vemap.RefusedLogin()
		}
		return Login{}, err
	}
	if fresh.Temporary {
		return d.challenge(tx, fresh, now)
	}
	return d.openSession(tx, fresh, now)
}

func (d *DB) challenge(tx *gorm.DB, user *userRow, now time.Time) (Login, error) {
	r := challengeRow{ID: d.id(vemap.PrefixSession), UserID: user.ID, ExpiresAt: store.At(now.Add(vemap.ChallengeLifetime))}
	if err := tx.Where("user_id = ? AND expires_at < ?", user.ID, store.At(now)).Delete(&challengeRow{}).Error; err != nil {
		return Login{}, err
	}
	if err := tx.Create(&r).Error; err != nil {
		return Login{}, err
	}
	c := vemap.Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: user.ID, ID: r.ID}, Kind: vemap.SessionToken}
	token, err := vemap.Sign(d.keys.token, c, now, vemap.ChallengeLifetime)
	return Login{Session: token}, err
}

func (d *DB) openSession(tx *gorm.DB, user *userRow, now time.Time) (Login, error) {
	if err := tx.Where("user_id = ? AND expires_at < ?", user.ID, store.At(now)).Delete(&sessionRow{}).Error; err != nil {
		return Login{}, err
	}
	s := sessionRow{ID: d.id(vemap.PrefixSession), UserID: user.ID, ExpiresAt: store.At(now.Add(vemap.RefreshLifetime))}
	if err := tx.Create(&s).Error; err != nil {
		return Login{}, err
	}
	out, err := d.tokens(tx, user, s.ID, now)
	if err != nil {
		return Login{}, err
	}
	out.RefreshToken, err = vemap.Sign(d.keys.token, d.claims(user, s.ID, vemap.RefreshToken), now, vemap.RefreshLifetime)
	return out, err
}

func (d *DB) claims(user *userRow, session string, kind vemap.TokenKind) vemap.Claims {
	return vemap.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: user.ID, ID: d.id("jti")}, Kind: kind, SessionID: session,
	}
}

// tokens makes an id and an access token, with the tenants and the logo.
func (d *DB) tokens(tx *gorm.DB, user *userRow, session string, now time.Time) (Login, error) {
	var ms []membershipRow
	if err := tx.Where("user_id = ?", user.ID).Order("tenant_id").Find(&ms).Error; err != nil {
		return Login{}, err
	}
	out := Login{Tenants: make(map[string][]vemap.Role, len(ms))}
	for _, m := range ms {
		out.Tenants[m.TenantID] = []vemap.Role{vemap.Role(m.Role)}
	}
	id := d.claims(user, session, vemap.IDToken)
	id.Email, id.Name, id.Tenants = user.Email, user.Name, out.Tenants
	var err1, err2, err3 error
	out.IDToken, err1 = vemap.Sign(d.keys.token, id, now, vemap.AccessLifetime)
	out.AccessToken, err2 = vemap.Sign(d.keys.token, d.claims(user, session, vemap.AccessToken), now, vemap.AccessLifetime)
	out.Logo, err3 = d.logoOf(tx, user.ID, now)
	return out, errors.Join(err1, err2, err3)
}

// logoOf is the logo of the user's first tenant, in the order of ids, that has
// one (4.1).
func (d *DB) logoOf(tx *gorm.DB, userID string, now time.Time) (*Link, error) {
	var found []fileRow
	err := tx.Where("type = ? AND stored AND deleted_at IS NULL AND tenant_id IN (SELECT tenant_id FROM vemap_memberships WHERE user_id = ?)",
		vemap.TypeLogo, userID).Order("tenant_id, created_at, id").Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return nil, err
	}
	f, err := found[0].fromDB()
	if err != nil {
		return nil, err
	}
	return d.download(f, vemap.ActionView, now.Add(vemap.LogoLifetime)), nil
}

// Answer completes a challenge (operation 2): the Session and the username must
// be the user's (Unauthenticated), the password must obey the policy and be
// another than the temporary one (Invalid; the Session stays good). It works
// once, confirms the account, and ends the user's other sessions.
func (d *DB) Answer(ctx context.Context, session, username, password string) (Login, error) {
	if err := d.ready(ctx); err != nil {
		return Login{}, err
	}
	now := d.Now()
	c, err := vemap.Verify(d.keys.token, session, vemap.SessionToken, now)
	if err != nil {
		return Login{}, err
	}
	user, err := d.challenged(d.DB.Reader(ctx), c, username, now)
	if err != nil {
		return Login{}, err
	}
	if err := vemap.Invalid(vemap.PasswordFaults("/newPassword", password)...); err != nil {
		return Login{}, err
	}
	same, err := d.Hasher.Verify(ctx, user.PasswordHash, password)
	if err != nil {
		return Login{}, err
	}
	if same {
		return Login{}, vemap.Invalid(vemap.Field("/newPassword", "must differ from the temporary password"))
	}
	hash, err := d.Hasher.Hash(ctx, password)
	if err != nil {
		return Login{}, err
	}
	var out Login
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		user, err := d.challenged(store.Lock(tx), c, username, now)
		if err != nil {
			return err
		}
		if err := d.setPassword(tx, user, hash, now); err != nil {
			return err
		}
		out, err = d.openSession(tx, user, now)
		out.Logo = nil // the page shows none here (I5)
		return err
	})
	return out, err
}

// challenged finds the user of a Session that is still good.
func (d *DB) challenged(tx *gorm.DB, c vemap.Claims, username string, now time.Time) (*userRow, error) {
	tx = tx.Session(&gorm.Session{})
	_, err := store.First[challengeRow](tx, "id = ? AND user_id = ? AND expires_at > ?", c.ID, c.Subject, store.At(now))
	if err != nil {
		return nil, unauthorized(err)
	}
	user, err := store.First[userRow](tx, "id = ? AND email_key = ?", c.Subject, vemap.FoldEmail(username))
	return user, unauthorized(err)
}

func unauthorized(err error) error {
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return vemap.Unauthorized()
	}
	return err
}

// setPassword gives the user a password of his own and ends all that the old
// one opened.
func (d *DB) setPassword(tx *gorm.DB, user *userRow, hash string, now time.Time) error {
	user.PasswordHash, user.Temporary, user.PasswordAt = hash, false, store.At(now)
	if err := store.Update(tx, user); err != nil {
		return err
	}
	if err := tx.Where("user_id = ?", user.ID).Delete(&challengeRow{}).Error; err != nil {
		return err
	}
	if err := tx.Where("user_id = ?", user.ID).Delete(&codeRow{}).Error; err != nil {
		return err
	}
	return endSessions(tx, user.ID)
}

func endSessions(tx *gorm.DB, userID string) error {
	return tx.Where("user_id = ?", userID).Delete(&sessionRow{}).Error
}

// Refresh gives new id and access tokens for a refresh token; the refresh token
// stays the same (I7). Unauthenticated when its session has ended.
func (d *DB) Refresh(ctx context.Context, token string) (Login, error) {
	if err := d.ready(ctx); err != nil {
		return Login{}, err
	}
	now := d.Now()
	c, err := vemap.Verify(d.keys.token, token, vemap.RefreshToken, now)
	if err != nil {
		return Login{}, err
	}
	var out Login
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if _, err := store.First[sessionRow](tx, "id = ? AND user_id = ?", c.SessionID, c.Subject); err != nil {
			return unauthorized(err)
		}
		user, err := store.First[userRow](tx, "id = ?", c.Subject)
		if err != nil {
			return unauthorized(err)
		}
		out, err = d.tokens(tx, user, c.SessionID, now)
		out.RefreshToken = token
		return err
	})
	return out, err
}

// Logout ends the session of an account.
func (d *DB) Logout(ctx context.Context, a vemap.Account) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Where("id = ? AND user_id = ?", a.SessionID, a.UserID).Delete(&sessionRow{}).Error
	})
}

// Account is the user behind an access token, with his roles as they are now;
// Unauthenticated when the token does not count or its session has ended.
func (d *DB) Account(ctx context.Context, token string) (vemap.Account, error) {
	if err := d.ready(ctx); err != nil {
		return vemap.Account{}, err
	}
	c, err := vemap.Verify(d.keys.token, token, vemap.AccessToken, d.Now())
	if err != nil {
		return vemap.Account{}, err
	}
	var found []struct {
		Name, Email    string
		TenantID, Role *string
	}
	err = d.DB.Reader(ctx).Raw(`SELECT u.name, u.email, m.tenant_id, m.role
		FROM vemap_sessions s JOIN vemap_users u ON u.id = s.user_id LEFT JOIN vemap_memberships m ON m.user_id = u.id
		WHERE s.id = ? AND s.user_id = ?`, c.SessionID, c.Subject).Scan(&found).Error
	if err != nil {
		return vemap.Account{}, store.Translate(err)
	}
	if len(found) == 0 {
		return vemap.Account{}, vemap.Unauthorized()
	}
	a := vemap.Account{UserID: c.Subject, Name: found[0].Name, Email: found[0].Email, SessionID: c.SessionID, Tenants: make(map[string][]vemap.Role, len(found))}
	for _, f := range found {
		if f.TenantID != nil {
			a.Tenants[*f.TenantID] = append(a.Tenants[*f.TenantID], vemap.Role(value(f.Role)))
		}
	}
	return a, nil
}

// KnownTenant checks 4.2, step 5: NotFound for a tenant that is not there. Only
// who may act in every tenant can meet it.
func (d *DB) KnownTenant(ctx context.Context, id string) error {
	_, err := store.First[tenantRow](d.DB.Reader(ctx), "id = ?", id)
	return missing(err, "Tenant")
}

// ForgotPassword mails a confirmation code to a known and confirmed user, and
// does as much for an unknown one without anything coming of it. Limited after
// five requests of one address in an hour.
func (d *DB) ForgotPassword(ctx context.Context, email string) error {
	if err := d.ready(ctx); err != nil {
		return err
	}
	now := d.Now()
	subject := attemptSubject(email)
	return d.inTx(ctx, func(tx *gorm.DB) error {
		if err := queueUp(tx, codeRequest+subject); err != nil {
			return err
		}
		if err := tooMany(tx, codeRequest, subject, now, vemap.CodeRequests, vemap.CodeWindow); err != nil {
			return err
		}
		if err := note(tx, codeRequest, subject, now, vemap.CodeWindow); err != nil {
			return err
		}
		user, err := d.userByEmail(tx, email)
		if fault.ReasonOf(err) == fault.Missing || err == nil && user.Temporary {
			return nil
		}
		if err != nil {
			return err
		}
		return d.sendCode(tx, user, now)
	})
}

func (d *DB) sendCode(tx *gorm.DB, user *userRow, now time.Time) error {
	var b [8]byte
	if _, err := io.ReadFull(d.Entropy, b[:]); err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	code := vemap.Code(uint32(binary.BigEndian.Uint64(b[:]) % 1000000))
	r := codeRow{UserID: user.ID, CodeHMAC: d.codeHMAC(user.ID, code), ExpiresAt: store.At(now.Add(vemap.CodeLifetime))}
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return err
	}
	m := mail.Message{ID: d.id(vemap.PrefixMessage), To: user.Email, ToName: user.Name, QueuedAt: now}
	m.Subject, m.Text = vemap.ResetMail(user.Name, code)
	return d.queue(tx, outbox.Mail{API: API, Reference: user.ID, Message: m})
}

func (d *DB) codeHMAC(userID, code string) string {
	m := hmac.New(sha256.New, d.keys.code)
	m.Write([]byte(userID + "\n" + code))
	return hex.EncodeToString(m.Sum(nil))
}

// ResetPassword sets a new password with the newest confirmation code. Invalid
// for a password against the policy, a wrong code (five tries; also for an
// unknown user), and, in other words, one that has run out. Success uses the
// code up and ends all sessions.
func (d *DB) ResetPassword(ctx context.Context, email, code, password string) error {
	if err := d.ready(ctx); err != nil {
		return err
	}
	if err := vemap.Invalid(vemap.PasswordFaults("/password", password)...); err != nil {
		return err
	}
	hash, err := d.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	now := d.Now()
	var refused error
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		user, err := d.userByEmail(store.Lock(tx), email)
		if fault.ReasonOf(err) == fault.Missing {
			refused = wrongCode()
			return nil
		}
		if err != nil {
			return err
		}
		// A wrong guess is counted, so this transaction commits all the same.
		if refused, err = d.checkCode(tx, user.ID, code, now); err != nil || refused != nil {
			return err
		}
		return d.setPassword(tx, user, hash, now)
	})
	return errors.Join(err, refused)
}

func wrongCode() error { return fault.New(fault.Invalid, vemap.CodeWrong, "Invalid confirmation code") }

func (d *DB) checkCode(tx *gorm.DB, userID, code string, now time.Time) (refused, err error) {
	r, err := store.First[codeRow](tx, "user_id = ?", userID)
	if fault.ReasonOf(err) == fault.Missing {
		return wrongCode(), nil
	}
	if err != nil {
		return nil, err
	}
	if r.Tries >= vemap.CodeTries || !hmac.Equal([]byte(r.CodeHMAC), []byte(d.codeHMAC(userID, code))) {
		return wrongCode(), tx.Model(&codeRow{}).Where("user_id = ?", userID).Update("tries", r.Tries+1).Error
	}
	if !now.Before(r.ExpiresAt.Time) {
		return fault.New(fault.Invalid, vemap.CodeExpired, "The confirmation code has expired"), nil
	}
	return nil, nil
}

func (d *DB) userByEmail(tx *gorm.DB, email string) (*userRow, error) {
	return store.First[userRow](tx, "email_key = ?", vemap.FoldEmail(email))
}

// attemptSubject is what is kept of an address that somebody typed.
func attemptSubject(email string) string {
	sum := sha256.Sum256([]byte(vemap.FoldEmail(email)))
	return hex.EncodeToString(sum[:])
}

func tooMany(tx *gorm.DB, kind, subject string, now time.Time, most int64, window time.Duration) error {
	var n int64
	err := tx.Model(&attemptRow{}).Where("kind = ? AND subject = ? AND at > ?", kind, subject, store.At(now.Add(-window))).Count(&n).Error
	if err != nil {
		return store.Translate(err)
	}
	if n >= most {
		return vemap.TooMany(window)
	}
	return nil
}

// queueUp lets transactions about one thing that has no row of its own go one
// after another. On SQLite they do anyway.
func queueUp(tx *gorm.DB, thing string) error {
	if tx.Name() != store.Postgres {
		return nil
	}
	return tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "vemap "+thing).Error
}

// note counts an attempt, and forgets those of the same kind that no longer
// count.
func note(tx *gorm.DB, kind, subject string, now time.Time, window time.Duration) error {
	if err := tx.Where("kind = ? AND at <= ?", kind, store.At(now.Add(-window))).Delete(&attemptRow{}).Error; err != nil {
		return err
	}
	return tx.Create(&attemptRow{Kind: kind, Subject: subject, At: store.At(now)}).Error
}
