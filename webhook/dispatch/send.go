package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/webhook"
)

const (
	dialTimeout = 10 * time.Second
	maxHeader   = 16 << 10 // bytes of a response
	maxBody     = 16 << 10 // bytes of a response that are read, so that the connection can be used again

	testType = "web_hook.test"
)

// A message is the body of a request.
type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      any       `json:"data"`
}

// newClient makes a client that follows no redirects, uses no proxy, and connects
// to public addresses only, unless the host is allowed. What counts is the address
// that is connected to: a name can have another one each time it is asked for.
func newClient(allows func(host string) bool, idle int) *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: dialTimeout, Control: refusePrivate}
		if host, _, err := net.SplitHostPort(address); err == nil && allows(host) {
			dialer.Control = nil
		}
		return dialer.DialContext(ctx, network, address)
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dial, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout,
			MaxIdleConnsPerHost: idle, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: maxHeader, DisableCompression: true,
		},
	}
}

func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && !webhook.IsPublic(to.Addr()) {
		err = fmt.Errorf("%s is not a public address; web-hook-allow can allow the host", to.Addr())
	}
	return err
}

// send sends the event of a delivery. An error is not the receiver's fault.
func (d *Dispatcher) send(hook webhook.Hook, delivery webhook.Delivery) (webhook.Answer, error) {
	ctx, cancel := context.WithTimeout(d.sending, d.o.Timeout)
	defer cancel()
	e, err := d.hooks.Event(ctx, delivery)
	if err != nil {
		return webhook.Answer{}, err
	}
	data, err := d.o.Data(ctx, e)
	if err != nil {
		return webhook.Answer{}, err
	}
	id := "evt_" + event.Cursor{Position: e.Position, At: e.At}.String()
	answer, err := d.post(ctx, hook, id, message{string(e.Type), e.At, data})
	if d.sending.Err() != nil {
		err = d.sending.Err()
	}
	return answer, err
}

// Test sends a message of the type "web_hook.test", whether or not the hook is
// enabled, and returns what came of it. It is not tried again.
func (d *Dispatcher) Test(ctx context.Context, hook webhook.Hook) (webhook.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, d.o.Timeout)
	defer cancel()
	return d.post(ctx, hook, "test_"+uuid.NewString(), message{testType, time.Now().UTC(), struct{}{}})
}

func (d *Dispatcher) post(ctx context.Context, hook webhook.Hook, id string, m message) (webhook.Answer, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return webhook.Answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return webhook.Answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "signup")
	for name, value := range hook.Headers(id, time.Now(), body) {
		req.Header.Set(name, value)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return webhook.Answer{Text: d.failure(err)}, nil
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxBody)
	return answerOf(resp, time.Now()), nil
}

// failure says why there was no response, without the URL: it may have a secret
// in its path.
func (d *Dispatcher) failure(err error) string {
	var of *url.Error
	if errors.As(err, &of) {
		if of.Timeout() {
			return "no answer within " + d.o.Timeout.String()
		}
		err = of.Err
	}
	return err.Error()
}

func answerOf(resp *http.Response, now time.Time) webhook.Answer {
	a := webhook.Answer{Status: resp.StatusCode, Text: fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		a.Text += "; redirects are not followed"
	}
	after := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(after, 10, 31); err == nil {
		a.RetryAfter = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		a.RetryAfter = max(0, at.Sub(now))
	}
	return a
}
