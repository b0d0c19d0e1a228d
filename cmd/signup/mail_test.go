package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signup-go/signup/smtp/smtptest"
)

const fancyApp = "Fäden & Söhne 🧵"

// TestMailBytes reads every kind of mail as it came over the wire, with two
// parsers that have nothing in common.
func TestMailBytes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d, "--base-url", "https://signup.test/some/path", "--app-name", fancyApp,
			"--mail-from", `"Fäden, Söhne" <noreply@signup.test>`)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org", "--name", "Die Chefin")
		for kind, m := range s.oneOfEachKind() {
			t.Run(kind, func(t *testing.T) {
				goes := parseInGo(t, m.Raw)
				s.checkHeaders(t, m, goes)
				s.checkParts(t, kind, goes)
				checkBytes(t, m.Raw)
			})
		}
		checkInPython(t, s.mail.Messages()...)
		// The link works where the base URL says it does.
		link := linkIn(t, s.mail.WaitForTo(t, "mail-both@example.org").Plain())
		r := s.send("GET", strings.TrimPrefix(link, "https://signup.test"), "", nil)
		s.wantStatus(r, 200)
		if !strings.Contains(r.body, `action="/some/path/verify-email"`) {
			t.Errorf("the form leads elsewhere:\n%s", r.body)
		}
	})
}

// oneOfEachKind makes the server send every kind of mail it has.
func (s *site) oneOfEachKind() map[string]smtptest.Message {
	s.t.Helper()
	s.confirmed("mail-both")
	s.mailTo("boss", "mail-both") // before the decision makes it pointless
	s.wantStatus(s.admin("PUT", s.pathOf("mail-both")+"/approve", nil), 200)
	s.confirmed("mail-no")
	s.wantStatus(s.admin("PUT", s.pathOf("mail-no")+"/reject", map[string]string{"reason": "Grüße, 😀"}), 200)
	again := person("mail-again")
	again["email"] = "mail-both@example.org"
	s.wantStatus(s.post("/api/v1/sign-up/request", again), 201)
	return map[string]smtptest.Message{
		"confirmation":   s.mailTo("mail-both", "token="),
		"admin_notice":   s.mailTo("boss", "mail-both"),
		"approved":       s.mailTo("mail-both", "is active"),
		"rejected":       s.mailTo("mail-no", "did not accept"),
		"account_exists": s.mailTo("mail-both", "signed up again"),
	}
}

// A parsed is a mail as some parser understood it.
type parsed struct {
	Subject   string   `json:"subject"`
	From      string   `json:"from"` // name and address, decoded
	To        string   `json:"to"`
	MessageID string   `json:"message_id"`
	Date      int64    `json:"date"` // Unix seconds
	Auto      string   `json:"auto"`
	Type      string   `json:"type"`
	Parts     []string `json:"parts"` // media types, in order
	Text      string   `json:"text"`
	HTML      string   `json:"html"`
	Image     string   `json:"image"`   // Content-ID and SHA-256, "" for none
	Defects   []string `json:"defects"` // what the parser forgave
}

// lines are what tells two of them apart.
func (p parsed) lines() []string {
	return append([]string{p.Subject, p.From, p.To, p.MessageID, fmt.Sprint(p.Date), p.Auto, p.Type, p.Text, p.HTML, p.Image}, p.Parts...)
}

func parseInGo(t *testing.T, raw []byte) parsed {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := parsed{MessageID: m.Header.Get("Message-Id"), Auto: m.Header.Get("Auto-Submitted")}
	if out.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Error(err)
	}
	out.From, out.To = oneAddress(t, m.Header, "From"), oneAddress(t, m.Header, "To")
	date, err := m.Header.Date()
	if err != nil {
		t.Error(err)
	}
	out.Date = date.Unix()
	mediaType, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	out.Type = mediaType
	out.addParts(t, m.Body, parameters["boundary"])
	return out
}

func (p *parsed) addParts(t *testing.T, body io.Reader, boundary string) {
	t.Helper()
	for parts := multipart.NewReader(body, boundary); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		mediaType, parameters, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		switch {
		case strings.HasPrefix(mediaType, "multipart/"):
			p.addParts(t, part, parameters["boundary"])
		case strings.HasPrefix(mediaType, "image/"):
			p.addImage(t, part, mediaType)
		default:
			p.addPart(t, part)
		}
	}
}

// addImage keeps what HTML needs to show it, and how many bytes it has.
func (p *parsed) addImage(t *testing.T, part *multipart.Part, mediaType string) {
	t.Helper()
	if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "base64" {
		t.Errorf("encoding %q", encoding)
	}
	data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil {
		t.Error(err)
	}
	p.Parts = append(p.Parts, mediaType)
	p.Image = fmt.Sprintf("%s %x", part.Header.Get("Content-Id"), sha256.Sum256(data))
}

