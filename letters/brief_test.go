package letters_test

import (
	"testing"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

// A chat gets the facts and the link, and nothing that is said to a person.
func TestBriefForAChat(t *testing.T) {
	l, err := letters.New(letters.Options{AppName: "Orrery", BaseURL: "https://orrery.example.org", Footer: "Orrery Ltd"})
	if err != nil {
		t.Fatal(err)
	}
	ada := signup.Person{Name: "Ada\nSee evil.example", Username: "ada", Email: "ada@example.org"}
	for kind, want := range map[signup.MailKind]signup.Text{
		signup.MailAdminNotice: {
			Subject: "ada waits for approval at Orrery",
			Plain:   "Name: Ada See evil[.]example\nUsername: ada\nEmail: ada@example.org\nhttps://orrery.example.org/review\n",
		},
		signup.MailAdminDigest: {
			Subject: "3 sign-ups wait for approval at Orrery",
			Plain:   "Ada See evil[.]example · ada · ada@example.org\nAnd 2 more.\nhttps://orrery.example.org/review\n",
		},
	} {
		got, err := l.Write(signup.Message{
			Kind: kind, Language: "en", User: ada, Link: "https://orrery.example.org/review", Waiting: 3, People: []signup.Person{ada},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject != want.Subject || got.Plain != want.Plain || got.HTML != "" || got.Inline != nil {
			t.Errorf("%s: %+v\nwant %+v", kind, got, want)
		}
	}
}
