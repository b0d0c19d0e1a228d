package signup

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/password"
	"github.com/signup-go/signup/refusal"
)

// Default lifetimes of a session; see Options.
const (
	defaultSessionIdle     = 2 * time.Hour
	defaultSessionLifetime = 7 * 24 * time.Hour
)

// seenResolution is the resolution of Session.SeenAt, so that not every request
// writes to the database.
const seenResolution = time.Minute

const maxAgentLength = 200 // characters

// A Session lets an administrator use the pages without sending the password each
// time. Only the hash of its token is stored. It works until ExpiresAt, which
// each use extends, and only while its user is an active administrator.
type Session struct {
	ID        string // a UUID
	UserID    int64
	TokenHash string // see Token.Hash
	Agent     string // the User-Agent at sign-in, truncated to 200 characters
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ExpiresAt time.Time // the session is expired from this instant on
}

func (s Session) expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// ActorUser returns the Actor for a user.
func ActorUser(id int64) Actor { return Actor("user:" + strconv.FormatInt(id, 10)) }

// UserID returns the ID of the user who acted, or 0 if the actor is not a user.
func (a Actor) UserID() int64 {
	digits, ok := strings.CutPrefix(string(a), "user:")
	id, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return id
}

// errSignInRefused makes SignIn call refuseSignIn, which records the attempt and
// returns the refusal.
var errSignInRefused = errors.New("sign-in refused")

func errNoSession() *refusal.Error { return refusal.New(refusal.Unauthorized, "Sign in first") }

// SignIn starts a session for an active administrator. The login is a username or
// an email address. All failed logins get the same refusal, refusal.Unauthorized,
// after the same amount of work; it can also refuse with refusal.Busy. The
// returned Token is the only copy. Successes and refusals are both recorded in
// the audit trail.
func (s *Service) SignIn(ctx context.Context, login, password, agent string) (Token, Session, error) {
	u, err := s.userOfLogin(ctx, login)
	if err != nil {
		return Token{}, Session{}, err
	}
	fresh, err := s.checkPassword(ctx, u, u.mayAdminister(), password)
	if errors.Is(err, errSignInRefused) {
		return Token{}, Session{}, s.refuseSignIn(ctx, u)
	}
	if err != nil {
		return Token{}, Session{}, err
	}
	token := NewToken()
	session, err := s.startSession(ctx, u, fresh, token, agent)
	if errors.Is(err, errSignInRefused) {
		return Token{}, Session{}, s.refuseSignIn(ctx, u)
	}
	return token, session, err
}

// userOfLogin returns the user with this username or the user who holds this
// address; the zero User if there is none.
func (s *Service) userOfLogin(ctx context.Context, login string) (User, error) {
	u, err := peek(ctx, s, func(r Reader) (User, error) {
		if email, refused := identity.ParseEmail(login); refused == nil {
			return r.UserByEmailKey(ctx, email.Key)
		}
		username, refused := identity.ParseUsername(login)
		if refused != nil {
			return User{}, ErrNotFound
		}
		return r.UserByUsernameKey(ctx, username.Key)
	})
	return u, ignoreNotFound(err)
}

// BrowserProof returns a value for a browser in which the user has signed in, to
// be sent with later sign-ins; see KnownBrowser. It does not replace the
// password, and changing the password invalidates it.
func (s *Service) BrowserProof(ctx context.Context, userID int64) (string, error) {
	u, err := peek(ctx, s, func(r Reader) (User, error) { return userByID(ctx, r, userID) })
	return u.browserProof(), err
}

// KnownBrowser reports whether proof shows that the user with this login has
// signed in from this browser before. Attempts from known browsers can be limited
// separately, so that strangers cannot use up an account's limit.
func (s *Service) KnownBrowser(ctx context.Context, login, proof string) (bool, error) {
	u, err := s.userOfLogin(ctx, login)
	return u.ID != 0 && hmac.Equal([]byte(proof), []byte(u.browserProof())), err
}

// browserProof is an HMAC keyed with the password hash: it cannot be forged
// without the hash and does not reveal it.
func (u User) browserProof() string {
	mac := hmac.New(sha256.New, []byte(u.PasswordHash))
	mac.Write([]byte("browser of user " + strconv.FormatInt(u.ID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (u User) mayAdminister() bool { return u.Role == RoleAdmin && u.Active() }

// checkPassword computes exactly one hash, also for a user who does not exist or
// may not sign in, so that the time taken does not reveal whether the account
// exists. It returns a new hash when the stored one was made with other parameters
// or by another system, whose hashes may take another time.
func (s *Service) checkPassword(ctx context.Context, u User, may bool, typed string) (fresh password.Hash, err error) {
	if len(typed) > password.MaxBytes {
		return "", errSignInRefused
	}
	ctx = password.AtLogIn(ctx)
	if !may || u.PasswordHash == "" {
		if _, err := s.o.Hasher.Hash(ctx, typed); err != nil {
			return "", err
		}
		return "", errSignInRefused
	}
	ok, outdated, err := s.o.Hasher.Verify(ctx, u.PasswordHash, typed)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", errSignInRefused
	case outdated:
		return s.o.Hasher.Hash(ctx, typed)
	default:
		return "", nil
	}
}

// refuseSignIn records the attempt, in the same way for every login.
func (s *Service) refuseSignIn(ctx context.Context, u User) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		return s.record(ctx, tx, ActorPerson, event.SessionRefused, u.ID, nil)
	})
	if err != nil {
		return err
	}
	return refusal.New(refusal.Unauthorized, "The name or password is wrong, or the account is not an administrator")
}

