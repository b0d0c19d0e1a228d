package web

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/identity"
)

// A Gallery shows every letter in every language at /dev/letters, to this
// machine only. It is looked at beside an Inbox.
type Gallery struct {
	Languages []string // tags, BCP 47

	// Letter writes a sample. It fails only by a fault of its own.
	Letter func(kind signup.MailKind, language string) (signup.Text, error)
}

func (s *server) routeGallery(mux *http.ServeMux) {
	mux.HandleFunc("GET /dev/letters", s.local(s.lettersPage))
	mux.HandleFunc("GET /dev/letters/{kind}/{language}", s.local(s.letterHTML))
}

// A galleryView is one language, or one kind in all languages.
type galleryView struct {
	Kinds     []signup.MailKind
	Languages []languageName
	Kind      signup.MailKind // "" for all of a language
	Language  string          // "" for all of a kind
	Letters   []shownLetter
}

type shownLetter struct {
	Kind     signup.MailKind
	Language languageName
	signup.Text
}

// lettersPage shows all kinds in ?lang=, or ?kind= in all languages.
func (s *server) lettersPage(w http.ResponseWriter, r *http.Request) {
	g := s.Gallery
	v := &galleryView{
		Kinds: mailKinds(), Languages: each(g.Languages, nameOfLanguage),
		Kind: signup.MailKind(r.URL.Query().Get("kind")), Language: r.URL.Query().Get("lang"),
	}
	kinds, languages := mailKinds(), g.Languages
	if v.Kind != "" {
		kinds = []signup.MailKind{v.Kind}
	}
	if v.Language == "" && v.Kind == "" {
		v.Language = identity.DefaultLanguage
	}
	if v.Language != "" {
		languages = []string{v.Language}
	}
	for _, kind := range kinds {
		for _, language := range languages {
			text, ok := s.sampleLetter(w, r, kind, language)
			if !ok {
				return
			}
			v.Letters = append(v.Letters, shownLetter{kind, nameOfLanguage(language), text})
		}
	}
	w.Header().Set("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	s.show(w, http.StatusOK, "letters", view{Title: "Letters", Gallery: v})
}

// sampleLetter writes one, or answers that there is none.
func (s *server) sampleLetter(w http.ResponseWriter, r *http.Request, kind signup.MailKind, language string) (signup.Text, bool) {
	if !slices.Contains(mailKinds(), kind) || !slices.Contains(s.Gallery.Languages, language) {
		s.notFound(w, r)
		return signup.Text{}, false
	}
	text, err := s.Gallery.Letter(kind, language)
	if err != nil {
		s.fail(w, r, s.problemOf(r.Context(), fmt.Errorf("sample letter: %w", err)))
		return signup.Text{}, false
	}
	return text, true
}

func (s *server) letterHTML(w http.ResponseWriter, r *http.Request) {
	text, ok := s.sampleLetter(w, r, signup.MailKind(r.PathValue("kind")), r.PathValue("language"))
	if !ok {
		return
	}
	writeLetter(w, text)
}

// writeLetter answers with the HTML of a letter, for a frame.
func writeLetter(w http.ResponseWriter, text signup.Text) {
	w.Header().Set("Content-Security-Policy", letterPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(outOfFrame([]byte(WithImage(text))))
}

// WithImage is the HTML of a letter with the image that travels beside it put
// into it, as a browser needs it.
func WithImage(text signup.Text) string {
	if text.Inline == nil {
		return text.HTML
	}
	data := "data:" + text.Inline.Type + ";base64," + base64.StdEncoding.EncodeToString(text.Inline.Data)
	return strings.ReplaceAll(text.HTML, "cid:"+text.Inline.ID, data)
}
