package web

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"github.com/signup-go/signup/internal/words"
)

//go:embed lang/*.yaml
var catalogueFiles embed.FS

// A translator says what the pages say, in one language.
type translator struct {
	words words.Words // copied for each sentence: it keeps the last fault
	said  *sync.Map   // id to sentence, of those that name nothing that changes
}

func (tr translator) lang() string { return tr.words.Tag.String() }

func (tr translator) dir() string {
	w := tr.words
	return w.Dir()
}

// say is a sentence; pairs are the names and values of its placeholders.
func (tr translator) say(id string, pairs ...any) (string, error) {
	if said, ok := tr.said.Load(id); ok && len(pairs) == 0 {
		return said.(string), nil //nolint:errcheck // it holds nothing else
	}
	w := tr.words
	said := w.Fill(id, tr.with(pairs))
	if len(pairs) == 0 && w.Err == nil {
		tr.said.Store(id, said)
	}
	return said, w.Err
}

// count is a sentence in the plural form of a number.
func (tr translator) count(id string, n int, pairs ...any) (string, error) {
	w := tr.words
	said := w.CountFill(id, int64(n), tr.with(pairs))
	return said, w.Err
}

// span is a length of time in words.
func (tr translator) span(d time.Duration) (string, error) {
	w := tr.words
	said := w.Duration(d)
	return said, w.Err
}

// moment is a point in time, in UTC.
func (tr translator) moment(t time.Time) (string, error) {
	w := tr.words
	said := w.Moment(t)
	return said, w.Err
}

func (tr translator) with(pairs []any) map[string]any {
	if len(pairs) == 0 {
		return tr.words.Data
	}
	return named(maps.Clone(tr.words.Data), pairs)
}

// named adds to data what pairs of name and value give.
func named(data map[string]any, pairs []any) map[string]any {
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return data
}

// phrase is a sentence in the reader's language; pairs as for say.
func (s *server) phrase(w http.ResponseWriter, r *http.Request, id string, pairs ...any) string {
	said, err := s.pages.translator(s.choose(w, r)).say(id, pairs...)
	if err != nil {
		panic(err) // English has every sentence
	}
	return said
}

// funcs are what templates say in this language.
func (tr translator) funcs() template.FuncMap {
	return template.FuncMap{
		"lang": tr.lang, "dir": tr.dir, "say": tr.say, "count": tr.count, "span": tr.span, "moment": tr.moment, "clock": clock, "wrong": tr.wrong, "label": tr.label,
	}
}

// clock is a length of time as minutes and seconds, rounded up.
func clock(d time.Duration) string {
	seconds := (d + time.Second - 1) / time.Second
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

const (
	languageParam  = "lang" // of the switch that every page has
	languageMemory = 365 * 24 * time.Hour
)

// choose finds the language of the pages that answer a request: the one just
// chosen, else the remembered one, else what the browser asks for, else
// English. A choice is remembered.
func (s *server) choose(w http.ResponseWriter, r *http.Request) string {
	if tag := s.chosenNow(r); tag != "" {
		http.SetCookie(w, s.cookie(languageCookie, tag, languageMemory))
		return tag
	}
	if tag := s.remembered(r); tag != "" {
		return tag
	}
	return s.pages.catalogue.For(wanted(r)).Tag.String()
}

// wants is what somebody chose, and then what the browser asks for.
func (s *server) wants(r *http.Request) []language.Tag {
	if tag := cmp.Or(s.chosenNow(r), s.remembered(r)); tag != "" {
		return append([]language.Tag{language.Make(tag)}, wanted(r)...)
	}
	return wanted(r)
}

// chosenNow is the language that the switch asks for, "" for none.
func (s *server) chosenNow(r *http.Request) string {
	tag := r.URL.Query().Get(languageParam)
	if !s.speaks(tag) {
		return ""
	}
	return tag
}

// remembered is the language that was chosen before, "" for none.
func (s *server) remembered(r *http.Request) string {
	c, err := r.Cookie(s.cookieName(languageCookie))
	if err != nil || !s.speaks(c.Value) {
		return ""
	}
	return c.Value
}

func (s *server) speaks(tag string) bool {
	return slices.ContainsFunc(s.pages.languages, func(l languageName) bool { return l.Tag == tag })
}

// Names of cookies, before what cookieName puts in front.
const (
	languageCookie = "signup-lang"
	ticketCookie   = "signup-ticket"
)

// cookie is for this host alone.
func (s *server) cookie(name, value string, lifetime time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(lifetime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.BaseURL.Scheme == "https",
	}
}

// cookieName adds the prefix with which browsers refuse a cookie that another
// host sets. It demands TLS and the path "/", whatever the base URL's path.
func (s *server) cookieName(name string) string {
	if s.BaseURL.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

// A switcher leads to the same page in another language.
type switcher struct {
	Action    string // the page's path below the base path
	Token     string // that the page was opened with, or ""
	Languages []languageName
}

// switchable are the pages that can be asked for again in another language,
// by the pattern of what leads to them.
func switchable(pattern string) string {
	method, path, _ := strings.Cut(pattern, " ")
	switch {
	case pattern == "POST /verify-email/resend":
		return "/resend"
	case pattern == "POST /status/resend":
		return statusPath
	case method == "GET" && strings.Contains(path, "{"):
		return "/"
	case path == "":
		return "/"
	default:
		return path
	}
}

// The names of before, for wrong.go and the test of the catalogues.
