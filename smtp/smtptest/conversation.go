package smtptest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// A conversation is one connection from the greeting to its end.
type conversation struct {
	server *Server
	conn   net.Conn
	in     *bufio.Reader
	secure bool
	authed bool
	from   string
	to     []string
}

func newConversation(s *Server, conn net.Conn) *conversation {
	c := &conversation{server: s}
	c.use(conn)
	return c
}

func (c *conversation) use(conn net.Conn) {
	c.conn, c.in = conn, bufio.NewReader(conn)
}

func (c *conversation) run() {
	if c.server.implicit {
		c.encrypt()
	}
	if _, alive := c.answer(Connect, "220 smtptest ESMTP"); !alive {
		return
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		c.server.note(line)
		if !c.handle(line) {
			return
		}
	}
}

func (c *conversation) encrypt() {
	c.use(tls.Server(c.conn, &tls.Config{Certificates: []tls.Certificate{c.server.cert}}))
	c.secure = true
}

// handle reports whether the conversation continues.
func (c *conversation) handle(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return c.hello(c.extensions())
	case "HELO":
		return c.hello("250 smtptest")
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.authenticate(rest)
	case "MAIL":
		return c.mail(rest)
	case "RCPT":
		return c.rcpt(rest)
	case "DATA":
		return c.data()
	case "RSET":
		_, alive := c.answer(Reset, "250 2.0.0 reset")
		c.reset()
		return alive
	case "NOOP":
		return c.write("250 2.0.0 ok")
	case "QUIT":
		_, _ = c.answer(Quit, "221 2.0.0 bye")
		return false
	default:
		return c.write("500 5.5.2 unknown command")
	}
}

func (c *conversation) hello(usual string) bool {
	c.reset()
	_, alive := c.answer(Hello, usual)
	return alive
}

func (c *conversation) extensions() string {
	list := []string{"smtptest", "8BITMIME", "ENHANCEDSTATUSCODES"}
	if c.server.roots != nil && !c.secure {
		list = append(list, "STARTTLS")
	}
	if c.server.user != "" {
		list = append(list, "AUTH PLAIN LOGIN")
	}
	if c.server.utf8 {
		list = append(list, "SMTPUTF8")
	}
	last := len(list) - 1
	return "250-" + strings.Join(list[:last], "\r\n250-") + "\r\n250 " + list[last]
}

func (c *conversation) startTLS() bool {
	if c.server.roots == nil || c.secure {
		return c.write("502 5.5.1 not offered")
	}
	ok, alive := c.answer(StartTLSStep, "220 2.0.0 go ahead")
	if ok && alive {
		c.encrypt()
	}
	return alive
}

func (c *conversation) authenticate(arg string) bool {
	user, password, ok := c.credentials(arg)
	if !ok {
		return c.write("501 5.5.4 bad AUTH")
	}
	if user != c.server.user || password != c.server.password {
		return c.write("535 5.7.8 bad credentials")
	}
	accepted, alive := c.answer(Auth, "235 2.7.0 welcome")
	c.authed = accepted
	return alive
}

func (c *conversation) credentials(arg string) (user, password string, ok bool) {
	mechanism, initial, _ := strings.Cut(arg, " ")
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		b, err := base64.StdEncoding.DecodeString(initial)
		parts := strings.Split(string(b), "\x00")
		if err != nil || len(parts) != 3 {
			return "", "", false
		}
		return parts[1], parts[2], true
	case "LOGIN":
		return c.ask("Username:"), c.ask("Password:"), true
	default:
		return "", "", false
	}
}

func (c *conversation) ask(question string) string {
	c.write("334 " + base64.StdEncoding.EncodeToString([]byte(question)))
	line, _ := c.in.ReadString('\n')
	b, _ := base64.StdEncoding.DecodeString(strings.TrimRight(line, "\r\n"))
	return string(b)
}

