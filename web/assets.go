package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static
var staticFiles embed.FS

const (
	patternAsset     = "GET /static/{name}"
	patternDocsAsset = "GET /static/docs/{name}"
)

// assets are the files that pages load, by name. Large ones are embedded
// compressed, as "name.gz".
type assets map[string]asset

type asset struct {
	mediaType string
	plain     []byte        // nil: zipped only
	zipped    func() []byte // returns nil: plain only
	version   string        // changes with the content
}

// embeddedAssets reads what a browser may load; licences and notices stay inside.
var embeddedAssets = sync.OnceValues(func() (assets, error) {
	out := assets{}
	err := fs.WalkDir(staticFiles, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(strings.TrimSuffix(file, ".gz"), "static/")
		mediaType := mediaTypeOf(name)
		if mediaType == "" {
			return nil
		}
		content, err := staticFiles.ReadFile(file)
		out[name] = newAsset(mediaType, content, strings.HasSuffix(file, ".gz"))
		return err
	})
	return out, err
})

func mediaTypeOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	default:
		return ""
	}
}

func newAsset(mediaType string, content []byte, zipped bool) asset {
	sum := sha256.Sum256(content)
	a := asset{mediaType: mediaType, version: hex.EncodeToString(sum[:6])}
	if zipped {
		a.zipped = func() []byte { return content }
		return a
	}
	a.plain = content
	a.zipped = sync.OnceValue(func() []byte { return zip(content) })
	return a
}

// zip returns nil if the content does not get smaller.
func zip(content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(content) // a bytes.Buffer takes all
	_ = z.Close()
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// url is the address of an asset below the base path. It changes with the
// content, so browsers may keep what they have.
func (as assets) url(name string) (string, error) {
	a, ok := as[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return "/static/" + name + "?v=" + a.version, nil
}

func (as assets) route(mux *http.ServeMux) {
	mux.HandleFunc(patternAsset, as.serve(""))
	mux.HandleFunc(patternDocsAsset, as.serve("docs/"))
}

func (as assets) serve(folder string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, ok := as[folder+r.PathValue("name")]
		if !ok {
			writeProblem(w, newProblem(http.StatusNotFound, codeNotFound, "There is no such file"))
			return
		}
		a.serve(w, r)
	}
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.mediaType)
	header.Set("Cache-Control", "public, max-age=86400")
	header.Set("ETag", `"`+a.version+`"`)
	header.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == `"`+a.version+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if zipped := a.zipped(); zipped != nil {
			header.Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped)
			return
		}
	}
	if a.plain == nil {
		unzip(w, a.zipped())
		return
	}
	_, _ = w.Write(a.plain)
}

func unzip(w io.Writer, zipped []byte) {
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		panic(err) // the file is embedded
	}
	_, _ = io.Copy(w, z) // fails when the client goes away
}
