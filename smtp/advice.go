package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"
)

// Advice says in plain words what the failure means and what an operator can
// do about it.
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
		return "As many connections as are allowed (connections=) were busy all the time: the server is slow, or down."
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		return "There is no such host. Look for a typing mistake in the name of the mail server."
	case errors.As(e.Err, &dns):
		return "The name of the mail server could not be looked up: see to this machine's DNS."
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return "The host is there, and nothing listens on that port. Usual ports: 587 with tls=starttls, 465 with tls=implicit, 25 between servers. Is the mail server running?"
	case e.timedOut():
		return "Nobody answered. A firewall may be in between; many hosting providers block port 25: try 587 or 465."
	case errors.Is(e.Err, syscall.ENETUNREACH), errors.Is(e.Err, syscall.EHOSTUNREACH):
		return "There is no way to that host from this machine: see to the network, and to IPv6 if the name has such an address."
	default:
		return "The connection could not be made: see to the host, the port and the network."
	}
}

func (e *Error) tlsAdvice() string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.Is(e.Err, errNoStartTLS):
		return "Use tls=implicit if the port speaks TLS from the first byte (465 usually). For a server on this machine tls=none will do."
	case errors.As(e.Err, &notTLS):
		return "The port does not speak TLS from the first byte: use tls=starttls (port 587 usually)."
	case errors.As(e.Err, &name):
		return "The certificate is for another name. Give the host by the name in it, or add server-name=NAME."
	case errors.As(e.Err, &authority):
		return "Nobody this machine trusts has signed the certificate. If it is your own authority, add ca=FILE with its certificate."
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired:
		return "The certificate has expired (or this machine's clock is wrong): it must be renewed on the mail server."
	case e.timedOut():
		return "The server went silent: on port 25 or 587 use tls=starttls, not tls=implicit."
	case e.Code != 0:
		return "The server would not start TLS: its log says why."
	default:
		return "No encryption could be agreed on. signup speaks TLS 1.2 and 1.3; the mail server's log may say more."
	}
}

func (e *Error) helloAdvice() string {
	switch {
	case e.Code != 0:
		return "The server does not talk to this machine: its address may be blocked or have to be allowed there, or the name in helo=NAME is not liked."
	case e.timedOut():
		return "The server took the connection and said nothing. If the port speaks TLS from the first byte (465 usually), use tls=implicit. Some servers make strangers wait: timeout=45s is the longest."
	default:
		return "This may be no mail server, or one that speaks TLS from the first byte (tls=implicit)."
	}
}

func (e *Error) authAdvice() string {
	var none noMethodError
	var token tokenError
	switch {
	case errors.As(e.Err, &token):
		return "The file that token-file names must be readable for signup and hold the token that your provider's tool keeps renewed."
	case errors.As(e.Err, &none):
		return "The server and signup share no way to log in. Leave out auth=, or take a user out of the URL if the server wants none."
	case e.Code == 535 || e.Code == 334:
		return "User or password (or token) are wrong. Many providers want an app password; user names are often whole addresses, with %40 for the @ in the URL. " +
			"If you are sure of them, try another way to log in, such as auth=plain."
	case e.Code == 534 || e.Code == 504:
		return "The server wants another way to log in: try auth=plain, auth=login, or auth=xoauth2."
	case e.Code >= 400 && e.Code < 500:
		return "The server cannot check the login at the moment. It is tried again by itself."
	default:
		return "The login was cut off: the mail server's log says why."
	}
}

func (e *Error) mailAdvice() string {
	switch {
	case errors.Is(e.Err, errNoUTF8):
		return "Your mail server does not know addresses with other letters than ASCII before the @ (SMTPUTF8). Switch that on there, or use another server."
	case e.Code == 530 || e.Code == 538:
		return "The server wants a login first: put the user into the URL and the password into SIGNUP_SMTP_PASSWORD."
	case e.Code >= 500:
		return "The server does not let us send as this sender: mail-from must be an address that this login may use."
	case e.Code >= 400:
		return "The server is busy or limits how much we send. It is tried again by itself; rate=N in the URL keeps below a limit."
	default:
		return cutOff
	}
}

const cutOff = "The conversation was cut off. It is tried again by itself; when it goes on, the mail server's log says why."

func (e *Error) rcptAdvice() string {
	switch {
	case e.Code == 0 && e.permanent:
		return "This is not an address that mail can be sent to."
	case e.Code >= 500:
		return "The server does not take mail for this address: there is no such mailbox, or it does not relay for us: log in, or allow this machine's address there."
	case e.Code >= 400:
		return "Not now: a full mailbox, a limit, or greylisting, which lets the next try pass. It is tried again by itself."
	default:
		return cutOff
	}
}

func (e *Error) dataAdvice() string {
	switch {
	case e.Code >= 500:
		return "The server does not like the letter itself: usually a spam filter or a policy. SPF, DKIM and DMARC of the sender's domain are what to look at first."
	case e.Code >= 400:
		return "The server could not take the letter now. It is tried again by itself."
	case e.body:
		return "The letter was out and no answer came: it may have been taken. It is tried again by itself, with the same Message-ID."
	default:
		return cutOff
	}
}

func (e *Error) timedOut() bool {
	var timeout net.Error
	return errors.Is(e.Err, context.DeadlineExceeded) || errors.As(e.Err, &timeout) && timeout.Timeout()
}
