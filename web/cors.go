package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/rs/cors"
)

// publicCalls are the paths of the API that need no key: what a sign-up form on
// another site calls.
var publicCalls = map[string]bool{
	apiPath + "/public/server_settings": true,
	apiPath + "/sign-up/request":        true,
	apiPath + "/sign-up/confirm":        true,
	apiPath + "/sign-up/resend":         true,
	apiPath + "/sign-up/status":         true,
	apiPath + "/password-reset":         true,
	apiPath + "/password-reset/confirm": true,
}

const preflightAge = 600 // seconds

// shareWith lets scripts of other origins read the answers of the public calls.
// A browser never sends cookies along: these calls take none.
func (s *server) shareWith(origins []string, h http.Handler) http.Handler {
	if len(origins) == 0 {
		return h
	}
	shared := cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Content-Type", "Authorization"},
		ExposedHeaders: []string{"Retry-After", "X-Request-Id"},
		MaxAge:         preflightAge,
	}).Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if publicCalls[r.URL.Path] || publicCalls[s.strip(r).URL.Path] {
			shared.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// CheckOrigin returns an error unless s is one origin as browsers send it, such as
// https://app.example.org: no path, no pattern, in lower case and without the
// default port.
func CheckOrigin(s string) error {
	u, err := url.Parse(s)
	if err != nil || !isWeb(u) || u.Hostname() == "" || !plainHost(u.Hostname()) || u.Scheme+"://"+u.Host != s ||
		u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
		return errors.New("must be origins such as https://app.example.org, without a path or the default port")
	}
	return nil
}

// plainHost reports whether a host is spelled as in the Origin header: lower-case
// ASCII, or an IPv6 address.
func plainHost(host string) bool {
	for _, r := range host {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != ':' {
			return false
		}
	}
	return true
}
