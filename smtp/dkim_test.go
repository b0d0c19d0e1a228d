package smtp_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/signup-go/signup/smtp"
	"github.com/signup-go/signup/smtp/smtptest"
)

// TestDKIM verifies signatures of the bytes that were sent.
func TestDKIM(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		key    crypto.Signer
		pem    pem.Block
		record string
	}{
		"RSA":        {rsaKey, pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(t, rsaKey)}, "v=DKIM1; k=rsa; p=" + public(t, rsaKey)},
		"RSA PKCS 1": {rsaKey, pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}, "v=DKIM1; k=rsa; p=" + public(t, rsaKey)},
		"Ed25519": {
			edKey,
			pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(t, edKey)},
			"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edKey.Public().(ed25519.PublicKey)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signs, err := smtp.ReadDKIM("app.example", "mail2026", keyFile(t, tt.pem))
			if err != nil {
				t.Fatal(err)
			}
			server := smtptest.New(t)
			sender := newSender(t, server, func(c *smtp.Config) { c.DKIM, c.FeedbackID = signs, "signup:app:example" })
			for range 2 {
				if err := sender.Send(t.Context(), letter()); err != nil {
					t.Fatal(err)
				}
			}
			for _, m := range server.Messages() {
				checkWire(t, m.Raw)
				checkSigned(t, m.Raw, tt.record)
				verifyInPython(t, m.Raw, tt.record)
			}
		})
	}
}

func checkSigned(t *testing.T, raw []byte, record string) {
	t.Helper()
	if err := verify(raw, record); err != nil {
		t.Errorf("%v:\n%s", err, raw)
	}
	for what, change := range map[string][2]string{
		"body":          {"Hello Ada", "Hello Eve"},
		"subject":       {"Subject:", "Subject: x"},
		"feedback id":   {"Feedback-ID: s", "Feedback-ID: t"},
		"a second From": {"Subject:", "From: evil@app.example\r\nSubject:"},
		"a second To":   {"Subject:", "To: evil@app.example\r\nSubject:"},
	} {
		forged := bytes.Replace(raw, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(forged, raw) {
			t.Fatalf("%s: the text to change is missing in\n%s", what, raw)
		}
		if verify(forged, record) == nil {
			t.Errorf("%s: a forged letter verifies", what)
		}
	}
}

func verify(raw []byte, record string) error {
	got, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT: func(domain string) ([]string, error) {
			if domain != "mail2026._domainkey.app.example" {
				return nil, os.ErrNotExist
			}
			return []string{record}, nil
		},
	})
	if err != nil {
		return err
	}
	if len(got) != 1 || got[0].Domain != "app.example" {
		return os.ErrNotExist
	}
	return got[0].Err
}

// verifyInPython verifies with an implementation that shares no code with the
// signer.
func verifyInPython(t *testing.T, raw []byte, record string) {
	t.Helper()
	const python = "/usr/bin/python3" // Debian's, which has the packages
	if exec.CommandContext(t.Context(), python, "-c", "import dkim, nacl").Run() != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3-dkim and python3-nacl are not installed")
		}
		t.Skip("python3-dkim and python3-nacl are not installed")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", `
import dkim, sys
record = sys.argv[1].encode()
print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: record))`, record)
	cmd.Stdin = bytes.NewReader(raw)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "True\n" {
		t.Errorf("%v: %s\n%s", err, out, raw)
	}
}

func TestDKIMRefuses(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	file := keyFile(t, pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(t, key)})
	secret := filepath.Join(t.TempDir(), "not-a-key")
	writeFile(t, secret, "s3cret")
	for what, try := range map[string][3]string{
		"no file": {"app.example", "s", file + "x"}, "no key": {"app.example", "s", secret},
		"selector": {"app.example", "a b", file}, "no selector": {"app.example", "", file},
	} {
		if _, err := smtp.ReadDKIM(try[0], try[1], try[2]); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for domain, good := range map[string]bool{
		"app.example": true, "APP.example": true, "example": true, "other.example": false, "pp.example": false, "sub.app.example": false, "": false,
	} {
		signs, err := smtp.ReadDKIM(domain, "s", file)
		if err == nil {
			_, err = smtp.NewComposer(smtp.Letterhead{From: letterFrom, DKIM: signs})
		}
		if (err == nil) != good {
			t.Errorf("domain %q: %v", domain, err)
		}
	}
}

func TestFeedbackID(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t)
	sender := newSender(t, server, func(c *smtp.Config) { c.FeedbackID = "signup:app:example" })
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	if got := server.Messages()[0].Header("Feedback-ID"); got != "signup:app:example" {
		t.Errorf("Feedback-ID: %q", got)
	}
	for _, bad := range []string{"a b", "a\r\nBcc: x", strings.Repeat("x", 128)} {
		if _, err := smtp.NewComposer(smtp.Letterhead{From: letterFrom, FeedbackID: bad}); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
}

func keyFile(t *testing.T, block pem.Block) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dkim.pem")
	writeFile(t, path, string(pem.EncodeToMemory(&block)))
	return path
}

func pkcs8(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func public(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(slices.Clone(der))
}
