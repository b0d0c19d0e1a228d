package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/refusal"
	"github.com/signup-go/signup/signuptest"
	"github.com/signup-go/signup/webhook"
)

func TestPrivateAddressesAreNotPublic(t *testing.T) {
	t.Parallel()
	for _, private := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"100.64.0.1", "100.100.100.200", "169.254.1.1", "169.254.169.254", "168.63.129.16", "192.0.0.192", "192.0.2.1",
		"198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
		"3fff::1", "4000::1",
	} {
		if webhook.IsPublic(netip.MustParseAddr(private)) {
			t.Errorf("%s counts as public", private)
		}
	}
	for _, public := range []string{"1.1.1.1", "9.9.9.9", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"} {
		if !webhook.IsPublic(netip.MustParseAddr(public)) {
			t.Errorf("%s does not count as public", public)
		}
	}
	if webhook.IsPublic(netip.Addr{}) {
		t.Error("no address counts as public")
	}
}

func hooks(t *testing.T, allow ...string) *webhook.Hooks {
	s := signuptest.New(t)
	return webhook.New(s.Store, s.Service, webhook.Options{Allow: allow})
}

func TestURLsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := hooks(t, "10.0.0.5")
	for i, url := range []string{
		"", "app.example.org", "/hook", "ftp://app.example.org", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:app", "http://:80/",
		"https://user@app.example.org", "https://user:password@app.example.org/", "https://app.example.org/#x", "https://app.example.org/#",
		"http://127.0.0.1/", "http://10.0.0.6/", "http://[::1]:8080/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest", "https://" + strings.Repeat("a", 2000),
		"https://app.example.org/\n", "http://%zz/",
	} {
		_, err := h.Add(t.Context(), "test", webhook.Hook{Name: fmt.Sprintf("refused%d", i), URL: url})
		if r := refusal.Of(err); len(r) != 1 || r[0].Field != "url" || r[0].Code != refusal.Invalid {
			t.Errorf("%q: %v", url, err)
		}
	}
	for i, url := range []string{"https://app.example.org", "http://app.example.org:8080/a?b=c", "http://10.0.0.5/", "https://1.1.1.1/", "https://[2606:4700::1111]/"} {
		if _, err := h.Add(t.Context(), "test", webhook.Hook{Name: fmt.Sprintf("taken%d", i), URL: url}); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestWhatElseIsRefused(t *testing.T) {
	t.Parallel()
	h := hooks(t)
	for _, name := range []string{"", "Upper", "with space", "-hyphen", "ü", strings.Repeat("a", 64), "a/b"} {
		_, err := h.Add(t.Context(), "test", webhook.Hook{Name: name, URL: "https://app.example.org"})
		if r := refusal.Of(err); len(r) != 1 || r[0].Field != "name" {
			t.Errorf("name %q: %v", name, err)
		}
	}
	for _, name := range []event.Type{"", "user.unheard", event.SessionStarted} {
		_, err := h.Add(t.Context(), "test", webhook.Hook{Name: "app", URL: "https://app.example.org", Types: []event.Type{event.Active, name}})
		if r := refusal.Of(err); len(r) != 1 || r[0].Field != "types" {
			t.Errorf("type %q: %v", name, err)
		}
	}
	add := func() error {
		_, err := h.Add(t.Context(), "test", webhook.Hook{Name: "app", URL: "https://app.example.org"})
		return err
	}
	if err := add(); err != nil {
		t.Error(err)
	}
	if err := add(); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("the name again: %v", err)
	}
	for _, keep := range []time.Duration{-1, 721 * time.Hour} {
		if _, err := h.Rotate(t.Context(), "test", "app", keep); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("the old secret for %v: %v", keep, err)
		}
	}
}

func TestVerbsOnMissingHooks(t *testing.T) {
	t.Parallel()
	h, ctx := hooks(t), t.Context()
	for what, verb := range map[string]func() error{
		"Get":        func() error { return second(h.Get(ctx, "app")) },
		"Change":     func() error { return second(h.Change(ctx, "test", "app", nil, nil)) },
		"Remove":     func() error { return h.Remove(ctx, "test", "app") },
		"Enable":     func() error { return second(h.Enable(ctx, "test", "app")) },
		"Disable":    func() error { return second(h.Disable(ctx, "test", "app")) },
		"Rotate":     func() error { return second(h.Rotate(ctx, "test", "app", 0)) },
		"Retry":      func() error { return second(h.Retry(ctx, "test", "app")) },
		"Replay":     func() error { return second(h.Replay(ctx, "test", "app", time.Now())) },
		"Deliveries": func() error { return second(h.Deliveries(ctx, "app", webhook.Query{})) },
	} {
		if err := verb(); !refusal.Is(err, refusal.WebHookNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A secret cannot be printed by accident.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	h := hooks(t)
	hook, err := h.Add(context.Background(), "test", webhook.Hook{Name: "app", URL: "https://app.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	secret := hook.Secret.Reveal()
	if !strings.HasPrefix(secret, "whsec_") || len(secret) < 40 {
		t.Fatalf("a secret of %d characters", len(secret))
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("hook", "hook", hook, "secret", hook.Secret)
	encoded, err := json.Marshal(hook)
	for _, text := range []string{fmt.Sprint(hook), fmt.Sprintf("%+v %#v %s %q %x", hook, hook, hook.Secret, hook.Secret, hook.Secret), string(encoded), log.String()} {
		if strings.Contains(text, secret[6:]) || err != nil {
			t.Errorf("the secret is in %s (%v)", text, err)
		}
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + strings.Repeat("A", 88)} {
		if _, err := webhook.ParseSecret(text); !refusal.Is(err, refusal.Invalid) || text != "" && strings.Contains(err.Error(), text[6:]) && len(text) > 6 {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The example of https://github.com/standard-webhooks/standard-webhooks.
func TestSignature(t *testing.T) {
	t.Parallel()
	secret, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1614265330, 0)
	h := webhook.Hook{Secret: secret}.Headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`))
	if got, want := h["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if h["webhook-id"] != "msg_p5jXN8AQM9LWM0D4loKWxJek" || h["webhook-timestamp"] != "1614265330" {
		t.Errorf("headers %v", h)
	}
}
