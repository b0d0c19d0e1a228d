package identity_test

import (
	"fmt"

	"github.com/signup-go/signup/identity"
	"github.com/signup-go/signup/refusal"
)

func ExampleParseEmail() {
	email, _ := identity.ParseEmail(" Ada+Notes@BÜCHER.example ")
	fmt.Println(email.Typed)
	fmt.Println(email.Key)
	_, err := identity.ParseEmail("a@example.org,b@example.org")
	fmt.Println(refusal.Is(err, refusal.Invalid), err)
	// Output:
	// Ada+Notes@BÜCHER.example
	// ada+notes@xn--bcher-kva.example
	// true email: must be an email address such as name@example.org
}
