package letters_test

import (
	"fmt"

	"github.com/signup-go/signup"
	"github.com/signup-go/signup/letters"
)

func ExampleLetters_Write() {
	l, err := letters.New(letters.Options{AppName: "Engine Club", BaseURL: "https://app.example.org"})
	if err != nil {
		panic(err)
	}
	text, err := l.Write(letters.Sample(signup.MailApproved, "en-GB"))
	if err != nil {
		panic(err)
	}
	fmt.Println(text.Subject)
	// Output: Your account at Engine Club is active
}
