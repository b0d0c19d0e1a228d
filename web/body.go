package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

const (
	maxBody     = 64 << 10 // bytes
	bodyTimeout = 10 * time.Second
)

// readJSON is the middleware of every operation with a body. It lets pass what
// is JSON, in form, size and encoding, before anybody looks into it. huma's own
// reader would answer 422 to another media type and 500 to a broken connection.
func (s *server) readJSON(optional bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		_ = ctx.SetReadDeadline(time.Now().Add(bodyTimeout)) // not every connection has one
		body, problem := readBody(ctx, optional)
		if problem != nil {
			writeHumaProblem(ctx, problem)
			return
		}
		next(bodyContext{ctx, bytes.NewReader(body)})
	}
}

// A bodyContext is a huma.Context whose body has been read.
type bodyContext struct {
	humaContext
	body io.Reader
}

type humaContext huma.Context

func (c bodyContext) BodyReader() io.Reader { return c.body }

// Header spells the media type, which has been judged, as huma knows it.
func (c bodyContext) Header(name string) string {
	if name == "Content-Type" {
		return "application/json"
	}
	return c.humaContext.Header(name)
}

func (c bodyContext) Unwrap() huma.Context { return c.humaContext }

func writeHumaProblem(ctx huma.Context, p *Problem) {
	for name := range p.headers {
		ctx.SetHeader(name, p.headers.Get(name))
	}
	ctx.SetHeader("Content-Type", problemType)
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // fails when the client goes away
}

func readBody(ctx huma.Context, optional bool) ([]byte, *Problem) {
	if n, err := strconv.ParseInt(ctx.Header("Content-Length"), 10, 64); err == nil && n > maxBody {
		return nil, tooLarge()
	}
	if encoding := ctx.Header("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, newProblem(http.StatusUnsupportedMediaType, codeMediaType, "The body must not be compressed")
	}
	isJSON := isJSONType(ctx.Header("Content-Type"))
	if !isJSON && !optional {
		return nil, notJSON()
	}
	body, problem := readAll(ctx.BodyReader())
	switch {
	case problem != nil:
		return nil, problem
	case optional && len(body) == 0:
		return nil, nil
	case !isJSON:
		return nil, notJSON()
	}
	return body, checkJSON(body)
}

func tooLarge() *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, "The body must have at most 64 KiB").with("Connection", "close")
}

func notJSON() *Problem {
	return newProblem(http.StatusUnsupportedMediaType, codeMediaType, "The body must be application/json")
}

func isJSONType(header string) bool {
	mediaType, params, err := mime.ParseMediaType(header)
	if err != nil || mediaType != "application/json" {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

func readAll(r io.Reader) ([]byte, *Problem) {
	if r == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	switch {
	case len(body) > maxBody:
		return nil, tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, newProblem(http.StatusRequestTimeout, codeTimeout, "The body did not arrive in time").with("Connection", "close")
	case err != nil:
		return nil, malformed("The body broke off")
	}
	return body, nil
}

func malformed(detail string) *Problem {
	return newProblem(http.StatusBadRequest, codeMalformed, detail)
}

func checkJSON(body []byte) *Problem {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return malformed("The body is empty")
	case !utf8.Valid(body):
		return malformed("The body must be UTF-8")
	case !json.Valid(body):
		return malformed("The body is not valid JSON")
	case !cleanEscapes(body):
		return malformed("The body has a string that is no text: half a surrogate pair, or NUL")
	}
	return nil
}

// cleanEscapes reports whether the \u escapes of valid JSON make text.
// encoding/json would put U+FFFD in the place of half a surrogate pair, so two
// passwords that differ would become one.
func cleanEscapes(body []byte) bool {
	for i := bytes.IndexByte(body, '\\'); i >= 0 && i < len(body); {
		if body[i] != '\\' {
			i++
			continue
		}
		if body[i+1] != 'u' {
			i += 2
			continue
		}
		r := escaped(body[i:])
		i += 6
		if utf16.IsSurrogate(r) {
			if utf16.DecodeRune(r, escaped(body[i:])) == utf8.RuneError {
				return false
			}
			i += 6
		}
		if r == 0 {
			return false
		}
	}
	return true
}

// escaped is the code unit of the \u escape that b starts with, or -1.
func escaped(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
