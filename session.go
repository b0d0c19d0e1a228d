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
)

// How long a session lasts when Options say nothing.
const (
	DefaultSessionIdle     = 2 * time.Hour
	DefaultSessionLifetime = 7 * 24 * time.Hour
)

// seenEvery is how exactly a session knows when it was last used, so that not
// every request writes.
const seenEvery = time.Minute

const maxAgentLength = 200 // characters

// A Session lets an administrator use the pages without the password. Only the
// hash of its token is kept. It works until ExpiresAt, which moves with its
// use, and for as long as its user is an active administrator.
type Session struct {
	ID        string // a UUID
	UserID    int64
	TokenHash string // see Token.Hash
	Agent     string // what the client called itself at sign-in, cut short
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	ExpiresAt time.Time // from this instant on it is over
}

func (s Session) expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// ActorUser is a user as the one who did something.
func ActorUser(id int64) Actor { return Actor("user:" + strconv.FormatInt(id, 10)) }

// UserID is the id of the user that did it; 0 when it was none.
func (a Actor) UserID() int64 {
	digits, ok := strings.CutPrefix(string(a), "user:")
	id, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return id
}

var (
	errSignInRefused = &Error{Code: CodeUnauthorized, Message: "Name or password is wrong, or this account is no administrator's"}
	errNoSession     = &Error{Code: CodeUnauthorized, Message: "Sign in first"}
)

// SignIn starts a session for an active administrator who knows the password.
// The login is a username or an e-mail address. Every other reason ends in the
// same refusal, CodeUnauthorized, after the same work; see also CodeBusy. The
// returned Token is the only copy. Both outcomes leave an audit event.
func (s *Service) SignIn(ctx context.Context, login, password, agent string) (Token, Session, error) {
	u, err := s.FindUser(ctx, login)
	if err != nil && !IsCode(err, CodeUserNotFound) {
		return Token{}, Session{}, err
	}
	fresh, err := s.checkPassword(ctx, u, password)
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

// BrowserProof is for a browser in which the user signed in, to show the next
// time; see KnownBrowser. It lets nobody in, and ends with the password.
func (s *Service) BrowserProof(ctx context.Context, userID int64) (string, error) {
	u, err := peek(ctx, s, func(r Reader) (User, error) { return userByID(ctx, r, userID) })
	return u.browserProof(), err
}

// KnownBrowser reports whether the login is that of a user who signed in with
// the browser that shows the proof: its attempts can be counted apart from
// those of strangers, who could otherwise use up what the account is allowed.
func (s *Service) KnownBrowser(ctx context.Context, login, proof string) (bool, error) {
	u, err := s.FindUser(ctx, login)
	if IsCode(err, CodeUserNotFound) {
		return false, nil
	}
	return hmac.Equal([]byte(proof), []byte(u.browserProof())), err
}

// browserProof can be made only by who knows the hash, and does not tell it.
func (u User) browserProof() string {
	mac := hmac.New(sha256.New, []byte(u.PasswordHash))
	mac.Write([]byte("browser of user " + strconv.FormatInt(u.ID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (u User) mayAdminister() bool { return u.Role == RoleAdmin && u.Active() }

// checkPassword does the work of one hash whoever u is. It returns a new hash
// when the stored one is of another cost.
func (s *Service) checkPassword(ctx context.Context, u User, password string) (fresh PasswordHash, err error) {
	if len(password) > MaxPasswordBytes {
		return "", errSignInRefused
	}
	if !u.mayAdminister() {
		if _, err := s.o.Hasher.Hash(ctx, password); err != nil {
			return "", err
		}
		return "", errSignInRefused
	}
	ok, outdated, err := s.o.Hasher.Verify(ctx, u.PasswordHash, password)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", errSignInRefused
	case outdated:
		return s.o.Hasher.Hash(ctx, password)
	default:
		return "", nil
	}
}

// refuseSignIn notes the attempt for every login alike.
func (s *Service) refuseSignIn(ctx context.Context, u User) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		return s.audit(ctx, tx, ActorPerson, "session.refused", u.ID, nil)
	})
	if err != nil {
		return err
	}
	return errSignInRefused
}

func (s *Service) startSession(ctx context.Context, u User, fresh PasswordHash, token Token, agent string) (Session, error) {
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
		now, err := tx.User(ctx, u.ID)
		if errors.Is(err, ErrNotFound) || err == nil && (!now.mayAdminister() || now.PasswordHash != u.PasswordHash) {
			return errSignInRefused
		}
		if err != nil {
			return err
		}
		if fresh != "" {
			now.PasswordHash = fresh
			if err := update(ctx, tx, &now); err != nil {
				return err
			}
		}
		if err := tx.CreateSession(ctx, session); err != nil {
			return err
		}
		return s.audit(ctx, tx, ActorUser(u.ID), "session.started", u.ID, nil)
	})
}