func oneAddress(t *testing.T, h mail.Header, name string) string {
	t.Helper()
	list, err := h.AddressList(name)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s %q: %v", name, h.Get(name), err)
	}
	return strings.TrimSpace(list[0].Name + " <" + list[0].Address + ">")
}

func (p *parsed) addPart(t *testing.T, part *multipart.Part) {
	t.Helper()
	mediaType, parameters, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || !strings.EqualFold(parameters["charset"], "utf-8") {
		t.Errorf("part of type %q: %v", part.Header.Get("Content-Type"), err)
	}
	var body io.Reader = part
	if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding == "quoted-printable" {
		body = quotedprintable.NewReader(part)
	} else {
		t.Errorf("encoding %q", encoding)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	p.Parts = append(p.Parts, mediaType)
	switch mediaType {
	case "text/plain":
		p.Text = unixLines(string(text))
	case "text/html":
		p.HTML = unixLines(string(text))
	}
}

func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func (s *site) checkHeaders(t *testing.T, m smtptest.Message, p parsed) {
	t.Helper()
	if age := time.Since(time.Unix(p.Date, 0)); age < -time.Minute || age > 10*time.Minute {
		t.Errorf("dated %v ago", age)
	}
	if !regexp.MustCompile(`^<[A-Za-z0-9-]+@signup\.test>$`).MatchString(p.MessageID) {
		t.Errorf("Message-ID %q", p.MessageID)
	}
	if p.From != "Fäden, Söhne <noreply@signup.test>" || m.From != "noreply@signup.test" {
		t.Errorf("from %q, envelope %q", p.From, m.From)
	}
	if len(m.To) != 1 || !strings.HasSuffix(p.To, "<"+m.To[0]+">") {
		t.Errorf("to %q, envelope %q", p.To, m.To)
	}
	if p.Auto != "auto-generated" || p.Type != "multipart/alternative" || !slices.Equal(p.Parts, []string{"text/plain", "text/html"}) {
		t.Errorf("Auto-Submitted %q, type %q, parts %q", p.Auto, p.Type, p.Parts)
	}
	if !strings.Contains(p.Subject, fancyApp) {
		t.Errorf("subject %q", p.Subject)
	}
}

// linkIn is the link that a letter is about, which begins a line of the text.
func linkIn(t *testing.T, text string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^https://signup\.test/some/path/\S+$`).FindString(text)
	if m == "" {
		t.Fatalf("no link in\n%s", text)
	}
	return m
}

var linkOfKind = map[string]string{
	"confirmation":   `/verify-email\?token=[A-Za-z0-9_-]{43}`,
	"admin_notice":   `/settings\?tab=users&username=mail-both`,
	"approved":       `/login`,
	"account_exists": `/login`,
}

func (s *site) checkParts(t *testing.T, kind string, p parsed) {
	t.Helper()
	if !regexp.MustCompile(`<html lang="en" dir="ltr"[ >]`).MatchString(p.HTML) {
		t.Errorf("no language:\n%s", p.HTML)
	}
	if !strings.Contains(p.Text, fancyApp) || !strings.Contains(p.HTML, html.EscapeString(fancyApp)) || strings.Contains(p.HTML, fancyApp) {
		t.Errorf("the application's name is not there, or not escaped:\n%s\n%s", p.Text, p.HTML)
	}
	want, ok := linkOfKind[kind]
	if !ok {
		return
	}
	link := linkIn(t, p.Text)
	if !regexp.MustCompile(`^https://signup\.test/some/path` + want + `$`).MatchString(link) {
		t.Errorf("link %q", link)
	}
	var targets []string
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(p.HTML, -1) {
		targets = append(targets, html.UnescapeString(m[1]))
	}
	if !slices.Contains(targets, link) {
		t.Errorf("the HTML leads to %q, the text to %s", targets, link)
	}
}

// checkBytes holds the raw mail to what RFC 5322 and 5321 ask of every line.
func checkBytes(t *testing.T, raw []byte) {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d octets: %.80q", len(line), line)
		}
		if i := bytes.IndexFunc(line, func(r rune) bool { return r >= 0x80 || r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
			t.Errorf("a byte that needs 8BITMIME, or a stray line end: %q", line)
		}
	}
	header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	seen := map[string]bool{}
	for line := range strings.SplitSeq(string(header), "\r\n") {
		name, _, ok := strings.Cut(line, ":")
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		if name = strings.ToLower(name); !ok || seen[name] {
			t.Errorf("header line %q", line)
		}
		seen[name] = true
	}
	for _, name := range []string{"bcc", "cc", "reply-to", "return-path"} {
		if seen[name] {
			t.Errorf("there is a %s", name)
		}
	}
}