func (s *Service) startSession(ctx context.Context, u User, fresh password.Hash, token Token, agent string) (Session, error) {
	id, err := s.newID()
	if err != nil {
		return Session{}, err
	}
	now := s.now()
	session := Session{
		ID: id, UserID: u.ID, TokenHash: token.Hash(), Agent: agentText(agent), CreatedAt: now, SeenAt: now,
	}
	session.ExpiresAt = s.sessionEnd(session)
	return session, s.store.Update(ctx, func(tx Tx) error {
		u, err := holdSignIn(ctx, tx, u, fresh)
		if err != nil {
			return err
		}
		if !u.mayAdminister() {
			return errSignInRefused
		}
		if err := tx.CreateSession(ctx, session); err != nil {
			return err
		}
		return s.record(ctx, tx, ActorUser(u.ID), event.SessionStarted, u.ID, nil)
	})
}

// agentText keeps the printable characters of a User-Agent.
func agentText(agent string) string {
	shown := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(agent, ""))
	if runes := []rune(shown); len(runes) > maxAgentLength {
		return string(runes[:maxAgentLength])
	}
	return shown
}

// sessionEnd returns when the session expires if it is not used again.
func (s *Service) sessionEnd(session Session) time.Time {
	idle, last := session.SeenAt.Add(s.o.SessionIdle), session.CreatedAt.Add(s.o.SessionLifetime)
	if idle.After(last) {
		return last
	}
	return idle
}

// Session returns the session with this token and its user, an active
// administrator, and records the use. Otherwise it refuses with
// refusal.Unauthorized. If the user is no longer an active administrator, it ends
// all their sessions.
func (s *Service) Session(ctx context.Context, token string) (Session, User, error) {
	session, u, err := s.PeekSession(ctx, token)
	if err != nil {
		return Session{}, User{}, err
	}
	return s.touch(ctx, session, u)
}

// PeekSession is like Session, for requests that a page makes on its own: they do
// not count as use.
func (s *Service) PeekSession(ctx context.Context, token string) (Session, User, error) {
	t, ok := ParseToken(token)
	if !ok {
		return Session{}, User{}, errNoSession()
	}
	var session Session
	var u User
	err := s.store.Peek(ctx, func(r Reader) (err error) {
		if session, err = r.SessionByHash(ctx, t.Hash()); err != nil {
			return err
		}
		u, err = r.User(ctx, session.UserID)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && session.expired(s.now()):
		return Session{}, User{}, errNoSession()
	case err != nil:
		return Session{}, User{}, err
	case !u.mayAdminister():
		return Session{}, User{}, s.endForGood(ctx, u)
	}
	return session, u, nil
}

func (s *Service) endForGood(ctx context.Context, u User) error {
	if _, err := s.As(ActorSystem).EndSessions(ctx, u.ID); err != nil {
		return err
	}
	return errNoSession()
}

func (s *Service) touch(ctx context.Context, session Session, u User) (Session, User, error) {
	now := s.now()
	if now.Sub(session.SeenAt) < seenResolution {
		return session, u, nil
	}
	session.SeenAt = now
	session.ExpiresAt = s.sessionEnd(session)
	err := s.store.Update(ctx, func(tx Tx) error { return tx.TouchSession(ctx, session) })
	if errors.Is(err, ErrNotFound) { // ended since
		return Session{}, User{}, errNoSession()
	}
	return session, u, err
}

// Sessions returns the sessions of a user that have not expired, newest first.
func (a Admin) Sessions(ctx context.Context, userID int64) ([]Session, error) {
	all, err := peek(ctx, a.s, func(r Reader) ([]Session, error) { return r.Sessions(ctx, userID) })
	return slices.DeleteFunc(all, func(session Session) bool { return session.expired(a.s.now()) }), err
}

// EndSession ends one session of a user. It does nothing if the session no longer
// exists.
func (a Admin) EndSession(ctx context.Context, userID int64, id string) error {
	return a.s.store.Update(ctx, func(tx Tx) error {
		n, err := tx.DeleteSessions(ctx, userID, id)
		if err != nil || n == 0 {
			return err
		}
		return a.s.record(ctx, tx, a.by, event.SessionEnded, userID, nil)
	})
}

// EndSessions ends all sessions of a user and returns their number.
func (a Admin) EndSessions(ctx context.Context, userID int64) (int, error) {
	n := 0
	err := a.s.store.Update(ctx, func(tx Tx) (err error) {
		n, err = a.s.endSessions(ctx, tx, userID, a.by)
		return err
	})
	return n, err
}

func (s *Service) endSessions(ctx context.Context, tx Tx, userID int64, by Actor) (int, error) {
	n, err := tx.DeleteSessions(ctx, userID, "")
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.record(ctx, tx, by, event.SessionEnded, userID, map[string]string{"sessions": strconv.Itoa(n)})
}
