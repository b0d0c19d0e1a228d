package smtp_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/smtp"
)

func Example() {
	config, err := smtp.ParseURL("smtp://127.0.0.1:1?tls=none")
	if err != nil {
		panic(err)
	}
	config.From = signup.Address{Name: "Engine Club", Email: "noreply@app.example"}
	sender, err := smtp.New(config)
	if err != nil {
		panic(err)
	}
	err = sender.Send(context.Background(), signup.Letter{
		MailID: "0199c1f2-1111-7000-8000-000000000001",
		To:     signup.Address{Email: "ada@person.example"},
		Text:   signup.Text{Subject: "Hello", Plain: "Hello Ada\n", HTML: "<p>Hello Ada</p>\n"},
	})
	var failure *smtp.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Phase, "try again:", !failure.Permanent())
	}
	// Output: dial try again: true
}