// agentText keeps what can be shown of what the client says it is.
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

// sessionEnd is when the session ends if it is not used again.
func (s *Service) sessionEnd(session Session) time.Time {
	idle, last := session.SeenAt.Add(s.o.SessionIdle), session.CreatedAt.Add(s.o.SessionLifetime)
	if idle.After(last) {
		return last
	}
	return idle
}

// Session returns the session with this token and its user, an active
// administrator, and notes that it was used. Otherwise it refuses with
// CodeUnauthorized; all sessions of somebody who is no longer an active
// administrator end for good.
func (s *Service) Session(ctx context.Context, token string) (Session, User, error) {
	session, u, err := s.PeekSession(ctx, token)
	if err != nil {
		return Session{}, User{}, err
	}
	return s.touch(ctx, session, u)
}

// PeekSession is Session for what a page does by itself: it does not count as
// use.
func (s *Service) PeekSession(ctx context.Context, token string) (Session, User, error) {
	t, ok := ParseToken(token)
	if !ok {
		return Session{}, User{}, errNoSession
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
		return Session{}, User{}, errNoSession
	case err != nil:
		return Session{}, User{}, err
	case !u.mayAdminister():
		return Session{}, User{}, s.endForGood(ctx, u)
	}
	return session, u, nil
}

func (s *Service) endForGood(ctx context.Context, u User) error {
	if _, err := s.EndSessions(ctx, u.ID, ActorSystem); err != nil {
		return err
	}
	return errNoSession
}

func (s *Service) touch(ctx context.Context, session Session, u User) (Session, User, error) {
	now := s.now()
	if now.Sub(session.SeenAt) < seenEvery {
		return session, u, nil
	}
	session.SeenAt = now
	session.ExpiresAt = s.sessionEnd(session)
	err := s.store.Update(ctx, func(tx Tx) error { return tx.TouchSession(ctx, session) })
	if errors.Is(err, ErrNotFound) { // ended meanwhile
		return Session{}, User{}, errNoSession
	}
	return session, u, err
}

// Sessions lists the sessions of a user that work, newest first.
func (s *Service) Sessions(ctx context.Context, userID int64) ([]Session, error) {
	all, err := peek(ctx, s, func(r Reader) ([]Session, error) { return r.Sessions(ctx, userID) })
	return slices.DeleteFunc(all, func(session Session) bool { return session.expired(s.now()) }), err
}

// EndSession ends one session of a user. One that is over is left alone.
func (s *Service) EndSession(ctx context.Context, userID int64, id string, by Actor) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteSession(ctx, userID, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "session.ended", userID, nil)
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// EndSessions ends all sessions of a user and returns how many.
func (s *Service) EndSessions(ctx context.Context, userID int64, by Actor) (int, error) {
	n := 0
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		n, err = s.endSessions(ctx, tx, userID, by)
		return err
	})
	return n, err
}

func (s *Service) endSessions(ctx context.Context, tx Tx, userID int64, by Actor) (int, error) {
	n, err := tx.DeleteSessions(ctx, userID)
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.audit(ctx, tx, by, "session.ended", userID, map[string]string{"sessions": strconv.Itoa(n)})
}

// DeleteExpiredSessions removes the sessions that are over, in short
// transactions, and returns how many.
func (s *Service) DeleteExpiredSessions(ctx context.Context) (int, error) {
	now := s.now()
	return s.inBites(ctx, func(tx Tx, limit int) (int, error) { return tx.DeleteExpiredSessions(ctx, now, limit) })
}
