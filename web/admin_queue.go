package web

import (
	"net/http"
	"strings"
)

// queuePath is where the queue's own pages are.
const queuePath = adminPath + "/queue"

// queuePolicy lets those pages load the fonts that lie beside them, too.
const queuePolicy = helpedPolicy + "; font-src 'self'"

// routeQueue puts the queue's pages behind the administrators' sign-in. They
// ask for news all the time: that must not keep a session alive.
func (s *server) routeQueue(mux *http.ServeMux) {
	mux.HandleFunc("GET "+queuePath+"/{$}", s.gate(s.Service.Session, (*adminRequest).queue))
	mux.HandleFunc(queuePath+"/", s.ours(s.gate(s.Service.PeekSession, (*adminRequest).queue)))
}

// queue hands the request over under the address that the pages know.
func (v *adminRequest) queue() {
	v.w.Header().Set("Content-Security-Policy", queuePolicy)
	r := v.r.Clone(v.r.Context())
	r.URL.Path = v.base + strings.TrimPrefix(r.URL.Path, v.base)
	r.URL.RawPath = ""
	v.Queue.ServeHTTP(v.w, r)
}