const pythonParser = `
import base64, hashlib, email, email.header, email.policy, email.utils, json, sys
def parse(raw):
    m = email.message_from_bytes(raw, policy=email.policy.default)
    old = email.message_from_bytes(raw) # the new policy puts spaces into long names (python/cpython#128110)
    def address(name):
        a, = m[name].addresses
        name, address = email.utils.parseaddr(old[name].replace("\r\n", ""))
        assert address == a.addr_spec
        return (str(email.header.make_header(email.header.decode_header(name))) + " <" + address + ">").strip()
    parts = [p for p in m.walk() if not p.is_multipart()]
    body = {p.get_content_type(): p.get_content().replace("\r\n", "\n") for p in parts if p.get_content_maintype() == "text"}
    image = "".join(p["content-id"].strip() + " " + hashlib.sha256(p.get_content()).hexdigest() for p in parts if p.get_content_maintype() == "image")
    return {
        "subject": m["subject"].strip(), "from": address("from"), "to": address("to"), "message_id": m["message-id"].strip(),
        "date": int(m["date"].datetime.timestamp()), "auto": m["auto-submitted"], "type": m.get_content_type(),
        "parts": [p.get_content_type() for p in parts], "text": body["text/plain"], "html": body["text/html"],
        "image": image,
        "defects": [str(d) for p in m.walk() for d in p.defects] + [str(d) for h in m.values() for d in h.defects],
    }
print(json.dumps([parse(base64.b64decode(raw)) for raw in json.load(sys.stdin)]))
`

// checkInPython parses with Python's email package, where there is one, and
// wants to see the same.
func checkInPython(t *testing.T, mails ...smtptest.Message) {
	t.Helper()
	for i, got := range inPython(t, mails) {
		if len(got.Defects) > 0 {
			t.Errorf("Python had to forgive %q", got.Defects)
		}
		got.Defects = nil
		if want := parseInGo(t, mails[i].Raw); !reflect.DeepEqual(got, want) {
			t.Errorf("Python reads\n%+q\nGo reads\n%+q", got.lines(), want.lines())
		}
	}
}

func inPython(t *testing.T, mails []smtptest.Message) []parsed {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("mails are parsed by Python too: install Debian's package python3")
		}
		t.Log("there is no python3 (Debian's package python3): Go's parser must do")
		return nil
	}
	raw := make([][]byte, len(mails))
	for i, m := range mails {
		raw[i] = m.Raw
	}
	in, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", pythonParser)
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v: %s", err, &errs)
	}
	var all []parsed
	if err := json.Unmarshal(out, &all); err != nil || len(all) != len(mails) {
		t.Fatalf("%d of %d mails, %v", len(all), len(mails), err)
	}
	return all
}

// B14, B15, B23: what people type reaches nobody as anything but text.
func TestMailInjection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d, "--base-url", "https://signup.test/some/path", "--app-name", fancyApp)
		s.Run("user", "create-admin", "--username", "boss", "--email", "boss@example.org")
		for i, name := range hostileNames {
			s.typedName(fmt.Sprintf("typed-%d", i), name)
		}
		s.settled()
		for _, m := range s.mail.Messages() {
			checkBytes(t, m.Raw)
			if len(m.To) != 1 || !strings.HasSuffix(m.To[0], "@example.org") {
				t.Errorf("envelope to %q", m.To)
			}
			checkInert(t, m)
		}
		checkInPython(t, s.mail.Messages()...)
	})
}

var hostileNames = []string{
	"Bob\r\nBcc: x@evil.example", "Bob\nX-Evil: 1", "Bob\rX-Evil: 1", "Bob\u2028Bcc: x@evil.example", "Bob\u0085Bcc: x", "Bob\x00",
	"%0d%0aBcc: x", strings.Repeat("n", 10_000), "<b>x</b>", `<a href="//evil">click</a>`, `"><img src=x onerror=alert(1)>`,
	"{{.Token}}", "{{.Link}}", "${7*7}", "evil.example/win", "Win at https://evil.example now", "www.evil.example", "\u202egnp.exe",
	"=?utf-8?q?Bcc:_x=40evil.example?=", "a, b <c@evil.example>", `quo"te`, "😀", "👨‍👩‍👧‍👦", "🇵🇹", "a" + strings.Repeat("\u0301", 64),
	strings.Repeat("👨‍👩‍👧‍👦", 8), strings.Repeat("语", 250), "Zoë Ångström",
}