func (c *conversation) mail(arg string) bool {
	from, ok := path(arg, "FROM:")
	switch {
	case c.server.user != "" && !c.authed:
		return c.write("530 5.7.0 authentication required")
	case !ok:
		return c.write("501 5.5.4 bad MAIL")
	}
	accepted, alive := c.answer(Mail, "250 2.1.0 ok")
	if accepted {
		c.reset()
		c.from = from
	}
	return alive
}

func (c *conversation) rcpt(arg string) bool {
	to, ok := path(arg, "TO:")
	switch {
	case !ok:
		return c.write("501 5.5.4 bad RCPT")
	case !c.server.utf8 && !ascii(to):
		return c.write("553 5.6.7 address is not ASCII")
	}
	c.to = append(c.to, to)
	accepted, alive := c.answer(Rcpt, "250 2.1.5 ok")
	if !accepted {
		c.to = c.to[:len(c.to)-1]
	}
	return alive
}

func (c *conversation) data() bool {
	if len(c.to) == 0 {
		return c.write("503 5.5.1 no recipient")
	}
	accepted, alive := c.answer(Data, "354 go on")
	if !accepted || !alive {
		return alive
	}
	raw, err := c.body()
	if err != nil {
		return false
	}
	return c.take(Message{From: c.from, To: slices.Clone(c.to), Raw: raw})
}

// take stores the letter before it replies, so that a client that has the reply
// finds the letter.
func (c *conversation) take(m Message) bool {
	rule, misbehave := c.server.rule(Body, c.to)
	if misbehave && !rule.consents() {
		c.server.keepUnanswered(m)
		return c.misbehave(rule, "250 2.0.0 queued")
	}
	c.server.keep(m)
	reply := "250 2.0.0 queued"
	if misbehave {
		reply = rule.reply
	}
	if !c.write(reply) {
		return false
	}
	if rule, ok := c.server.rule(Accepted, c.to); ok {
		return c.misbehave(rule, "")
	}
	c.reset()
	return true
}

// body reads to the final dot and keeps every other byte, including stray line
// ends.
func (c *conversation) body() ([]byte, error) {
	var raw []byte
	for {
		line, err := c.in.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if string(line) == ".\r\n" {
			return raw, nil
		}
		raw = append(raw, bytes.TrimPrefix(line, []byte("."))...)
	}
}

func (c *conversation) reset() { c.from, c.to = "", nil }

// answer sends the usual reply or applies a rule. accepted reports whether the
// reply was positive, alive whether the conversation continues.
func (c *conversation) answer(at Step, usual string) (accepted, alive bool) {
	rule, ok := c.server.rule(at, c.to)
	if !ok {
		return true, c.write(usual)
	}
	return rule.consents(), c.misbehave(rule, usual)
}

func (r *Rule) consents() bool { return r.reply != "" && r.reply[0] < '4' }

func (c *conversation) misbehave(r Rule, usual string) (alive bool) {
	switch {
	case r.drop:
		return false
	case r.hang:
		_, _ = io.Copy(io.Discard, c.in)
		return false
	case r.trickle > 0:
		c.trickle(usual, r.trickle)
		return false
	default:
		return c.write(r.reply)
	}
}

func (c *conversation) trickle(text string, interval time.Duration) {
	code, _, _ := strings.Cut(text, " ")
	endless := code + " " + strings.Repeat("z", 1<<16)
	for i := range len(endless) {
		if _, err := c.conn.Write([]byte{endless[i]}); err != nil {
			return
		}
		time.Sleep(interval)
	}
}

func (c *conversation) write(reply string) bool {
	_, err := io.WriteString(c.conn, reply+"\r\n")
	return err == nil
}

// path parses the address in "FROM:<address> PARAMETERS".
func path(arg, prefix string) (string, bool) {
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		return "", false
	}
	address, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(arg[len(prefix):]), "<"), ">")
	return address, ok
}

func ascii(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(b byte) bool { return b >= 0x80 })
}
