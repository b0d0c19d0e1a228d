package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"
)

// Advice explains what the failure means and what an operator can do about it.
func (e *Error) Advice() string {
	switch e.Phase {
	case PhaseDial:
		return e.dialAdvice()
	case PhaseTLS:
		return e.tlsAdvice()
	case PhaseHello:
		return e.helloAdvice()
	case PhaseAuth:
		return e.authAdvice()
	case PhaseMail:
		return e.mailAdvice()
	case PhaseRcpt:
		return e.rcptAdvice()
	default:
		return e.dataAdvice()
	}
}

func (e *Error) dialAdvice() string {
	var dns *net.DNSError
	switch {
	case errors.Is(e.Err, errNoSlot):
		return "All connections (see connections=) were busy all the time: the server is slow or down."
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		return "There is no such host. Check the name of the mail server for a typing mistake."
	case errors.As(e.Err, &dns):
		return "The name of the mail server could not be looked up: check this machine's DNS."
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return "The host is up, but nothing listens on that port. Usual ports: 587 with tls=starttls, 465 with tls=implicit, 25 between servers. Is the mail server running?"
	case e.timedOut():
		return "There was no response. A firewall may block the connection; many hosting providers block port 25: try 587 or 465."
	case errors.Is(e.Err, syscall.ENETUNREACH), errors.Is(e.Err, syscall.EHOSTUNREACH):
		return "This machine has no route to the host: check the network, and IPv6 if the host has an IPv6 address."
	default:
		return "The connection failed: check the host, the port and the network."
	}
}

func (e *Error) tlsAdvice() string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.Is(e.Err, errNoStartTLS):
		return "Use tls=implicit if the port speaks TLS from the first byte (465 usually). For a server on this machine tls=none is enough."
	case errors.As(e.Err, &notTLS):
		return "The port does not speak TLS from the first byte: use tls=starttls (port 587 usually)."
	case errors.As(e.Err, &name):
		return "The certificate is for another name. Use the name in the certificate as the host, or add server-name=NAME."
	case errors.As(e.Err, &authority):
		return "The certificate is not signed by an authority that this machine trusts. If you use an authority of your own, add ca=FILE with its certificate."
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired:
		return "The certificate has expired (or this machine's clock is wrong). Renew it on the mail server."
	case e.timedOut():
		return "The server stopped responding: on port 25 or 587 use tls=starttls, not tls=implicit."
	case e.Code != 0:
		return "The server would not start TLS: its log says why."
	default:
		return "The server and signup could not agree on an encryption. signup supports TLS 1.2 and 1.3; the mail server's log may say more."
	}
}

func (e *Error) helloAdvice() string {
	switch {
	case e.Code != 0:
		return "The server refuses to talk to this machine: its address may be blocked or must be allowed there, or the server rejects the name in helo=NAME."
	case e.timedOut():
		return "The server accepted the connection but sent nothing. If the port speaks TLS from the first byte (465 usually), use tls=implicit. Some servers make unknown clients wait: set timeout= to as much as 45s."
	default:
		return "This is no mail server, or one that speaks TLS from the first byte (tls=implicit)."
	}
}

func (e *Error) authAdvice() string {
	var none noMethodError
	var token tokenError
	switch {
	case errors.As(e.Err, &token):
		return "The file in token-file= must be readable by signup and contain the token, which your provider's tool keeps up to date."
	case errors.As(e.Err, &none):
		return "The server and signup have no login method in common. Leave out auth=, or remove the user from the URL if the server needs no login."
	case e.Code == 535 || e.Code == 334:
		return "The user or password (or token) are wrong. Many providers require an app password; user names are often whole addresses, with %40 for the @ in the URL. " +
			"If you are sure that they are right, try another login method, such as auth=plain."
	case e.Code == 534 || e.Code == 504:
		return "The server requires another login method: try auth=plain, auth=login, or auth=xoauth2."
	case e.Code >= 400 && e.Code < 500:
		return "The server cannot check the login at the moment. The mail is retried automatically."
	default:
		return "The connection was cut off during the login; the mail server's log says why."
	}
}

func (e *Error) mailAdvice() string {
	switch {
	case errors.Is(e.Err, errNoUTF8):
		return "Your mail server does not support addresses with non-ASCII characters before the @ (SMTPUTF8). Enable that on the server, or use another server."
	case e.Code == 530 || e.Code == 538:
		return "The server requires a login: put the user into the URL and the password into SIGNUP_SMTP_PASSWORD."
	case e.Code >= 500:
		return "The server does not allow this sender: mail-from must be an address that this login may use."
	case e.Code >= 400:
		return "The server is busy or limits how much signup sends. The mail is retried automatically; rate=N in the URL limits the letters per minute."
	default:
		return cutOff
	}
}

const cutOff = "The connection was cut off. The mail is retried automatically; if this happens again, the mail server's log says why."

func (e *Error) rcptAdvice() string {
	switch {
	case e.Code == 0 && e.permanent:
		return "This is not an address that mail can be sent to."
	case e.Code >= 500:
		return "The server does not accept mail for this address: there is no such mailbox, or it does not relay for us. In that case log in, or allow this machine's address on the server."
	case e.Code >= 400:
		return "The server refuses for now: the mailbox is full, a limit was reached, or it uses greylisting, which lets a later attempt pass. The mail is retried automatically."
	default:
		return cutOff
	}
}

func (e *Error) dataAdvice() string {
	switch {
	case e.Code >= 500:
		return "The server rejects the letter itself, usually because of a spam filter or a policy. Check SPF, DKIM and DMARC of the sender's domain first."
	case e.Code >= 400:
		return "The server cannot accept the letter now. It is retried automatically."
	case e.body:
		return "The letter was sent but no reply came: it may have been taken. It is retried automatically with the same Message-ID."
	default:
		return cutOff
	}
}

func (e *Error) timedOut() bool {
	var timeout net.Error
	return errors.Is(e.Err, context.DeadlineExceeded) || errors.As(e.Err, &timeout) && timeout.Timeout()
}