// typedName signs up under a name: it is refused, or stored and mailed.
func (s *site) typedName(username, name string) {
	s.t.Helper()
	body := person(username)
	body["name"] = name
	r := s.post("/api/v1/sign-up/request", body)
	if r.status == 400 && strings.Contains(name, "\x00") {
		return
	}
	if r.status == 422 {
		if p := r.problem(s.t); len(p.Errors) != 1 || p.Errors[0].Location != "body.name" {
			s.t.Errorf("%.40q: blames %+v", name, p.Errors)
		}
		if strings.ContainsAny(name, "\r\n") {
			return
		}
		s.absent(username)
		return
	}
	s.wantStatus(r, 201)
	if strings.ContainsAny(name, "\r\n\x00\u0085\u2028\u202e") || len(name) > 1000 {
		s.t.Errorf("%.40q was taken", name)
	}
	if got := s.user(username).Name; got != name {
		s.t.Errorf("%q is stored as %q", name, got)
	}
	s.wantStatus(s.post("/api/v1/sign-up/confirm", token(s.tokenTo(username))), 200)
}

// checkInert looks for what a mail client would act on.
func checkInert(t *testing.T, m smtptest.Message) {
	t.Helper()
	for _, bad := range []string{"<b>x", "<img", "<a href=\"//evil", "onerror=alert(1)>"} {
		if strings.Contains(m.HTML(), bad) {
			t.Errorf("%q is markup in\n%s", bad, m.HTML())
		}
	}
	for _, href := range regexp.MustCompile(`(?:href|src)\s*=\s*"([^"]*)"`).FindAllStringSubmatch(m.HTML(), -1) {
		if !strings.HasPrefix(html.UnescapeString(href[1]), "https://signup.test/some/path") {
			t.Errorf("leads to %q", href[1])
		}
	}
	for _, link := range m.Links() {
		if !strings.HasPrefix(link, "https://signup.test/some/path") {
			t.Errorf("the text holds %q", link)
		}
	}
	if bad := regexp.MustCompile(`(?i)evil\.example|https://evil`).FindString(m.Plain() + m.HTML() + m.Subject() + m.Header("To")); bad != "" {
		t.Errorf("a client makes a link of %q in\n%s", bad, m.Plain())
	}
}

// B39: no request decides where a mail leads.
func TestMailLinkAndHost(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d)
		for i, headers := range [][]string{
			{"Host", "evil.example"},
			{"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http"},
			{"Forwarded", "host=evil.example;proto=http"},
			{"Host", "evil.example", "Origin", "https://evil.example", "Referer", "https://evil.example/x"},
			{"X-Original-Url", "https://evil.example/", "X-Rewrite-Url", "/evil", "X-Forwarded-Prefix", "//evil.example"},
		} {
			name := fmt.Sprintf("host-%d", i)
			r := s.send("POST", "/api/v1/sign-up/request", "application/json", s.json(person(name)), headers...)
			s.wantStatus(r, 201)
			m := s.mail.WaitForTo(t, name+"@example.org")
			if strings.Contains(string(m.Raw), "evil") || strings.Contains(r.body+fmt.Sprint(r.header), "evil") {
				t.Errorf("%q: evil in\n%s%v\n%s", headers, r.body, r.header, m.Raw)
			}
			if !strings.HasPrefix(m.Links()[0], "https://signup.test/verify-email?token=") {
				t.Errorf("%q: link %q", headers, m.Links()[0])
			}
			page := s.send("GET", "/verify-email?token="+tokenOf(t, m.Links()[0]), "", nil, headers...)
			if strings.Contains(page.body+fmt.Sprint(page.header), "evil") {
				t.Errorf("%q: evil on the page", headers)
			}
		}
		for _, document := range []string{"/", "/openapi.json", "/docs", "/resend"} {
			if r := s.send("GET", document, "", nil, "Host", "evil.example", "X-Forwarded-Host", "evil.example"); strings.Contains(r.body, "evil") {
				t.Errorf("evil in %s", document)
			}
		}
	})
}

// B42, B14: long words make no long lines.
func TestMailLongLines(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, d testDatabase) {
		s := openSite(t, d, "--base-url", "https://signup.test/some/path", "--app-name", fancyApp+" "+strings.Repeat("ü", 230),
			"--support", strings.Repeat("long", 600), "--mail-from", "Test <noreply@signup.test>")
		s.confirmed("long")
		s.wantStatus(s.admin("PUT", s.pathOf("long")+"/reject", map[string]string{"reason": strings.Repeat("長", 2000)}), 200)
		s.mailTo("long", "長")
		for _, m := range s.mail.Messages() {
			p := parseInGo(t, m.Raw)
			checkBytes(t, m.Raw)
			if len([]rune(p.Subject)) < 200 {
				t.Errorf("the subject was cut: %q", p.Subject)
			}
			if !strings.Contains(p.Text, strings.Repeat("long", 600)) {
				t.Error("a long word was cut")
			}
		}
		checkInPython(t, s.mail.Messages()...)
	})
}
