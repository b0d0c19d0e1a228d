package scope_test

import (
	"testing"

	"github.com/signup-go/signup/scope"
)

func TestHas(t *testing.T) {
	for set, want := range map[scope.Set]map[scope.Scope]bool{
		"":                    {scope.Read: false, scope.Admin: false},
		"read":                {scope.Read: true, scope.Approve: false, scope.CheckPassword: false, scope.Admin: false},
		"approve":             {scope.Read: false, scope.Approve: true, scope.Admin: false},
		"read check-password": {scope.Read: true, scope.CheckPassword: true, scope.Approve: false},
		"admin":               {scope.Read: true, scope.Approve: true, scope.CheckPassword: true, scope.Admin: true},
		"readapprove":         {scope.Read: false, scope.Approve: false},
	} {
		for s, has := range want {
			if set.Has(s) != has {
				t.Errorf("%q has %s: %t", set, s, !has)
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want scope.Set
	}{
		{"read", "read"},
		{"approve,read", "read approve"},
		{" approve  read,read ", "read approve"},
		{"admin", "admin"},
	} {
		if got, err := scope.Parse(c.text); got != c.want || err != nil {
			t.Errorf("%q: %q, %v", c.text, got, err)
		}
	}
	for _, text := range []string{"", " ", "write", "read write", "Read", "read;approve"} {
		if got, err := scope.Parse(text); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}
