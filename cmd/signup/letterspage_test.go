package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/signup-go/signup/letters"
	"github.com/signup-go/signup/web/browsertest"
)

// What /dev/letters shows names this server and leads to it.
func TestSampleLettersNameThisServer(t *testing.T) {
	s := startServer(t)
	b := tab{t, &http.Client{}, s.URL}
	for _, path := range []string{"/dev/letters", "/dev/letters/confirmation/en", "/dev/letters/admin_digest/ja"} {
		page := b.get(path)
		if !strings.Contains(page, s.URL+"/") || strings.Contains(page, previewBase) {
			t.Errorf("%s:\n%s", path, page)
		}
	}
	here := s.Run("mail", "preview", "confirmation", "--base-url", "https://signup.test/auth/")
	if !strings.Contains(here, "https://signup.test/auth/verify-email?token=") {
		t.Error(here)
	}
}

// The frame of each letter is as high as the letter, down to its last line.
func TestSampleLettersAreShownWhole(t *testing.T) {
	b := browsertest.Start(t)
	s := startServer(t)
	for _, width := range []int64{390, 1280} {
		b.Size(width, 844)
		b.Open(s.URL + "/dev/letters")
		frame := browsertest.Eval[[]int64](b, `[document.querySelector("iframe").clientWidth, document.querySelector("iframe").clientHeight]`)
		for _, kind := range letters.Kinds() {
			b.Size(frame[0], 100)
			b.Open(fmt.Sprintf("%s/dev/letters/%s/en", s.URL, kind))
			if height := browsertest.Eval[int64](b, "document.documentElement.scrollHeight"); height > frame[1] {
				t.Errorf("%s is %d high at a width of %d, its frame %d", kind, height, frame[0], frame[1])
			}
		}
	}
}
