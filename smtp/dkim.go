package smtp

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/wneessen/go-mail"
)

// A DKIM signs letters (RFC 6376). ReadDKIM makes one.
type DKIM struct {
	domain   string
	selector string
	key      crypto.Signer
}

// minRSABits is the minimum for signers in RFC 8301, section 3.2.
const minRSABits = 1024

// ReadDKIM reads a private key, RSA or Ed25519, in PEM (PKCS #8, or PKCS #1 for
// RSA). The public key must be in the DNS at SELECTOR._domainkey.DOMAIN.
func ReadDKIM(domain, selector, keyFile string) (*DKIM, error) {
	pem, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	key, err := mail.PrivKeyFromPEM(pem)
	if err != nil {
		// Omit the library's error, because it might quote the file.
		return nil, fmt.Errorf("DKIM key: %s must contain an RSA or Ed25519 private key in PEM, without a passphrase", keyFile)
	}
	if r, ok := key.(*rsa.PrivateKey); ok && r.N.BitLen() < minRSABits {
		return nil, fmt.Errorf("DKIM key: an RSA key must have at least %d bits, preferably 2048", minRSABits)
	}
	if !isDNSName(selector) {
		return nil, errors.New("the DKIM selector must be a DNS name such as mail2026")
	}
	return &DKIM{domain: strings.ToLower(hostInASCII(domain)), selector: selector, key: key}, nil
}

// check refuses a domain whose signatures do not count for the sender: DMARC
// requires the sender's domain or one above it (RFC 7489, section 3.1.1).
func (d *DKIM) check(from mailbox) error {
	if d == nil {
		return nil
	}
	domain := strings.ToLower(from.domain())
	if !isDNSName(d.domain) || domain != d.domain && !strings.HasSuffix(domain, "."+d.domain) {
		return fmt.Errorf("the DKIM domain must be %s, the sender's, or one above it", domain)
	}
	return nil
}

// sign prepends a signature to the letter. It does not use go-mail's own signer,
// because what that signs is not what it writes once the list of headers is
// folded.
func (d *DKIM) sign(raw []byte) ([]byte, error) {
	if d == nil {
		return raw, nil
	}
	var signed bytes.Buffer
	err := dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: d.domain, Selector: d.selector, Signer: d.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{
			"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
			"Auto-Submitted", "X-Auto-Response-Suppress", "Feedback-ID",
			// Listed once more than they occur, so that nobody can add another.
			"From", "To", "Subject",
		},
	})
	if err != nil {
		return nil, fmt.Errorf("sign the letter: %w", err)
	}
	return signed.Bytes(), nil
}

func isDNSName(s string) bool {
	return s != "" && !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
}
